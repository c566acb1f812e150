/** Thirty records with the usual mistakes: 24 can be stored, 6 cannot. */

const users: readonly [id: number, name: string, email: string][] = [
  [1, 'Alice', 'alice@example.com'],
  [2, 'Bob', 'bob@example.com'],
  [3, 'Charlie', 'charlie@example.com'],
  [4, 'David', 'david@example.com'],
  [5, 'Eve', 'eve@example.com'],
  [6, 'Frank', 'frank@example.com'],
  [7, 'Grace', 'grace@example.com'],
  // The e-mail of user 1.
  [8, 'Alice', 'alice@example.com'],
  [9, 'Henry', 'henry@example.com'],
  // No name.
  [10, '', 'jane@example.com'],
]

const products: readonly [id: number, name: string, price: string][] = [
  [1, 'Laptop', '1000.00'],
  [2, 'Smartphone', '700.00'],
  [3, 'Headphones', '150.00'],
  [4, 'Monitor', '300.00'],
  [5, 'Keyboard', '50.00'],
  [6, 'Mouse', '30.00'],
  // Looks like product 1; names of products may repeat.
  [7, 'Laptop', '1000.00'],
  [8, 'Smartwatch', '250.00'],
  [9, 'Gaming Chair', '500.00'],
  // A negative price.
  [10, 'Earbuds', '-50.00'],
]

const orders: readonly [id: number, userId: number, productId: number, quantity: number][] = [
  [1, 1, 1, 2],
  [2, 2, 2, 1],
  [3, 3, 3, 5],
  [4, 4, 4, 1],
  [5, 5, 5, 3],
  [6, 6, 6, 4],
  [7, 7, 7, 2],
  // Nothing ordered, by a user who was refused.
  [8, 8, 8, 0],
  // Less than nothing ordered.
  [9, 9, 1, -1],
  // Neither the user nor the product is there.
  [10, 10, 11, 2],
]

/** The records as a data file would hold them. */
export const sampleRecords: readonly Readonly<Record<string, unknown>>[] = [
  ...users.map(([id, name, email]) => ({ entity: 'User', id, name, email })),
  ...products.map(([id, name, price]) => ({ entity: 'Product', id, name, price })),
  ...orders.map(([id, userId, productId, quantity]) => ({ entity: 'Order', id, userId, productId, quantity })),
]
