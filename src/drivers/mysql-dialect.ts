import type { Dialect } from './driver.js'

export const mysqlDialect: Dialect = {
  quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
  placeholder: () => '?',
  parametersMax: 60_000,
  lockRows: ' FOR UPDATE',
  charLength: (expression) => `char_length(${expression})`,
  nowMs: 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)',
  instantMs: (column) => `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${column}) DIV 1000`,
  seeksGroups: true,
  isInteger: () => '1 = 1',
  isNumber: () => '1 = 1',
}
