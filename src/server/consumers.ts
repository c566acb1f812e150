import type { Cluster } from '../cluster/cluster.js'
import { environmentValue } from '../cluster/definition.js'
import { ShardyardError } from '../errors.js'
import { StreamConsumer, type ConsumerStatus, type StreamConsumerOptions } from '../pipeline/ingest/stream-consumer.js'
import { resolveKafkaStreamOptions, type KafkaStreamOptions } from '../pipeline/streams/kafka-options.js'
import type { ConsumerSettings } from './define-server.js'
import type { ResolvedServerOptions } from './server-options.js'

/** The consumers of a server: they run from its start until it stops. */
export class Consumers {
  readonly #consumers: readonly StreamConsumer[]

  /**
   * One whose brokers are left to an environment variable that is not set is off.
   *
   * @throws SY_OPTION_INVALID when what was declared cannot be right
   */
  constructor(
    cluster: Cluster,
    settings: readonly ConsumerSettings[],
    { environment, faults = '' }: Pick<ResolvedServerOptions, 'environment'> & Pick<StreamConsumerOptions, 'faults'>,
  ) {
    this.#consumers = settings.flatMap(({ stream, ...rest }) => {
      const { brokers } = stream
      const addresses = 'variable' in brokers ? environmentValue(brokers, environment) : brokers.join(',')
      if (addresses === '') return []
      const options = { ...stream, brokers: addresses.split(',').map((address) => address.trim()) }
      checkStream(rest.name, options)
      return [new StreamConsumer(cluster, { ...rest, stream: options, faults })]
    })
  }

  /** How each is doing, in the order of the settings. */
  get statuses(): readonly ConsumerStatus[] {
    return this.#consumers.map(({ status }) => status)
  }

  /** Until the signal aborts; what is at work then is settled and committed. `onTrouble` is told sentences for people. */
  async run(signal: AbortSignal, onTrouble: (sentence: string) => void): Promise<void> {
    await Promise.all(
      this.#consumers.map((consumer) =>
        consumer.run(signal, (sentence) => onTrouble(`Consumer "${consumer.status.name}": ${sentence}`)),
      ),
    )
  }
}

/** Says which consumer it is that cannot be right. */
function checkStream(name: string, options: KafkaStreamOptions): void {
  try {
    resolveKafkaStreamOptions(options)
  } catch (error) {
    if (!(error instanceof ShardyardError)) throw error
    const { code, message, details } = error
    throw new ShardyardError(code, `The consumer ${JSON.stringify(name)} cannot run: ${message}`, { details })
  }
}
