import type { CommandModule } from 'yargs'
import { KEY_SCOPES, listKeys, makeKey, revokeKey, type KeyScope, type ServerKey } from '../src/pipeline/keys/keys.js'
import { table } from '../src/util/text-table.js'
import { migrateControl } from './shared/migrate-control.js'
import { cellText } from './shared/io.js'
import { CONFIG_OPTION, withCluster, type CommandContext } from './shared/with-cluster.js'
import type { Cluster } from '../src/cluster/cluster.js'

type Action = 'list' | 'create' | 'revoke'

interface Argv {
  readonly config?: string
  readonly action: Action
  readonly name?: string
  readonly scope?: readonly KeyScope[]
  readonly expires?: string
  readonly json: boolean
}

const DAY_MS = 86_400_000

export const command: CommandModule<object, Argv> = {
  command: 'keys [action] [name]',
  describe: 'make, list and revoke the keys that "serve" asks for',
  builder: (yargs) =>
    yargs
      .positional('action', {
        choices: ['list', 'create', 'revoke'] as const,
        default: 'list' as Action,
        describe: 'what to do',
      })
      .positional('name', { type: 'string', describe: 'create: who uses the key; revoke: the id of the key' })
      .options({
        scope: {
          choices: KEY_SCOPES,
          array: true,
          describe: 'create: what the key allows; may be given several times',
        },
        expires: {
          type: 'string',
          describe: 'create: when it ends: 30d, or a moment like 2030-01-31T00:00:00Z; never, unless given',
          requiresArg: true,
        },
        json: { type: 'boolean', default: false, describe: 'print one JSON value instead of text' },
        ...CONFIG_OPTION,
      })
      .check((argv) => checkWords(argv as Argv))
      .example('$0 keys create dashboard --scope read --scope ingest --scope admin', 'for the people of an office')
      .example('$0 keys create till-7 --scope ingest --expires 365d', 'for a program that sends events')
      .example('$0 keys revoke 3f0c9a5512de', 'takes effect within a few seconds')
      .epilogue(
        'As soon as one key was made, "serve" refuses requests without one. A key is shown once; of it only a hash is\n' +
          'kept, in the control database. Scopes: read, everything but changes; ingest, to bring data in; admin, to change\n' +
          'rows and jobs; faults, to have the server fail on purpose. None includes another.',
      ) as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      await migrateControl(cluster, context)
      return act(cluster, context, argv)
    }),
}

function checkWords({ action, name, scope, expires }: Argv): true {
  if (action === 'create' && name === undefined) throw new Error('Say who uses the key: keys create NAME --scope read.')
  if (action === 'create' && scope === undefined)
    throw new Error(`Say what the key allows: --scope ${KEY_SCOPES.join(', --scope ')}.`)
  if (action === 'revoke' && name === undefined) throw new Error('Name the key by its id: keys revoke ID.')
  if (action === 'list' && name !== undefined) throw new Error('The list takes no name.')
  if (action !== 'create' && (scope !== undefined || expires !== undefined))
    throw new Error('--scope and --expires are for create.')
  if (expires !== undefined) momentOf(expires)
  return true
}

async function act(cluster: Cluster, context: CommandContext, argv: Argv): Promise<number> {
  const { action, name = '', scope = [], expires, json } = argv
  switch (action) {
    case 'list': {
      const keys = await listKeys(cluster)
      if (json) context.json({ keys: keys.map(keyJson) })
      else if (keys.length === 0)
        context.out('No key was made: "serve" asks for none, and only this machine reaches it.')
      else context.out(table(['Key', 'Name', 'Scopes', 'Made (UTC)', 'State'], keys.map(rowOf)))
      return 0
    }
    case 'create': {
      const expiresAt = expires === undefined ? {} : { expiresAt: momentOf(expires) }
      const { key, text } = await makeKey(cluster, { name, scopes: scope, ...expiresAt })
      if (json) context.json({ ...keyJson(key), key: text })
      else {
        context.out(text)
        context.err(`This is the key of "${cellText(name)}" (${key.scopes.join(', ')}). It is not shown again.`)
      }
      return 0
    }
    case 'revoke': {
      const key = await revokeKey(cluster, name)
      if (json) context.json(keyJson(key))
      else context.out(`The key "${cellText(key.name)}" (${key.id}) is revoked.`)
      return 0
    }
    default:
      return action satisfies never
  }
}

/** `30d` from now, or the moment itself. */
function momentOf(text: string): Date {
  const days = /^([1-9]\d{0,4})d$/.exec(text)?.[1]
  const isMoment = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text)
  const moment =
    days === undefined ? new Date(isMoment ? text : Number.NaN) : new Date(Date.now() + Number(days) * DAY_MS)
  if (Number.isNaN(moment.getTime()))
    throw new Error(`--expires takes days (30d) or a moment in UTC (2030-01-31T00:00:00Z), not "${text}".`)
  return moment
}

function rowOf(key: ServerKey): string[] {
  const made = key.createdAt.toISOString().slice(0, 19).replace('T', ' ')
  return [key.id, cellText(key.name), key.scopes.join(', '), made, stateOf(key)]
}

function stateOf({ expiresAt, revokedAt }: ServerKey): string {
  if (revokedAt !== undefined) return 'revoked'
  if (expiresAt === undefined) return 'works'
  const day = expiresAt.toISOString().slice(0, 10)
  return expiresAt.getTime() > Date.now() ? `works until ${day}` : `expired ${day}`
}

function keyJson({ id, name, scopes, createdAt, expiresAt, revokedAt }: ServerKey) {
  return {
    id,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  }
}
