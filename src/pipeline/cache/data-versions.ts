/** Whether what databases hold may have changed: told from what the engines know of their commits, not from the rows. */
import { randomUUID } from 'node:crypto'
import { PartSchema } from '../../cluster/bookkeeping/part-row.js'
import { RunSchema } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { CommitWatch } from '../../drivers/driver.js'
import { hasRuns } from '../runs/find-run.js'

/**
 * Tells versions of data. What was read after a version was told, and is found again under the same version, is what
 * would be read now. Close it when it is not needed any more.
 */
export class DataVersions {
  readonly #cluster: Cluster
  readonly #watches = new Map<string, Promise<CommitWatch | undefined>>()
  /** Versions of one process mean nothing to another one where an engine counts for each connection. */
  readonly #life = randomUUID()
  #isClosed = false

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** The version of some databases; undefined when one of them cannot tell it exactly, or does not answer. */
  async of(databases: readonly string[]): Promise<string | undefined> {
    const versions = await Promise.all(databases.map((database) => this.#versionOf(database).catch(() => undefined)))
    return versions.includes(undefined) ? undefined : versions.join('\n')
  }

  /** The version of all that a report may read. */
  async ofAll(): Promise<string | undefined> {
    const { definition, databases, router } = this.#cluster
    const homes = new Set(definition.placement.map(({ entity }) => router.routeForRead(entity).database))
    const { control } = definition
    // A queue in control writes whenever a job moves; of what reports read there only runs change.
    if (control === undefined || homes.has(control)) return this.of(databases)
    const others = await this.of(databases.filter((name) => name !== control))
    const runs = await this.#runsVersion(control).catch(() => undefined)
    return others === undefined || runs === undefined ? undefined : `${others}\n${runs}`
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const watches = [...this.#watches.values()]
    this.#watches.clear()
    await Promise.allSettled(watches.map(async (watch) => (await watch)?.close()))
  }

  async #versionOf(database: string): Promise<string | undefined> {
    if (this.#isClosed) return undefined
    const { driver, dataSource, address, exists } = this.#cluster.member(database)
    if (!exists) return undefined
    const watch = this.#watches.get(database) ?? driver.watchCommits(dataSource)
    this.#watches.set(database, watch)
    try {
      const opened = await watch
      return opened && `${address} ${opened.isShared ? '' : this.#life} ${await opened.version()}`
    } catch {
      // What it looks at may be another file, or another server, by now.
      this.#watches.delete(database)
      await (await watch.catch(() => undefined))?.close()
      return undefined
    }
  }

  /** Undefined while a run goes on: its lines, and how long its owner is taken to be alive, change by themselves. */
  async #runsVersion(control: string): Promise<string | undefined> {
    if (!(await hasRuns(this.#cluster))) return 'no runs'
    const { dataSource } = this.#cluster.member(control)
    const runs = dataSource.getRepository(RunSchema)
    const open = await runs
      .createQueryBuilder('run')
      .select(['run.id', 'run.state', 'run.fence', 'run.openSource', 'run.wallMs'])
      .where("run.state <> 'complete'")
      .orderBy('run.id')
      .getMany()
    // A stream's run has no owner; how far it is, its parts tell.
    if (open.some(({ state, openSource }) => state === 'running' && openSource !== null)) return undefined
    const all = await runs
      .createQueryBuilder('run')
      .select('COUNT(*)', 'count')
      .addSelect('MAX(run.startedAt)', 'latest')
      .addSelect('SUM(run.fence)', 'claims')
      .getRawOne<Record<string, unknown>>()
    const parts = await dataSource
      .getRepository(PartSchema)
      .createQueryBuilder('part')
      .select('COUNT(*)', 'count')
      .addSelect('SUM(part.next)', 'next')
      .addSelect('SUM(part.accepted + part.rejected + part.duplicate + part.blank + part.header)', 'records')
      .getRawOne<Record<string, unknown>>()
    return JSON.stringify([open, all, parts])
  }
}
