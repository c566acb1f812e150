import type { ConnectionOptions } from 'node:tls'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'

/** How to prove who we are to the brokers. Without `ssl`, the password of `plain` can be read on the way. */
export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** Options of {@link openKafkaStream}. */
export interface KafkaStreamOptions {
  /** Brokers to ask first, each `host:port`. One that answers is enough. */
  readonly brokers: readonly string[]
  readonly topic: string
  /** Consumers of one group share the partitions, and the group remembers how far it got. */
  readonly group: string
  /** Our name in the logs of the brokers. @defaultValue 'shardyard' */
  readonly clientId?: string
  /** Where a group starts that has committed nothing: at the oldest message, or at the next. @defaultValue true */
  readonly fromBeginning?: boolean
  /** Most messages in one batch, 1 to 100,000. @defaultValue 1,000 */
  readonly batchMax?: number
  /** Partitions at work at the same time, 1 to 64. @defaultValue 4 */
  readonly partitionsAtOnce?: number
  /** TLS, with Node's options when given. @defaultValue false */
  readonly ssl?: boolean | ConnectionOptions
  readonly sasl?: KafkaSasl
  /** How long opening may take in all, in milliseconds. @defaultValue 10,000 */
  readonly connectTimeoutMs?: number
  /** How long a broker may take for an answer, in milliseconds. @defaultValue 30,000 */
  readonly requestTimeoutMs?: number
  /**
   * After so long without a sign of life the group gives our partitions to others, in milliseconds; most brokers want
   * 6,000 at least. A process that died keeps its partitions as long.
   * @defaultValue 15,000
   */
  readonly sessionTimeoutMs?: number
  /** How long a run bears brokers that are away, in milliseconds. @defaultValue 60,000 */
  readonly waitMs?: number
  /** The first back-off after a batch has failed, in milliseconds; it doubles up to 30 s. @defaultValue 500 */
  readonly retryMs?: number
  /** Ends the attempt to open. */
  readonly signal?: AbortSignal
  /** How long brokers, and in `close` the batch at work, may hold up the end, in milliseconds. @defaultValue 10,000 */
  readonly closeLimitMs?: number
}

export type ResolvedKafkaStreamOptions = ReturnType<typeof resolveKafkaStreamOptions>

const DAY_MS = 86_400_000
/** No IPv6 address: kafkajs cannot read it. */
const HOST_AND_PORT = /^[^\s@/:[\]]+:\d{1,5}$/

export function resolveKafkaStreamOptions(options: KafkaStreamOptions) {
  const { clientId = 'shardyard', fromBeginning = true, ssl = false, sasl } = options
  const milliseconds = (name: keyof KafkaStreamOptions, value: unknown, min = 1) =>
    checkInteger(name, value, { min, max: DAY_MS })
  return Object.freeze({
    brokers: checkBrokers(options.brokers),
    topic: checkName('topic', options.topic),
    group: checkName('group', options.group),
    clientId: checkName('clientId', clientId),
    fromBeginning,
    ssl,
    sasl,
    batchMax: checkInteger('batchMax', options.batchMax ?? 1_000, { min: 1, max: 100_000 }),
    partitionsAtOnce: checkInteger('partitionsAtOnce', options.partitionsAtOnce ?? 4, { min: 1, max: 64 }),
    connectTimeoutMs: milliseconds('connectTimeoutMs', options.connectTimeoutMs ?? 10_000),
    requestTimeoutMs: milliseconds('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 100),
    sessionTimeoutMs: milliseconds('sessionTimeoutMs', options.sessionTimeoutMs ?? 15_000, 1_000),
    waitMs: milliseconds('waitMs', options.waitMs ?? 60_000, 0),
    retryMs: milliseconds('retryMs', options.retryMs ?? 500),
    closeLimitMs: milliseconds('closeLimitMs', options.closeLimitMs ?? 10_000),
  })
}

function checkName(option: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw invalid(option, `Expected \`${option}\` to be a name, got ${JSON.stringify(value) ?? 'nothing'}.`)
}

/** What is wrong is not repeated: people write passwords into addresses. */
function checkBrokers(brokers: unknown): readonly string[] {
  if (!Array.isArray(brokers) || brokers.length === 0) {
    throw invalid('brokers', 'Expected `brokers` to be a list of at least one "host:port".')
  }
  const wrong = brokers.findIndex((broker) => typeof broker !== 'string' || !HOST_AND_PORT.test(broker))
  if (wrong === -1) return Object.freeze([...(brokers as string[])])
  throw invalid('brokers', `Expected \`brokers\` to be "host:port" each, without a scheme; number ${wrong + 1} is not.`)
}

function invalid(option: string, message: string): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', message, { details: { option } })
}
