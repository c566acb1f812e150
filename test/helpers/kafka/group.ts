import { randomUUID } from 'node:crypto'
import { ERRORS } from './api'

export interface JoinRequest {
  /** Empty for one that has no id yet. */
  readonly memberId: string
  readonly clientId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[]
}

export interface JoinAnswer {
  readonly error: number
  readonly generation: number
  readonly protocol: string
  readonly leader: string
  readonly memberId: string
  /** For the leader only, who shares the partitions out. */
  readonly members: readonly { readonly id: string; readonly metadata: Buffer }[]
}

export interface SyncAnswer {
  readonly error: number
  readonly assignment: Buffer
}

interface Member extends Omit<JoinRequest, 'memberId'> {
  readonly id: string
  session: NodeJS.Timeout | undefined
  assignment: Buffer
  answerJoin: ((answer: JoinAnswer) => void) | undefined
  answerSync: ((answer: SyncAnswer) => void) | undefined
}

const NOTHING = Buffer.alloc(0)
/** A group that was empty waits a moment for more members, so that they need not share out again at once. */
const FIRST_JOIN_WAIT_MS = 20

/**
 * The coordinator's view of a group.
 *
 * empty       no members
 * preparing   every member is to join again; those that do wait for the others → `#completeJoin`
 * completing  a new generation; members wait for the leader's assignment       → `sync` of the leader
 * stable      everybody has its assignment                                     → `#prepare`, when one comes or goes
 */
export class Group {
  state: 'empty' | 'preparing' | 'completing' | 'stable' = 'empty'
  generation = 0
  #members = new Map<string, Member>()
  #leader = ''
  #protocol = ''
  #deadline: NodeJS.Timeout | undefined

  get members(): readonly { readonly id: string; readonly clientId: string; readonly assignment: Buffer }[] {
    return [...this.#members.values()]
  }

  get protocol(): string {
    return this.#protocol
  }

  join(request: JoinRequest): Promise<JoinAnswer> {
    const { memberId, clientId } = request
    const known = this.#members.get(memberId)
    if (memberId !== '' && known === undefined) return Promise.resolve(refusal(ERRORS.unknownMemberId, memberId))
    if (known !== undefined && this.state === 'stable' && known.id !== this.#leader && isSame(known, request)) {
      this.#hear(known)
      return Promise.resolve(this.#joinAnswer(known))
    }
    return new Promise((resolve) => {
      const id = known?.id ?? `${clientId}-${randomUUID()}`
      known?.answerJoin?.(refusal(ERRORS.unknownMemberId, id))
      clearTimeout(known?.session)
      const { memberId: _memberId, ...rest } = request
      this.#members.set(id, {
        ...rest,
        id,
        session: undefined,
        assignment: NOTHING,
        answerJoin: resolve,
        answerSync: undefined,
      })
      if (this.state === 'preparing') this.#completeJoinIfAllAreHere()
      else this.#prepare()
    })
  }

  sync(memberId: string, generation: number, assignments: ReadonlyMap<string, Buffer>): Promise<SyncAnswer> {
    const member = this.#members.get(memberId)
    const error = this.check(memberId, generation)
    if (member === undefined || error !== ERRORS.none) return Promise.resolve({ error, assignment: NOTHING })
    this.#hear(member)
    if (this.state === 'preparing') {
      return Promise.resolve({ error: ERRORS.rebalanceInProgress, assignment: NOTHING })
    }
    if (this.state === 'stable') return Promise.resolve({ error: ERRORS.none, assignment: member.assignment })
    return new Promise((resolve) => {
      member.answerSync = resolve
      if (memberId === this.#leader) this.#assign(assignments)
    })
  }

  heartbeat(memberId: string, generation: number): number {
    const member = this.#members.get(memberId)
    const error = this.check(memberId, generation)
    if (member === undefined || error !== ERRORS.none) return error
    this.#hear(member)
    return this.state === 'preparing' ? ERRORS.rebalanceInProgress : ERRORS.none
  }

  /** Whether a member may speak for the generation; a group without members lets anybody who names none. */
  check(memberId: string, generation: number): number {
    if (generation < 0 && memberId === '' && this.#members.size === 0) return ERRORS.none
    if (!this.#members.has(memberId)) return ERRORS.unknownMemberId
    return generation === this.generation ? ERRORS.none : ERRORS.illegalGeneration
  }

  leave(memberId: string): number {
    const member = this.#members.get(memberId)
    if (member === undefined) return ERRORS.unknownMemberId
    this.#remove(member)
    return ERRORS.none
  }

  /** Makes every member join again. */
  rebalance(): void {
    if (this.#members.size > 0 && this.state !== 'preparing') this.#prepare()
  }

  /** Forgets all members; they have to join anew. */
  clear(): void {
    clearTimeout(this.#deadline)
    for (const member of this.#members.values()) clearTimeout(member.session)
    this.#members.clear()
    this.state = 'empty'
  }

  #prepare(): void {
    const wasEmpty = this.state === 'empty'
    this.state = 'preparing'
    for (const member of this.#members.values()) this.#refuseSync(member)
    clearTimeout(this.#deadline)
    const patienceMs = Math.max(...[...this.#members.values()].map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs))
    this.#deadline = setTimeout(() => this.#completeJoin(), wasEmpty ? FIRST_JOIN_WAIT_MS : patienceMs)
    if (!wasEmpty) this.#completeJoinIfAllAreHere()
  }

  #completeJoinIfAllAreHere(): void {
    const isWaiting = [...this.#members.values()].every(({ answerJoin }) => answerJoin !== undefined)
    if (isWaiting && this.generation > 0) this.#completeJoin()
  }

  /** Whoever has not joined again is out. */
  #completeJoin(): void {
    clearTimeout(this.#deadline)
    for (const [id, member] of this.#members) {
      if (member.answerJoin !== undefined) continue
      clearTimeout(member.session)
      this.#members.delete(id)
    }
    const members = [...this.#members.values()]
    const [first] = members
    if (first === undefined) {
      this.state = 'empty'
      return
    }
    const common = first.protocols.find(({ name }) =>
      members.every(({ protocols }) => protocols.some((protocol) => protocol.name === name)),
    )
    this.generation += 1
    this.#leader = first.id
    this.#protocol = common?.name ?? ''
    this.state = 'completing'
    for (const member of members) {
      const answer = member.answerJoin
      member.answerJoin = undefined
      this.#hear(member)
      answer?.(this.#joinAnswer(member))
    }
  }

  #assign(assignments: ReadonlyMap<string, Buffer>): void {
    this.state = 'stable'
    for (const member of this.#members.values()) {
      member.assignment = assignments.get(member.id) ?? NOTHING
      member.answerSync?.({ error: ERRORS.none, assignment: member.assignment })
      member.answerSync = undefined
    }
  }

  #refuseSync(member: Member): void {
    member.answerSync?.({ error: ERRORS.rebalanceInProgress, assignment: NOTHING })
    member.answerSync = undefined
  }

  #joinAnswer(member: Member): JoinAnswer {
    const metadataOf = ({ protocols }: Member) =>
      protocols.find(({ name }) => name === this.#protocol)?.metadata ?? NOTHING
    const members = [...this.#members.values()].map((one) => ({ id: one.id, metadata: metadataOf(one) }))
    return {
      error: this.#protocol === '' ? ERRORS.inconsistentGroupProtocol : ERRORS.none,
      generation: this.generation,
      protocol: this.#protocol,
      leader: this.#leader,
      memberId: member.id,
      members: member.id === this.#leader ? members : [],
    }
  }

  /** A member that waits for the others to join is alive. */
  #hear(member: Member): void {
    clearTimeout(member.session)
    member.session = setTimeout(() => {
      if (member.answerJoin === undefined) this.#remove(member)
    }, member.sessionTimeoutMs)
  }

  #remove(member: Member): void {
    clearTimeout(member.session)
    this.#members.delete(member.id)
    member.answerJoin?.(refusal(ERRORS.unknownMemberId, member.id))
    member.answerSync?.({ error: ERRORS.unknownMemberId, assignment: NOTHING })
    if (this.#members.size === 0) this.clear()
    else if (this.state === 'preparing') this.#completeJoinIfAllAreHere()
    else this.#prepare()
  }
}

function refusal(error: number, memberId: string): JoinAnswer {
  return { error, generation: -1, protocol: '', leader: '', memberId, members: [] }
}

function isSame(member: Member, { protocols }: JoinRequest): boolean {
  return (
    protocols.length === member.protocols.length &&
    protocols.every(({ name, metadata }, index) => {
      const other = member.protocols[index]
      return other?.name === name && other.metadata.equals(metadata)
    })
  )
}
