import { changesSchema, isTransactionControl, mayWrite } from 'shardyard/src/cluster/transaction/statement-kind'

describe('a statement that may write', () => {
  test.each([
    'INSERT INTO a VALUES (1)',
    '  update a SET b = 1',
    'DELETE FROM a',
    'CREATE TABLE a (b int)',
    'WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x',
    'with x as (select 1) insert into a select * from x',
    'CALL something()',
    'DO $$ BEGIN END $$',
    '/* a comment */ SELECT 1',
    '',
  ])('is seen in: %s', (sql) => {
    expect(mayWrite(sql)).toBe(true)
  })

  test.each([
    'SELECT 1',
    ' (SELECT 1) UNION (SELECT 2)',
    'select "update" from a',
    'WITH x AS (SELECT 1) SELECT * FROM x',
    'SHOW TABLES',
    'EXPLAIN SELECT 1',
    'PRAGMA table_info("a")',
    'SAVEPOINT typeorm_1',
    'RELEASE SAVEPOINT typeorm_1',
    'ROLLBACK TO SAVEPOINT typeorm_1',
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
  ])('is not seen in: %s', (sql) => {
    expect(mayWrite(sql)).toBe(false)
  })
})

describe('a statement that begins or ends a transaction', () => {
  test.each([
    'BEGIN',
    'begin immediate',
    'START TRANSACTION',
    'COMMIT',
    ' commit;',
    'END',
    'ROLLBACK',
    ';ROLLBACK WORK',
    'ABORT',
    `PREPARE TRANSACTION 'x'`,
    `XA START 'x'`,
  ])('is seen in: %s', (sql) => {
    expect(isTransactionControl(sql)).toBe(true)
  })

  test.each([
    'ROLLBACK TO SAVEPOINT a',
    'ROLLBACK WORK TO a',
    'rollback transaction to savepoint a',
    'SAVEPOINT a',
    'SELECT 1',
    'ENDURE',
    'PREPARE plan AS SELECT 1',
  ])('is not seen in: %s', (sql) => {
    expect(isTransactionControl(sql)).toBe(false)
  })
})

describe('a change of the schema', () => {
  test.each([
    'CREATE TABLE a (b int)',
    ' drop index i on t',
    'ALTER TABLE t ADD c int',
    'TRUNCATE t',
    'create or replace view v as select 1',
  ])('is seen in: %s', (sql) => expect(changesSchema(sql)).toBe(true))
  test.each([
    'INSERT INTO t VALUES (1)',
    'CREATE TEMPORARY TABLE a (b int)',
    'DROP TEMPORARY TABLE a',
    'UPDATE altered SET a = 1',
  ])('is not seen in: %s', (sql) => expect(changesSchema(sql)).toBe(false))
})
