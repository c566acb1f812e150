/** What the engines that are servers share: their options, and the clients of their pools. */
import type { DataSourceOptions, QueryRunner } from 'typeorm'

/** Options that TypeORM hands to the client as they are. */
export function extraOf(options: DataSourceOptions): Record<string, unknown> {
  return (options as { extra?: Record<string, unknown> }).extra ?? {}
}

/** Host, port and database of a URL or of separate options; this machine has one name. */
export function addressParts(
  options: DataSourceOptions,
  portByDefault: number,
): { host: string; port: string; database: string } {
  const given = options as { url?: string; host?: string; port?: number; database?: string }
  const url = given.url === undefined ? undefined : new URL(given.url)
  return {
    host: (url?.hostname ?? given.host ?? 'localhost').toLowerCase().replace(/^(localhost|\[::1\])$/, '127.0.0.1'),
    port: String(url?.port || given.port || portByDefault),
    database: url === undefined ? (given.database ?? '') : decodeURIComponent(url.pathname.slice(1)),
  }
}

/** Keeps the client of a runner in `clients` while the runner has it, so that it can be ended from outside. */
export function trackClient<Client>(runner: QueryRunner, clients: Set<Client>): void {
  const { connect, release } = runner
  let client: Client | undefined
  runner.connect = async () => {
    client = (await connect.call(runner)) as Client
    clients.add(client)
    return client
  }
  runner.release = async () => {
    if (client !== undefined) clients.delete(client)
    await release.call(runner)
  }
}
