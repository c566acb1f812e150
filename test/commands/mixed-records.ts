import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

type Made = Record<string, unknown>

/**
 * Records with every kind of trouble, the same ones each time: of each 20, six users (an e-mail twice in different
 * case, one whose first bearer is broken, an id twice), five products, six orders (nobody's, nothing's), strays.
 */
export function mixedRecords(twenties: number): Made[] {
  return Array.from({ length: twenties }, (_, number) => twenty(number * 10)).flat()
}

function twenty(base: number): Made[] {
  const email = (name: string) => `${name}${base}@example.com`
  return [
    { entity: 'Order', id: base + 1, userId: base + 1, productId: base + 1, quantity: 1 },
    { entity: 'Order', id: base + 2, userId: base + 2, productId: base + 2, quantity: 1000 },
    { entity: 'Order', id: base + 3, userId: base + 3, productId: 999_999, quantity: 0 },
    { entity: 'Order', id: base + 4, userId: base + 1, productId: base + 3, quantity: 1.5 },
    { entity: 'Order', id: base + 1, userId: base + 1, productId: base + 1, quantity: 1 },
    { entity: 'Order', id: base + 5, userId: base + 4, productId: base + 2, quantity: 7 },
    { entity: 'User', id: base + 1, name: 'x', email: email('ann') },
    { entity: 'User', id: base + 1, name: 'Ann', email: email('ANN') },
    { entity: 'User', id: base + 2, name: 'Bob', email: email('bob') },
    { entity: 'User', id: base + 3, name: 'Bob again', email: email(' Bob') },
    { entity: 'User', id: base + 4, name: 'Çağla ✓', email: email('cagla') },
    { entity: 'User', id: base + 4, name: 'Another', email: email('another') },
    { entity: 'Product', id: base + 1, name: 'Lamp', price: '10' },
    { entity: 'Product', id: base + 1, name: 'Lamp', price: 10 },
    { entity: 'Product', id: base + 2, name: 'Desk', price: 999999.99 },
    { entity: 'Product', id: base + 3, name: 'Chair', price: '0.001' },
    { entity: 'Product', id: base + 4, name: '', price: null },
    { entity: 'Invoice', id: base + 1 },
    ['not', 'an', 'object'],
    null,
  ] as Made[]
}

/** Outcomes of one twenty: rows that share a person or an id are judged by their place, whatever the threads do. */
export const TWENTY = { accepted: 8, rejected: 10, duplicate: 2 }

/** Writes records as a data file; answers its path. */
export async function dataFile(folder: string, records: unknown, name = 'records.json'): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, typeof records === 'string' ? records : JSON.stringify(records))
  return file
}
