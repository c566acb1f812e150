import { sourceKey } from 'shardyard/src/cluster/record-source'
import { checkName } from 'shardyard/src/cluster/validation/constraints'

// Frozen: both are written into databases. A change of any line loses what was stored under the old one.
test.each([
  ['', '47DEQpj8HBSa-_TImW-5JA'],
  ['sample', 'ryvb4aqbbsHireHWlPQfxw'],
  ['generator 1: 1000 records of seed 1', '35Ykef81C33bm7IBOhZmOQ'],
])('the source %j has the key %s', (identity, key) => {
  expect(sourceKey(identity)).toBe(key)
})

test.each([
  ['users', 'name', 'TOO_SHORT', 'ck_users_name_too_short'],
  ['x'.repeat(40), 'y'.repeat(30), 'TOO_HIGH', 'ck_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_yyyyyyyyyy_74e0604c'],
])('the rule of %s.%s %s is the constraint %s', (table, column, code, name) => {
  expect(checkName(table, column, code)).toBe(name)
  expect(name.length).toBeLessThanOrEqual(63)
})
