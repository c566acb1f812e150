import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EntityMetadata } from 'typeorm'
import type { Cluster } from '../../cluster/cluster.js'
import { bookkeepingOf } from '../../cluster/bookkeeping/bookkeeping.js'
import { nameOf } from '../../cluster/entity.js'
import { ShardyardError } from '../../errors.js'
import { planMigrations, type DatabasePlan, type MaintenanceOptions } from './migration-plan.js'
import { migrationText, type MigrationLanguage } from './migration-text.js'
import { reachAll } from './pre-flight.js'
import { driftOf, type SchemaDrift } from './schema-drift.js'
import { makeFolder } from '../../util/make-folder.js'

/** Options of {@link generateMigration}. */
export interface GenerateOptions<Name extends string = string> extends MaintenanceOptions<Name> {
  /** Where the files go; made when it is missing. */
  readonly folder: string
  /** @defaultValue 'ts' */
  readonly language?: MigrationLanguage
  /** The module from which the files import the entities, as seen from `folder`. @defaultValue '../index.js' */
  readonly entitiesFrom?: string
}

/** A migration file that was written. */
export interface GeneratedMigration {
  readonly database: string
  readonly file: string
  /** Name of the class, to be listed in the definition's migrations. */
  readonly migration: string
  readonly entities: readonly string[]
  readonly differences: readonly string[]
}

interface DriftPlan extends DatabasePlan {
  readonly drift: SchemaDrift
}

/**
 * Writes a migration for each database whose schema differs from its entities, in the SQL of its engine; writes
 * nothing where there is no difference. The library's own tables are left to the library.
 *
 * @throws SY_SCHEMA_DRIFT while migrations are pending, which the new one would repeat
 */
export async function generateMigration<Name extends string>(
  cluster: Cluster<Name>,
  name: string,
  options: GenerateOptions<Name>,
): Promise<readonly GeneratedMigration[]> {
  const words = wordsOf(name)
  const reached = await reachAll(planMigrations(cluster, options))
  refusePending(reached.filter(({ migrations, applied }) => migrations.some((one) => !applied.has(one.name))))
  const drifts = await Promise.all(reached.map((plan) => driftPlan(cluster, plan)))
  const differing = drifts.filter(({ drift }) => drift.up.length > 0)
  const now = Date.now()
  const written: GeneratedMigration[] = []
  for (const [index, plan] of differing.entries()) {
    const suffix = differing.length > 1 ? wordsOf(plan.database.name) : []
    written.push(await writeMigration(plan, { words: [...words, ...suffix], stamp: now + index, options }))
  }
  return written
}

async function driftPlan(cluster: Cluster, plan: DatabasePlan): Promise<DriftPlan> {
  const own = bookkeepingOf(cluster.definition, plan.database.name, plan.entities).map(nameOf)
  return { ...plan, drift: await driftOf(plan.database, ({ name }) => !own.includes(name)) }
}

async function writeMigration(
  { database, drift }: DriftPlan,
  to: { readonly words: readonly string[]; readonly stamp: number; readonly options: GenerateOptions },
): Promise<GeneratedMigration> {
  const { folder, language = 'ts', entitiesFrom = '../index.js' } = to.options
  const className = `${to.words.map(capitalised).join('')}${to.stamp}`
  const file = join(folder, `${to.stamp}-${to.words.join('-')}.${language}`)
  const entities = drift.metadatas.map(identifierOf)
  const text = migrationText({
    language,
    className,
    entities,
    entitiesFrom,
    engine: database.driver.engine,
    database: database.name,
    differences: drift.lines,
    up: drift.up,
    down: drift.down,
  })
  try {
    await makeFolder(folder)
    await writeFile(file, text, { flag: 'wx' })
  } catch (cause) {
    const message = `The migration "${file}" cannot be written: ${(cause as Error).message}.`
    throw new ShardyardError('SY_OUTPUT_FAILED', message, { cause, details: { file } })
  }
  return { database: database.name, file, migration: className, entities, differences: drift.lines }
}

function refusePending(plans: readonly DatabasePlan[]): void {
  if (plans.length === 0) return
  const names = plans.map(({ database }) => `"${database.name}"`).join(', ')
  throw new ShardyardError(
    'SY_SCHEMA_DRIFT',
    `Migrations are pending in ${names}; a generated one would repeat them. Run migrate first.`,
    { details: { databases: plans.map(({ database }) => database.name) } },
  )
}

/** `Add user age`, `addUserAge`, `add-user-age` → `add`, `user`, `age` */
function wordsOf(name: string): readonly string[] {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  if (words.length > 0 && /^[a-z]/.test(words[0] ?? '')) return words
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected the migration's name to be words that begin with a letter (add-user-age), got "${name}".`,
  )
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** The class's name; of an EntitySchema, its name as an identifier. */
function identifierOf({ target, name }: EntityMetadata): string {
  if (typeof target === 'function') return target.name
  return name
    .split(/[^A-Za-z0-9]+/)
    .map(capitalised)
    .join('')
}
