/** The check of a definition as a whole, before anything is opened. It collects every mistake instead of the first. */
import { EntitySchema, getMetadataArgsStorage } from 'typeorm'
import { referencesOf } from '../columns/references.js'
import { driverOf } from '../drivers/registry.js'
import { ShardyardError } from '../errors.js'
import { groupBy } from '../util/group-by.js'
import { resolveDatabase, type ClusterDefinition, type ResolvedDatabase } from './definition.js'
import { nameOf, type PlacedEntity } from './entity.js'
import { routerName, RouterChain } from './router.js'

/**
 * Answers the databases with their options.
 *
 * @throws SY_DEFINITION_INVALID with all mistakes, SY_CONFIG_INVALID when a URL that cannot be read is the only one
 */
export function checkDefinition(
  definition: ClusterDefinition,
  environment: Readonly<Record<string, string | undefined>>,
): readonly ResolvedDatabase[] {
  const names = Object.keys(definition.databases)
  const { databases, faults } = resolveAll(definition, environment)
  const chain = new RouterChain(definition.routers, definition.placement, names)
  const mistakes = new Set([
    ...faults.map(({ message }) => message),
    ...placementMistakes(definition, names),
    ...routerMistakes(definition, names, chain),
    ...relationMistakes(definition, chain),
    ...migrationMistakes(definition),
    ...reportMistakes(definition),
    ...sharedDatabases(databases),
    ...parserMistakes(databases),
  ])
  if (mistakes.size === 0) return databases
  if (mistakes.size === 1 && faults[0] !== undefined) throw faults[0]
  const count = mistakes.size === 1 ? 'a mistake' : `${mistakes.size} mistakes`
  throw new ShardyardError(
    'SY_DEFINITION_INVALID',
    `The cluster definition has ${count}:\n${[...mistakes].map((mistake) => `  - ${mistake}`).join('\n')}`,
    { details: { mistakes: [...mistakes] } },
  )
}

/** The databases whose options can be told, and why those of the others cannot. */
function resolveAll(
  { databases: configs }: ClusterDefinition,
  environment: Readonly<Record<string, string | undefined>>,
): { databases: readonly ResolvedDatabase[]; faults: readonly ShardyardError[] } {
  const [databases, faults]: [ResolvedDatabase[], ShardyardError[]] = [[], []]
  for (const [name, config] of Object.entries(configs)) {
    try {
      databases.push(resolveDatabase(name, config as never, environment))
    } catch (error) {
      if (!(error instanceof ShardyardError)) throw error
      faults.push(error)
    }
  }
  return { databases, faults }
}

function* placementMistakes({ placement, control }: ClusterDefinition, names: readonly string[]): Iterable<string> {
  const placedIn = new Map<PlacedEntity, string[]>()
  const tables = new Set(getMetadataArgsStorage().tables.map((table) => table.target))
  for (const { entity, database } of placement) {
    const isEntity = entity instanceof EntitySchema || tables.has(entity)
    if (!isEntity) {
      yield `${String((entity as { name?: unknown } | undefined)?.name ?? entity)} is placed but is no entity: it has no @Entity().`
      continue
    }
    placedIn.set(entity, [...(placedIn.get(entity) ?? []), database])
    if (!names.includes(database)) {
      yield `${nameOf(entity)} is placed in "${database}", which is not among the databases (${names.join(', ')}).`
    }
  }
  for (const [entity, databases] of placedIn) {
    if (databases.length > 1)
      yield `${nameOf(entity)} is placed ${databases.length} times: in ${databases.join(' and ')}.`
  }
  const byName = groupBy(placedIn.keys(), nameOf)
  for (const [name, entities] of byName) {
    if (entities.length > 1) yield `${entities.length} different entities are named ${name}; rename one.`
  }
  if (control !== undefined && !names.includes(control)) {
    yield `The control database is "${control}", which is not among the databases (${names.join(', ')}).`
  }
}

function* routerMistakes(
  { routers, placement }: ClusterDefinition,
  names: readonly string[],
  chain: RouterChain,
): Iterable<string> {
  for (const [index, router] of routers.entries()) {
    for (const { entity } of placement) {
      for (const question of ['databaseForRead', 'databaseForWrite'] as const) {
        const answer = router[question]?.(entity, {})
        if (answer === undefined) continue
        const who = `${routerName(router, index)}: ${question} sends ${nameOf(entity)} to "${answer}"`
        if (!names.includes(answer)) yield `${who}, which is not among the databases (${names.join(', ')}).`
        else if (!chain.allowMigrate(answer, entity)) {
          yield `${who}, which does not have its table; let allowMigrate answer true for it.`
        }
      }
    }
  }
}

function* relationMistakes({ placement }: ClusterDefinition, chain: RouterChain): Iterable<string> {
  const placed = new Map(placement.map((row) => [row.entity, row.database]))
  for (const { entity, database } of placement) {
    const name = nameOf(entity)
    for (const { property, target } of relationsOf(entity, [...placed.keys()])) {
      const home = target === undefined ? undefined : placed.get(target)
      if (target === undefined || home === undefined) {
        yield `${name}.${property} relates to ${target === undefined ? 'an entity' : nameOf(target)} that is not placed.`
      } else if (home !== database) {
        yield `${name}.${property} relates to ${nameOf(target)} across databases ("${database}" and "${home}"). ` +
          `Keep the key column and declare it with @References(() => ${nameOf(target)}).`
      }
    }
    for (const { property, target } of referencesOf(entity)) {
      const to = target()
      if (!placed.has(to)) yield `${name}.${property} references ${nameOf(to)}, which is not placed.`
      else if (!chain.allowRelation(entity, to))
        yield `${name}.${property} references ${nameOf(to)}, which a router does not allow.`
    }
  }
}

/** TypeORM's own relations of an entity; the target is undefined when it cannot be told. */
function relationsOf(
  entity: PlacedEntity,
  placed: readonly PlacedEntity[],
): readonly { property: string; target: PlacedEntity | undefined }[] {
  const resolve = (type: unknown): PlacedEntity | undefined => {
    if (typeof type === 'string') return placed.find((other) => nameOf(other) === type)
    if (type instanceof EntitySchema) return type
    if (typeof type !== 'function') return undefined
    const isClass = /^class\b/.test(Function.prototype.toString.call(type))
    return isClass ? (type as unknown as PlacedEntity) : resolve((type as () => unknown)())
  }
  if (entity instanceof EntitySchema) {
    return Object.entries(entity.options.relations ?? {}).map(([property, relation]) => ({
      property,
      target: resolve(relation?.target),
    }))
  }
  return getMetadataArgsStorage()
    .filterRelations(withParents(entity))
    .map((relation) => ({ property: relation.propertyName, target: resolve(relation.type) }))
}

/** A class and what it extends, which may declare relations too. */
function withParents(entity: PlacedEntity): Function[] {
  const chain: Function[] = []
  for (let at: unknown = entity; typeof at === 'function'; at = Object.getPrototypeOf(at)) chain.push(at)
  return chain
}

function* reportMistakes({ reports }: ClusterDefinition): Iterable<string> {
  const isReport = (given: unknown) => (given as { kind?: unknown } | null | undefined)?.kind === 'shardyard report'
  if (!reports.every(isReport)) yield 'Not everything in `reports` is a report; make each with defineReport().'
  for (const [name, same] of groupBy(reports.filter(isReport), (report) => report.name)) {
    if (same.length > 1) yield `${same.length} reports are named "${name}"; rename all but one.`
  }
}

function* migrationMistakes({ migrations, placement }: ClusterDefinition): Iterable<string> {
  const placed = new Set(placement.map((row) => row.entity))
  const seen = new Set<string>()
  for (const migration of migrations) {
    if (seen.has(migration.name)) yield `The migration ${migration.name} is listed twice.`
    seen.add(migration.name)
    if (!/\d{13}$/.test(migration.name)) {
      yield `The migration ${migration.name} has no time stamp of 13 digits at the end of its name.`
    }
    if (!Array.isArray(migration.entities) || migration.entities.length === 0) {
      yield `The migration ${migration.name} does not say for which entities it is: give it "static readonly entities = [ … ]".`
      continue
    }
    for (const entity of migration.entities) {
      if (!placed.has(entity)) yield `The migration ${migration.name} is for ${nameOf(entity)}, which is not placed.`
    }
  }
}

function* sharedDatabases(databases: readonly ResolvedDatabase[]): Iterable<string> {
  const byIdentity = groupBy(databases, ({ engine, options }) => driverOf(engine).identityOf(options))
  for (const [, sharing] of byIdentity) {
    if (sharing.length < 2) continue
    const { engine, options } = sharing[0] as ResolvedDatabase
    const names = sharing.map((database) => `"${database.name}"`).join(' and ')
    yield `${names} are one physical database (${driverOf(engine).addressOf(options)}); give it one name and place entities there.`
  }
}

/** `parseInt8` of one DataSource changes every PostgreSQL DataSource of the process. */
function* parserMistakes(databases: readonly ResolvedDatabase[]): Iterable<string> {
  const postgres = databases.filter(({ engine }) => engine === 'postgres')
  const values = new Set(postgres.map(({ options }) => (options as { parseInt8?: boolean }).parseInt8 ?? false))
  if (values.size > 1)
    yield 'The PostgreSQL databases differ in parseInt8, which holds for a whole process: set it alike.'
}
