import type { Dialect } from './driver.js'

export const mysqlDialect: Dialect = {
  quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
  placeholder: () => '?',
  parametersMax: 60_000,
  lockRows: ' FOR UPDATE',
  waitBrieflyForLocks: 'SET SESSION innodb_lock_wait_timeout = 1',
  charLength: (expression) => `char_length(${expression})`,
  nowMs: 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)',
  isInteger: () => '1 = 1',
  isNumber: () => '1 = 1',
}
