import { ShardyardError } from '../../errors.js'

/** Where a failure happened, for its message. */
export interface StreamAddress {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly group: string
}

interface KafkaError {
  readonly name?: string
  readonly type?: string
  readonly message?: string
  readonly cause?: unknown
}

/** Waiting does not help here; what to do instead. Keys are the names that Kafka gives its errors. */
const REFUSALS: Readonly<Record<string, string>> = {
  KafkaJSSASLAuthenticationError: 'Check the user name and password.',
  SASL_AUTHENTICATION_FAILED: 'Check the user name and password.',
  UNSUPPORTED_SASL_MECHANISM: 'Use a mechanism that the brokers offer.',
  TOPIC_AUTHORIZATION_FAILED: 'Have the user allowed to read the topic.',
  GROUP_AUTHORIZATION_FAILED: 'Have the user allowed to use the group.',
  CLUSTER_AUTHORIZATION_FAILED: 'Have the user allowed to use the cluster.',
  INVALID_TOPIC_EXCEPTION: 'Correct the name of the topic.',
  INVALID_GROUP_ID: 'Correct the name of the group.',
  INCONSISTENT_GROUP_PROTOCOL: 'Other clients use the group in another way; choose another group.',
  INVALID_SESSION_TIMEOUT: 'Choose a session timeout that the brokers allow.',
  KafkaJSNotImplemented: 'Have the messages sent in another way: uncompressed, or with GZIP.',
  KafkaJSServerDoesNotSupportApiKey: 'Use brokers of version 0.11 or later.',
}

/** What to look at when waiting may help; the first is what an unauthorised user sees of a group. */
const HINTS: Readonly<Record<string, string>> = {
  KafkaJSGroupCoordinatorNotFound: 'Check that the user may use the group, and that the brokers are up.',
}
const HINT = 'Check the addresses, TLS, and that the brokers are up.'

/** True when another attempt would end alike. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ShardyardError || find(REFUSALS, error) !== undefined
}

/** True when the group has given our partitions away, or is about to. */
export function isLoss(error: unknown): boolean {
  const types = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'NOT_COORDINATOR_FOR_GROUP']
  return causesOf(error).some(({ type }) => types.includes(type ?? ''))
}

/** The error that names brokers and topic, says why, and what to do: only a topic that is not there is a wrong input. */
export function streamFailure(error: unknown, address: StreamAddress): ShardyardError {
  if (error instanceof ShardyardError) return error
  const { topic, group } = address
  const brokers = address.brokers.join(', ')
  const reason = reasonOf(error)
  const advice = find(REFUSALS, error)
  const hint = find(HINTS, error) ?? HINT
  if (causesOf(error).some(({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION')) {
    const text = `Kafka at ${brokers} has no topic "${topic}". Create it, or correct its name.`
    return new ShardyardError('SY_INPUT_INVALID', text, { cause: error, details: { brokers, topic, group } })
  }
  const text =
    advice === undefined
      ? `Kafka at ${brokers} cannot be reached: ${reason}. ${hint}`
      : `Kafka at ${brokers} refuses topic "${topic}" and group "${group}": ${reason}. ${advice}`
  const kind = advice === undefined ? 'unavailable' : 'refused'
  return new ShardyardError('SY_STREAM_DOWN', text, { cause: error, details: { brokers, topic, group, kind } })
}

/** The message underneath, without the stop at its end. */
export function reasonOf(error: unknown): string {
  const message = causesOf(error).at(-1)?.message ?? String(error)
  return message.replace(/\.$/, '')
}

function find(texts: Readonly<Record<string, string>>, error: unknown): string | undefined {
  for (const { name, type } of causesOf(error)) {
    const text = texts[type ?? ''] ?? texts[name ?? '']
    if (text !== undefined) return text
  }
  return undefined
}

const CAUSES_MAX = 8

function causesOf(error: unknown): KafkaError[] {
  const causes: KafkaError[] = []
  for (let at = error; at instanceof Error && causes.length < CAUSES_MAX; at = at.cause) causes.push(at)
  return causes
}
