import { ERRORS, type Handler, type Request } from './api'
import type { Group } from './group'
import { WireWriter } from './wire'

/** What the requests about groups need of the broker. */
export interface GroupHost {
  readonly nodeId: number
  readonly port: number
  /** The group of that name; made when there is none. */
  groupOf(name: string): Group
  committed(group: string, topic: string, partition: number): bigint | undefined
  commit(commit: { group: string; topic: string; partition: number; offset: bigint; memberId: string }): void
}

export function groupApis(host: GroupHost) {
  return {
    FindCoordinator: (request) => findCoordinator(host, request),
    JoinGroup: (request) => joinGroup(host, request),
    SyncGroup: (request) => syncGroup(host, request),
    Heartbeat: (request) => heartbeat(host, request),
    LeaveGroup: (request) => leaveGroup(host, request),
    OffsetCommit: (request) => offsetCommit(host, request),
    OffsetFetch: (request) => offsetFetch(host, request),
    DescribeGroups: (request) => describeGroups(host, request),
  } satisfies Record<string, Handler>
}

function findCoordinator({ nodeId, port }: GroupHost, { body, fault }: Request): WireWriter {
  body.string()
  return new WireWriter().int32(0).int16(fault).string(null).int32(nodeId).string('127.0.0.1').int32(port)
}

async function joinGroup(host: GroupHost, { body, clientId, fault }: Request): Promise<WireWriter> {
  const group = host.groupOf(body.string())
  const wanted = {
    sessionTimeoutMs: body.int32(),
    rebalanceTimeoutMs: body.int32(),
    memberId: body.string(),
    protocolType: body.string(),
    protocols: body.array(() => ({ name: body.string(), metadata: body.bytes() ?? Buffer.alloc(0) })),
  }
  const { error, generation, protocol, leader, memberId, members } = fault
    ? { error: fault, generation: -1, protocol: '', leader: '', memberId: wanted.memberId, members: [] }
    : await group.join({ ...wanted, clientId })
  const answer = new WireWriter().int32(0).int16(error).int32(generation)
  answer.string(protocol).string(leader).string(memberId)
  return answer.array(members, ({ id, metadata }) => answer.string(id).bytes(metadata))
}

async function syncGroup(host: GroupHost, { body, fault }: Request): Promise<WireWriter> {
  const group = host.groupOf(body.string())
  const [generation, memberId] = [body.int32(), body.string()]
  const assignments = new Map(body.array((): [string, Buffer] => [body.string(), body.bytes() ?? Buffer.alloc(0)]))
  const { error, assignment } = fault
    ? { error: fault, assignment: Buffer.alloc(0) }
    : await group.sync(memberId, generation, assignments)
  return new WireWriter().int32(0).int16(error).bytes(assignment)
}

function heartbeat(host: GroupHost, { body, fault }: Request): WireWriter {
  const group = host.groupOf(body.string())
  const [generation, memberId] = [body.int32(), body.string()]
  return new WireWriter().int32(0).int16(fault || group.heartbeat(memberId, generation))
}

function leaveGroup(host: GroupHost, { body, fault }: Request): WireWriter {
  const group = host.groupOf(body.string())
  const memberId = body.string()
  return new WireWriter().int32(0).int16(fault || group.leave(memberId))
}

function offsetCommit(host: GroupHost, { body, fault }: Request): WireWriter {
  const name = body.string()
  const group = host.groupOf(name)
  const [generation, memberId] = [body.int32(), body.string()]
  body.int64()
  const topics = body.array(() => ({
    topic: body.string(),
    partitions: body.array(() => {
      const entry = { partition: body.int32(), offset: body.int64() }
      body.nullableString()
      return entry
    }),
  }))
  const refused = group.check(memberId, generation)
  // While members join anew, those of the old generation may still commit; while they wait for their shares, not.
  const error = fault || refused || (group.state === 'completing' ? ERRORS.rebalanceInProgress : ERRORS.none)
  const answer = new WireWriter().int32(0)
  return answer.array(topics, ({ topic, partitions }) => {
    answer.string(topic).array(partitions, ({ partition, offset }) => {
      if (error === ERRORS.none) host.commit({ group: name, topic, partition, offset, memberId })
      answer.int32(partition).int16(error)
    })
  })
}

function offsetFetch(host: GroupHost, { body, fault }: Request): WireWriter {
  const group = body.string()
  const topics = body.array(() => ({ topic: body.string(), partitions: body.array(body.int32) }))
  const answer = new WireWriter().int32(0)
  answer.array(topics, ({ topic, partitions }) => {
    answer.string(topic).array(partitions, (partition) => {
      const offset = host.committed(group, topic, partition) ?? -1n
      answer.int32(partition).int64(offset).string('').int16(ERRORS.none)
    })
  })
  return answer.int16(fault)
}

const STATES = { empty: 'Empty', preparing: 'PreparingRebalance', completing: 'CompletingRebalance', stable: 'Stable' }

function describeGroups(host: GroupHost, { body, fault }: Request): WireWriter {
  const names = body.array(body.string)
  const answer = new WireWriter().int32(0)
  return answer.array(names, (name) => {
    const group = host.groupOf(name)
    answer.int16(fault).string(name).string(STATES[group.state]).string('consumer').string(group.protocol)
    answer.array(group.members, ({ id, clientId, assignment }) => {
      answer.string(id).string(clientId).string('/127.0.0.1').bytes(Buffer.alloc(0)).bytes(assignment)
    })
  })
}
