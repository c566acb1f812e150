// Compiled, never run: each @ts-expect-error fails the compilation when the line below it is accepted.
import { Cluster, defineCluster, env, place, type ClusterDefinition, type ErrorCode } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'

const databases = { users: 'sqlite:users.db', orders: env('ORDERS_URL', 'sqlite:orders.db') }

const definition = defineCluster({
  databases,
  placement: [place(User, 'users'), place(Order, 'orders')],
  control: 'orders',
})

// @ts-expect-error no database is named "usres"
defineCluster({ databases, placement: [place(User, 'usres')] })

// @ts-expect-error no database is named "control"
defineCluster({ databases, placement: [], control: 'control' })

// @ts-expect-error a number is no database
defineCluster({ databases: { users: 5 }, placement: [] })

// @ts-expect-error what is placed is an entity, not its name
place('User', 'users')

// @ts-expect-error a definition cannot be changed
definition.placement = []

// @ts-expect-error nor can its databases
definition.databases.users = 'sqlite:other.db'

export async function typesOfACluster(): Promise<void> {
  const cluster = await Cluster.open(definition)

  cluster.database('users')
  // @ts-expect-error no database is named "nrth"
  cluster.database('nrth')
  // @ts-expect-error nor here
  await cluster.connect('nrth')

  const user: User | null = await cluster.repository(User).findOneBy({ email: 'ada@example.com' })
  // @ts-expect-error a user has no price
  await cluster.repository(User).findOneBy({ price: '1' })
  // @ts-expect-error a price is a decimal string in the class
  const price: number | undefined = (await cluster.repository(Product).findOneBy({ id: 1 }))?.price
  cluster.explain(Order, { userId: user?.id ?? 1, quantity: price ?? 1 })
  // @ts-expect-error an order has no name
  cluster.explain(Order, { name: 'x' })

  const count: number = await cluster.transaction((tx) => tx.repository(User).count(), { writes: ['users'] })
  // @ts-expect-error no database is named "nrth"
  await cluster.transaction(async () => count, { writes: ['nrth'] })
  // @ts-expect-error nor in the unit of work
  await cluster.transaction(async (tx) => tx.manager('nrth'))
  // @ts-expect-error the answer is what the function answers
  const text: string = await cluster.transaction(async () => 1)

  const names: readonly ('users' | 'orders')[] = cluster.databases
  const general: ClusterDefinition = definition
  // @ts-expect-error the names are known
  const code: ErrorCode = 'SY_NONSENSE'
  console.log(names, general, code, text)
}
