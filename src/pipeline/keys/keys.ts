/** The keys of the server, in the control database: made, listed, revoked. A revoked one stays on the list. */
import { KeySchema, type KeyRow } from '../../cluster/bookkeeping/key-row.js'
import { KEYS_MIGRATION } from '../../cluster/bookkeeping/migrations.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { readApplied } from '../maintenance/migration-records.js'
import { isUnreachable } from '../maintenance/pre-flight.js'
import { controlOf } from '../runs/run-store.js'
import { keyHash, newKeyText } from './key-text.js'

/**
 * What a key allows. `read`: everything but changes; `ingest`: to bring data in; `admin`: to change rows and jobs;
 * `faults`: to have the server fail on purpose. None includes another.
 */
export type KeyScope = 'read' | 'ingest' | 'admin' | 'faults'

export const KEY_SCOPES: readonly KeyScope[] = ['read', 'ingest', 'admin', 'faults']

/** A key as it is told: without its secret, which nobody knows but its user. */
export interface ServerKey {
  /** What the key has between `sy_` and the next `_`. */
  readonly id: string
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly createdAt: Date
  readonly expiresAt: Date | undefined
  readonly revokedAt: Date | undefined
}

/** What {@link makeKey} makes. */
export interface NewKey {
  /** Who or what is to use it, for people; at most 100 characters. */
  readonly name: string
  readonly scopes: readonly KeyScope[]
  /** @defaultValue it does not expire */
  readonly expiresAt?: Date
}

const NAME_LENGTH = 100

/**
 * Makes a key. From then on the server of this cluster asks for one. The text is told here and never again.
 *
 * @throws SY_OPTION_INVALID
 */
export async function makeKey(
  cluster: Cluster,
  given: NewKey,
): Promise<{ readonly key: ServerKey; readonly text: string }> {
  const { name, scopes, expiresAt } = checked(given)
  const { id, text } = newKeyText()
  const row: KeyRow = {
    id,
    name,
    hash: keyHash(text),
    scopes: scopes.join(' '),
    createdAt: Date.now(),
    expiresAt: expiresAt?.getTime() ?? null,
    revokedAt: null,
  }
  await rowsOf(cluster).insert(row)
  return { key: toKey(row), text }
}

/** All keys, the oldest first; none when the control database has no table of them yet. */
export async function listKeys(cluster: Cluster): Promise<readonly ServerKey[]> {
  return (await readKeys(cluster)).map(toKey)
}

/** Ends a key for good; one that is revoked already stays as it is. @throws SY_KEY_UNKNOWN */
export async function revokeKey(cluster: Cluster, id: string): Promise<ServerKey> {
  const update = rowsOf(cluster).createQueryBuilder().update().set({ revokedAt: Date.now() })
  const column = cluster.member(controlOf(cluster)).driver.dialect.quote('revokedAt')
  await update.where(`id = :id AND ${column} IS NULL`, { id }).execute()
  const row = await rowsOf(cluster).findOneBy({ id })
  if (row !== null) return toKey(row)
  throw new ShardyardError('SY_KEY_UNKNOWN', `No key "${id}" was made. "shardyard keys" lists them.`, {
    details: { key: id },
  })
}

/** The keys as they are kept, the oldest first. */
export async function readKeys(cluster: Cluster): Promise<readonly KeyRow[]> {
  const control = cluster.member(controlOf(cluster))
  if (!control.isOpen && !control.exists) return []
  try {
    return await rowsOf(cluster).find({ order: { createdAt: 'ASC', id: 'ASC' } })
  } catch (error) {
    // Without its table no key was ever made.
    if (isUnreachable(control, error) || (await readApplied(control)).has(KEYS_MIGRATION)) throw error
    return []
  }
}

/** A key as it is told, of a row. */
export function toKey({ id, name, scopes, createdAt, expiresAt, revokedAt }: KeyRow): ServerKey {
  return {
    id,
    name,
    scopes: KEY_SCOPES.filter((scope) => scopes.split(' ').includes(scope)),
    createdAt: new Date(Number(createdAt)),
    expiresAt: expiresAt === null ? undefined : new Date(Number(expiresAt)),
    revokedAt: revokedAt === null ? undefined : new Date(Number(revokedAt)),
  }
}

function checked({ name, scopes, expiresAt }: NewKey): NewKey {
  if (name.trim() === '' || [...name].length > NAME_LENGTH)
    throw invalid('name', `A key has a name of 1 to ${NAME_LENGTH} characters, which says who uses it.`)
  const known = KEY_SCOPES.filter((scope) => scopes.includes(scope))
  if (known.length === 0 || scopes.some((scope) => !KEY_SCOPES.includes(scope)))
    throw invalid('scopes', `A key has one scope at least, of ${KEY_SCOPES.join(', ')}.`)
  if (expiresAt !== undefined && !(expiresAt.getTime() > Date.now()))
    throw invalid('expiresAt', 'A key that expires does so at a moment to come.')
  return { name, scopes: known, ...(expiresAt === undefined ? {} : { expiresAt }) }
}

function invalid(option: string, sentence: string): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', sentence, { details: { option } })
}

function rowsOf(cluster: Cluster) {
  return cluster.member(controlOf(cluster)).dataSource.getRepository(KeySchema)
}
