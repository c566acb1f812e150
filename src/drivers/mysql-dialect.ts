import type { Dialect } from './driver.js'

export const mysqlDialect: Dialect = {
  quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
  placeholder: () => '?',
  parametersMax: 60_000,
  lockRows: ' FOR UPDATE',
  waitBrieflyForLocks: 'SET SESSION innodb_lock_wait_timeout = 1',
  lockFreeRows: ' FOR UPDATE SKIP LOCKED',
  charLength: (expression) => `char_length(${expression})`,
  nowMs: 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)',
  seeksByLists: false,
  asText: (expression) => `CAST(${expression} AS CHAR)`,
  exactText: (expression) => `CONVERT(${expression} USING utf8mb4) COLLATE utf8mb4_bin`,
  byteOrder: (expression) => `CONVERT(${expression} USING utf8mb4) COLLATE utf8mb4_bin`,
  sumUnits: (expression, scale) => `CAST(SUM(${expression}) * 1${'0'.repeat(scale)} AS DECIMAL(60, 0))`,
  seeksGroups: true,
  isInteger: () => '1 = 1',
  isNumber: () => '1 = 1',
}
