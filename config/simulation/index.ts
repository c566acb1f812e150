import { Order } from '../../entities/order.js'
import { Product } from '../../entities/product.js'
import { User } from '../../entities/user.js'
import type { SimulationData } from '../../src/cluster/record-source.js'
import { arraySource } from '../../src/pipeline/runs/array-source.js'
import { generatedSource } from './generator.js'
import { sampleRecords } from './sample.js'

/** What `simulate-insertions` loads. */
export const simulation: SimulationData = {
  sample: () =>
    arraySource(sampleRecords, [User, Product, Order], { title: `sample data (${sampleRecords.length} records)` }),
  generate: generatedSource,
}
