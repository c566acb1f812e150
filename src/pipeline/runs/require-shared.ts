import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'

/**
 * Makes sure that worker threads can reach the databases of a load; called before anything is done.
 *
 * @throws SY_DEFINITION_INVALID that names each database in memory: a thread would find an empty one of its own there
 */
export function requireShared(cluster: Cluster, databases: Iterable<string>): void {
  const alone = [...new Set(databases)].filter((name) => {
    const { driver, dataSource } = cluster.member(name)
    return !driver.isShared(dataSource.options)
  })
  if (alone.length === 0) return
  const names = alone.map((name) => `"${name}"`).join(' and ')
  const message =
    `A load cannot use ${names}, which ${alone.length === 1 ? 'is' : 'are'} in memory: its worker threads cannot reach ` +
    'that. Give a file, such as sqlite:data/users.db.'
  throw new ShardyardError('SY_DEFINITION_INVALID', message, { details: { mistakes: [message], databases: alone } })
}
