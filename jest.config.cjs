// Which TypeORM and which SQLite driver the tests run on. The environment chooses, because two copies of
// SQLite must never open one file in one process: each variant is a jest run of its own (see test/run.mjs).
const onTypeorm03 = process.env.SHARDYARD_TYPEORM === '0.3'
const onSqlite3 = process.env.SHARDYARD_SQLITE === 'sqlite3'
if (onSqlite3 && !onTypeorm03)
  throw new Error('SHARDYARD_SQLITE=sqlite3 needs SHARDYARD_TYPEORM=0.3: TypeORM 1.x has no sqlite3 driver.')

const swc = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
}

/** @type {import('jest').Config} */
module.exports = {
  displayName: ['typeorm', onTypeorm03 ? '0.3' : '1', onSqlite3 ? 'sqlite3' : ''].filter(Boolean).join('-'),
  testEnvironment: '<rootDir>/test/helpers/environment.mjs',
  // d3 is written as modules, which Node can require and jest cannot; for `umd` its packages name a file that both can.
  testEnvironmentOptions: { customExportConditions: ['umd', 'node', 'node-addons'] },
  // What only names TypeORM and a driver runs on every variant; the rest of the library stands on that.
  testMatch: onTypeorm03
    ? ['<rootDir>/test/{cluster,drivers}/**/*.test.ts', '<rootDir>/test/helpers/engines.test.ts']
    : ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/types/',
    '<rootDir>/test/crash/',
    // Bare connections of loads know no TypeORM: they are tried once with each client.
    ...(onTypeorm03 ? ['<rootDir>/test/drivers/mysql-load'] : []),
    ...(onTypeorm03 && !onSqlite3 ? ['<rootDir>/test/drivers/bulk-insert'] : []),
  ],
  modulePathIgnorePatterns: ['<rootDir>/test-results/'],
  // Tests are compiled here; the library is what `npm run build` left in dist, as shipped.
  // parse5, and what it needs, is written as modules alone.
  transform: { '^.+\\.ts$': ['@swc/jest', swc], '/node_modules/(parse5|entities)/.+\\.js$': ['@swc/jest', swc] },
  transformIgnorePatterns: ['/node_modules/(?!(parse5|entities)/)'],
  moduleNameMapper: {
    '^shardyard$': '<rootDir>/dist/src/index.js',
    '^shardyard/(entities|config)$': '<rootDir>/dist/$1/index.js',
    '^shardyard/((?:src|entities|config|commands)/.+)$': '<rootDir>/dist/$1',
    ...(onTypeorm03 && { '^typeorm$': 'typeorm03', '^typeorm/(.*)$': 'typeorm03/$1' }),
  },
  setupFiles: ['reflect-metadata'],
  testTimeout: 30_000,
  // Many tests wait for a database that was stopped on purpose, so two more than there are processors on the smallest machine.
  maxWorkers: 4,
}
