import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { Cluster, defineCluster, place } from 'shardyard'
import { Event } from 'shardyard/entities'
import { removeAtEnd } from '../helpers/cleanup'
import { KafkaBroker } from '../helpers/kafka/kafka-broker'
import { startCommand } from '../helpers/command'
import { tempFolder } from '../helpers/temp'

jest.setTimeout(240_000)

const [TOPIC, GROUP, PARTITIONS, PER_PARTITION, LATE, KILLS] = ['events', 'shardyard', 4, 4_000, 100, 3]
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const message = (partition: number, index: number) =>
  index % 100 === 99
    ? `poison ${partition} ${index}`
    : JSON.stringify({
        source: `client ${index % 3}`,
        payload: { metric: 'clicks', value: partition * PER_PARTITION + index, ts: 1_704_067_200 + index },
      })

interface Consumer {
  readonly state: string
  readonly lag: number | null
  readonly counts: Readonly<Record<string, number>>
}

/** A server in a process of its own, and where it listens. */
async function startServer(cwd: string, broker: KafkaBroker): Promise<{ child: ChildProcess; address: string }> {
  const env = { SHARDYARD_KAFKA_BROKERS: broker.address }
  const child = startCommand(['shardyard', 'serve', '--port', '0'], { cwd, env })
  for await (const text of child.stdout) {
    const [address] = /http:\S+\d/.exec(String(text)) ?? []
    if (address !== undefined) return { child, address }
  }
  throw new Error('The server has ended.')
}

function doneOf(broker: KafkaBroker): number {
  const offsets = Array.from({ length: PARTITIONS }, (_, partition) => broker.committed(GROUP, TOPIC, partition) ?? 0n)
  return Number(offsets.reduce((sum, offset) => sum + offset, 0n))
}

async function storedIn(folder: string): Promise<number> {
  const cluster = await Cluster.open(
    defineCluster({ databases: { events: `sqlite:${folder}/data/events.db` }, placement: [place(Event, 'events')] }),
  )
  removeAtEnd(() => cluster.close())
  return cluster.repository(Event).count()
}

test('a server that is killed again and again while it reads a topic stores each message once', async () => {
  const broker = await KafkaBroker.open({ topics: { [TOPIC]: PARTITIONS } })
  const append = (from: number, to: number) => {
    for (let partition = 0; partition < PARTITIONS; partition++)
      broker.append(
        TOPIC,
        partition,
        Array.from({ length: to - from }, (_, index) => message(partition, from + index)),
      )
  }
  append(0, PER_PARTITION - LATE)
  const folder = await tempFolder('killed-consumer')
  const total = PARTITIONS * PER_PARTITION
  const killedAt: number[] = []
  let { child, address } = await startServer(folder, broker)
  for (let kill = 1; kill <= KILLS; kill++) {
    while (doneOf(broker) < (total * kill) / (KILLS + 2)) await pause(5)
    await pause(Math.random() * 100)
    child.kill('SIGKILL')
    killedAt.push(doneOf(broker))
    ;({ child, address } = await startServer(folder, broker))
  }
  // So that the last server has something to do, however quick the one before was.
  append(PER_PARTITION - LATE, PER_PARTITION)
  while (doneOf(broker) < total) await pause(50)
  const { items } = (await (await fetch(`${address}/api/v1/consumers`)).json()) as { items: Consumer[] }
  const poison = total / 100
  expect(items).toMatchObject([{ state: 'running' }])
  expect(items[0]?.counts).toEqual({ accepted: total - poison, rejected: poison, duplicate: 0, blank: 0, header: 0 })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await storedIn(folder)).toBe(total - poison)
  // It was killed in the middle, not before or after everything.
  expect(killedAt.every((done) => done > 0 && done < total)).toBe(true)
})
