/** The tables of the library itself. A migration that was released is never changed; a change is a new one. */
import type { MigrationInterface, QueryRunner } from 'typeorm'
import type { PlacedMigration } from '../definition.js'
import type { PlacedEntity } from '../entity.js'
import { columnsFor, createTable } from '../schema/portable-table.js'
import { IdempotencySchema } from './idempotency-row.js'
import { IngestLineSchema } from './ingest-line.js'
import { JobSchema } from './job-row.js'
import { KeySchema } from './key-row.js'
import { LedgerLineSchema } from './ledger-line.js'
import { PartSchema } from './part-row.js'
import { RecordHashSchema } from './record-hash-row.js'
import { RunSchema } from './run-row.js'

class CreateShardyardLedger1763500000000 implements MigrationInterface {
  static readonly entities = [LedgerLineSchema as unknown as PlacedEntity]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'shardyard_ledger',
      withoutRowid: true,
      columns: [
        column.text('source', 22, { isPrimary: true }),
        column.text('entity', 100, { isPrimary: true }),
        column.bigInteger('position', { isPrimary: true }),
        column.text('run', 20, { isPrimary: true }),
        column.text('outcome', 9),
        column.integer('thread'),
        column.bigInteger('durationUs'),
        column.text('rowId', 100, { isNullable: true }),
        column.text('storedBy', 20, { isNullable: true }),
        column.longText('reasons', { isNullable: true }),
        column.longText('record'),
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('shardyard_ledger', true)
  }
}

class CreateShardyardRuns1763500000001 implements MigrationInterface {
  static readonly entities = [RunSchema as unknown as PlacedEntity]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'shardyard_runs',
      columns: [
        column.text('id', 20, { isPrimary: true }),
        column.text('kind', 20),
        column.text('source', 22),
        column.text('openSource', 22, { isNullable: true }),
        column.text('identity', 255),
        column.text('title', 255),
        column.text('state', 12),
        column.text('owner', 255, { isNullable: true }),
        column.instant('leaseUntil', { isNullable: true }),
        column.integer('fence'),
        column.integer('threads'),
        column.integer('batch'),
        column.instant('startedAt'),
        column.instant('finishedAt', { isNullable: true }),
        column.bigInteger('wallMs'),
        column.longText('readCounts'),
        column.longText('measures'),
        column.longText('plan', { isNullable: true }),
      ],
      indices: [
        { name: 'ix_shardyard_runs_source', columnNames: ['source'] },
        { name: 'uq_shardyard_runs_open_source', columnNames: ['openSource'], isUnique: true },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('shardyard_runs', true)
  }
}

class CreateShardyardIngestion1763500000002 implements MigrationInterface {
  static readonly entities = [PartSchema, IngestLineSchema, RecordHashSchema] as unknown as PlacedEntity[]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'shardyard_parts',
      columns: [
        column.id(),
        column.text('run', 20),
        column.integer('file'),
        column.text('entity', 100),
        column.bigInteger('next'),
        column.bigInteger('settledTo'),
        column.bigInteger('accepted'),
        column.bigInteger('rejected'),
        column.bigInteger('duplicate'),
        column.bigInteger('blank'),
        column.bigInteger('header'),
        column.longText('codes'),
      ],
      indices: [{ name: 'uq_shardyard_parts_run_file', columnNames: ['run', 'file'], isUnique: true }],
    })
    await createTable(runner, {
      name: 'shardyard_lines',
      withoutRowid: true,
      columns: [
        column.bigInteger('part', { isPrimary: true }),
        column.bigInteger('position', { isPrimary: true }),
        column.bigInteger('line'),
        column.integer('length'),
        column.text('outcome', 9),
        column.bigInteger('hash1', { isNullable: true }),
        column.bigInteger('hash2', { isNullable: true }),
        column.text('rowId', 100, { isNullable: true }),
        column.longText('reasons', { isNullable: true }),
        column.longText('changes', { isNullable: true }),
        column.text('origin', 64, { isNullable: true }),
        column.bytes('raw', { isNullable: true }),
      ],
    })
    await createTable(runner, {
      name: 'shardyard_hashes',
      withoutRowid: true,
      columns: [
        column.bigInteger('hash1', { isPrimary: true }),
        column.bigInteger('hash2', { isPrimary: true }),
        column.bigInteger('part'),
        column.bigInteger('position'),
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['shardyard_hashes', 'shardyard_lines', 'shardyard_parts']) await runner.dropTable(table, true)
  }
}

/** Before it a database keeps nothing of ingestions. */
export const INGESTION_MIGRATION = CreateShardyardIngestion1763500000002.name

class CreateShardyardJobs1763500000003 implements MigrationInterface {
  static readonly entities = [JobSchema as unknown as PlacedEntity]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'shardyard_jobs',
      columns: [
        column.id('seq'),
        column.text('id', 32),
        column.text('kind', 40),
        column.text('key', 200, { isNullable: true }),
        column.text('state', 9),
        column.longText('data'),
        column.bigInteger('dueAt'),
        column.integer('waitsFor'),
        column.text('onChildFailure', 6),
        column.text('parent', 32, { isNullable: true }),
        column.integer('isTold'),
        column.integer('attempts'),
        column.integer('backoffMs'),
        column.integer('failures'),
        column.integer('crashes'),
        column.integer('fence'),
        column.text('owner', 255, { isNullable: true }),
        column.bigInteger('leaseUntil', { isNullable: true }),
        column.integer('isCancelRequested'),
        column.longText('progress', { isNullable: true }),
        column.longText('result', { isNullable: true }),
        column.longText('error', { isNullable: true }),
        column.bigInteger('createdAt'),
        column.bigInteger('startedAt', { isNullable: true }),
        column.bigInteger('finishedAt', { isNullable: true }),
      ],
      indices: [
        { name: 'uq_shardyard_jobs_id', columnNames: ['id'], isUnique: true },
        { name: 'ix_shardyard_jobs_due', columnNames: ['state', 'waitsFor', 'dueAt', 'seq'] },
        { name: 'ix_shardyard_jobs_lease', columnNames: ['state', 'leaseUntil'] },
        { name: 'ix_shardyard_jobs_parent', columnNames: ['parent'] },
        { name: 'ix_shardyard_jobs_finished', columnNames: ['finishedAt'] },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('shardyard_jobs', true)
  }
}

class CreateShardyardIdempotency1763500000004 implements MigrationInterface {
  static readonly entities = [IdempotencySchema as unknown as PlacedEntity]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'shardyard_idempotency',
      columns: [
        column.text('id', 64, { isPrimary: true }),
        column.text('fingerprint', 64),
        column.integer('status', { isNullable: true }),
        column.longText('answer', { isNullable: true }),
        column.bigInteger('leaseUntil'),
        column.bigInteger('createdAt'),
      ],
      indices: [{ name: 'ix_shardyard_idempotency_created', columnNames: ['createdAt'] }],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('shardyard_idempotency', true)
  }
}

class CreateShardyardKeys1763500000005 implements MigrationInterface {
  static readonly entities = [KeySchema as unknown as PlacedEntity]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'shardyard_keys',
      columns: [
        column.text('id', 16, { isPrimary: true }),
        column.text('name', 100),
        column.text('hash', 64),
        column.text('scopes', 100),
        column.bigInteger('createdAt'),
        column.bigInteger('expiresAt', { isNullable: true }),
        column.bigInteger('revokedAt', { isNullable: true }),
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('shardyard_keys', true)
  }
}

/** Of the queue in control; runs do without it. */
export const JOBS_MIGRATION = CreateShardyardJobs1763500000003.name

/** Of the keys in control. */
export const KEYS_MIGRATION = CreateShardyardKeys1763500000005.name
/** Of what runs do without. */
export const NOT_FOR_RUNS: readonly string[] = [
  JOBS_MIGRATION,
  CreateShardyardIdempotency1763500000004.name,
  KEYS_MIGRATION,
]

/** Oldest first. */
export const BOOKKEEPING_MIGRATIONS: readonly PlacedMigration[] = [
  CreateShardyardLedger1763500000000,
  CreateShardyardRuns1763500000001,
  CreateShardyardIngestion1763500000002,
  CreateShardyardJobs1763500000003,
  CreateShardyardIdempotency1763500000004,
  CreateShardyardKeys1763500000005,
]
