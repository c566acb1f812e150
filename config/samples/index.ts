import { eventSamples } from './event.js'
import { metricSamples } from './metric.js'
import { productSamples } from './product.js'
import { transactionSamples } from './transaction.js'
import { userSamples } from './user.js'

/** What `shardyard generate` can make. */
export const samples = [eventSamples, transactionSamples, metricSamples, userSamples, productSamples]
