import { valueInStatement } from 'shardyard/src/cluster/validation/statement-value'

describe('valueInStatement finds the value that a statement gives a column', () => {
  test.each([
    ['INSERT INTO "users"("id", "name", "email") VALUES (DEFAULT, $1, $2)', ['Ada', 'a@b.co'], 'email', 'a@b.co'],
    ['INSERT INTO `users`(`id`, `name`, `email`) VALUES (DEFAULT, ?, ?)', ['Ada', 'a@b.co'], 'email', 'a@b.co'],
    ['INSERT INTO "users"("id", "name") VALUES (NULL, ?) RETURNING "id"', ['Ada'], 'name', 'Ada'],
    ['INSERT INTO users (name, price) VALUES (upper(?), ?)', ['a,b', 5], 'price', 5],
    [`INSERT INTO users (name, price) VALUES ('x, (y', ?)`, [5], 'price', 5],
    ['INSERT INTO users (name, price) VALUES (?, -12.5)', ['x'], 'price', '-12.5'],
    [
      'UPDATE "products" SET "price" = $1, "updatedAt" = CURRENT_TIMESTAMP WHERE "id" IN ($2)',
      ['-1', 7],
      'price',
      '-1',
    ],
    ['UPDATE `products` SET `name` = ?, `price` = ? WHERE `id` = ?', ['x', '-1', 7], 'price', '-1'],
  ])('%s', (sql, parameters, column, value) => {
    expect(valueInStatement(sql, parameters, column)).toBe(value)
  })
})

describe('valueInStatement does not guess', () => {
  test.each([
    ['an expression', 'UPDATE "products" SET "price" = "price" - ? WHERE "id" = ?', [1, 7], 'price'],
    ['several rows', 'INSERT INTO "users"("email") VALUES (?), (?)', ['a', 'b'], 'email'],
    ['a column that is not there', 'INSERT INTO "users"("email") VALUES (?)', ['a'], 'name'],
    ['no parameters', 'INSERT INTO "users"("email") VALUES (?)', undefined, 'email'],
    ['another statement', 'COMMIT', [], 'email'],
    ['a broken statement', 'INSERT INTO "users"("email") VALUES (', ['a'], 'email'],
  ])('for %s', (_, sql, parameters, column) => {
    expect(valueInStatement(sql, parameters, column)).toBeUndefined()
  })
})
