/** Words that records are made of. A change of a list changes what every seed gives. */

export const FIRST = [
  'Ada',
  'Bora',
  'Çağla',
  'Dimitra',
  'Elif',
  'Фёдор',
  'Grace',
  'Hana',
  'İpek',
  'Jon',
  'Κώστας',
  'Linus',
] as const

export const LAST = [
  'Aydın',
  'Brown',
  'Costa',
  'Demir',
  'Evans',
  'Fischer',
  'Güneş',
  'Hughes',
  'Иванова',
  'Jensen',
  'Kaya',
] as const

export const THINGS = [
  'Laptop',
  'Phone',
  'Headphones',
  'Monitor',
  'Keyboard',
  'Mouse',
  'Desk',
  'Chair',
  'Lamp',
  'Kahve Makinesi',
] as const

export const KINDS = ['Basic', 'Plus', 'Pro', 'Mini', 'Max'] as const
