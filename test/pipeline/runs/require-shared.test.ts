import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { arraySource, Cluster, defineCluster, loadRecords, place } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { removeAtEnd } from '../../helpers/cleanup'
import { tempFolder } from '../../helpers/temp'

const MEMORY = 'sqlite::memory:'

describe('a load into databases of which some are in memory', () => {
  test.each([
    ['users', /^A load cannot use "users", which is in memory/],
    ['control', /^A load cannot use "control", which is in memory/],
    ['users control', /^A load cannot use "users" and "control", which are in memory/],
  ])('(%s) is refused before anything is opened', async (inMemory, says) => {
    const folder = await tempFolder('memory')
    const urlOf = (name: string) => (inMemory.includes(name) ? MEMORY : `sqlite:${join(folder, `${name}.db`)}`)
    const databases = { users: urlOf('users'), orders: urlOf('orders'), control: urlOf('control') }
    const placement = [place(User, 'users'), place(Product, 'orders'), place(Order, 'orders')]
    const cluster = await Cluster.open(defineCluster({ databases, placement }))
    removeAtEnd(() => cluster.close())
    const source = arraySource([{ entity: 'User', id: 1, name: 'Ann', email: 'ann@example.com' }], [User], {
      title: 'one row',
    })
    await expect(loadRecords(cluster, source)).rejects.toMatchObject({
      code: 'SY_DEFINITION_INVALID',
      message: expect.stringMatching(says),
      details: { databases: inMemory.split(' ') },
    })
    expect(existsSync(join(folder, 'users.db')) || existsSync(join(folder, 'control.db'))).toBe(false)
  })

  test('is not refused for one that it does not use', async () => {
    const folder = await tempFolder('memory')
    const databases = { users: MEMORY, orders: `sqlite:${join(folder, 'orders.db')}` }
    const placement = [place(User, 'users'), place(Product, 'orders'), place(Order, 'orders')]
    const cluster = await Cluster.open(defineCluster({ databases, placement, control: 'orders' }))
    removeAtEnd(() => cluster.close())
    const source = arraySource([], [Product], { title: 'no row' })
    await expect(loadRecords(cluster, source)).rejects.toMatchObject({
      message: expect.stringMatching(/no such table/),
    })
  })
})
