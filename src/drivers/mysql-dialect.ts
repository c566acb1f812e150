import type { Dialect } from './driver.js'

export const mysqlDialect: Dialect = {
  quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
  placeholder: () => '?',
  parametersMax: 60_000,
  lockRows: ' FOR UPDATE',
  lockFreeRows: ' FOR UPDATE SKIP LOCKED',
  charLength: (expression) => `char_length(${expression})`,
  nowMs: 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)',
  isInteger: () => '1 = 1',
  isNumber: () => '1 = 1',
}
