import { selectIn } from 'shardyard/src/pipeline/bulk/bulk-sql'
import { driverOf } from 'shardyard/src/drivers/registry'
import type { Connection, Row } from '../../../src/drivers/driver'
import { ENGINES } from '../../helpers/engines'

interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** A connection that notes what it is asked. */
function recorder(answer: (statement: Statement) => Row[] = () => []) {
  const statements: Statement[] = []
  const note = (sql: string, parameters: readonly unknown[] = []) => {
    statements.push({ sql, parameters })
    return { sql, parameters }
  }
  const connection = {
    query: async (sql: string, parameters?: readonly unknown[]) => answer(note(sql, parameters)),
    execute: async (sql: string, parameters?: readonly unknown[]) => (note(sql, parameters), 1),
  } as unknown as Connection
  return { connection, statements }
}

/** Parameters that a statement has room for. */
function placesOf({ sql }: Statement): number {
  return sql.match(/\?|\$\d+/g)?.length ?? 0
}

describe.each(ENGINES)('statements for many rows on $name', ({ name }) => {
  const { dialect } = driverOf(name)

  test.each([[0], [1], [3], [255], [257], [5_000]])('look for each of %i keys, whatever the padding', async (count) => {
    const { connection, statements } = recorder(({ parameters }) => [...new Set(parameters)].map((id) => ({ id })))
    const keys = Array.from({ length: count }, (_, index) => index)
    const found = await selectIn({ connection, dialect }, 'things', ['id'], 'id', [...keys, ...keys])
    expect(found.map(({ id }) => id)).toEqual(keys)
    for (const statement of statements) expect(placesOf(statement)).toBe(statement.parameters.length)
  })
  test('quote the names that they are made of', async () => {
    const { connection, statements } = recorder()
    await selectIn({ connection, dialect }, 'odd "`table', ['odd "`column'], 'odd "`column', [1])
    expect(statements[0]?.sql).toContain(`FROM ${dialect.quote('odd "`table')}`)
    expect(statements[0]?.sql).toContain(`${dialect.quote('odd "`column')} IN (`)
  })
})
