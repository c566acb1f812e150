/**
 * Records made from a seed. The record at a place depends on the seed and the place alone, so a longer run extends a
 * shorter one, and any thread can make any part.
 */
import { Order } from '../../entities/order.js'
import { Product } from '../../entities/product.js'
import { User } from '../../entities/user.js'
import type { PlacedEntity } from '../../src/cluster/entity.js'
import type { GeneratorOptions, RecordSource } from '../../src/cluster/record-source.js'
import { pickBy, seededDraw } from '../../src/util/seeded-draw.js'
import { FIRST, KINDS, LAST, THINGS } from '../words.js'

/** Changes when the same seed would give other records. */
const VERSION = 1
/** Ids of a seed are `seed * ID_SPAN + 1` and on; `seed * ID_SPAN` itself is never given. */
const ID_SPAN = 1_000_000_000
export const SEED_MAX = Math.floor(Number.MAX_SAFE_INTEGER / ID_SPAN) - 1

const [USER, PRODUCT, ORDER] = [1, 2, 3]

/** How many records are looked through for a valid one; then it is the first of all. */
const WALK_MAX = 100

type Made = Record<string, unknown>

/** A third each of users, products and orders; `invalid` of them with an error. */
export function generatedSource(options: GeneratorOptions): RecordSource {
  const { count, seed, invalid } = options
  const made = new GeneratedRecords(seed, invalid)
  const counts = new Map<PlacedEntity, number>([
    [User, Math.ceil(count / 3)],
    [Product, Math.ceil((count - 1) / 3)],
    [Order, Math.floor(count / 3)],
  ])
  const makers = new Map<PlacedEntity, (index: number) => Made>([
    [User, (index) => made.user(index)],
    [Product, (index) => made.product(index)],
    [Order, (index) => made.order(index)],
  ])
  return {
    identity: `generator:v${VERSION} seed=${seed} invalid=${invalid}`,
    title: `${count} generated records (seed ${seed}, ${Math.round(invalid * 1000) / 10} % with errors)`,
    entities: [User, Product, Order].filter((entity) => (counts.get(entity) ?? 0) > 0),
    strays: [],
    generator: options,
    count: (entity) => Math.max(0, counts.get(entity) ?? 0),
    at: (entity, index) => ({ position: index, record: makers.get(entity)?.(index) ?? {} }),
    groupOf: (entity, index) => (entity === User ? made.userGroup(index) : index),
  }
}

class GeneratedRecords {
  readonly #seed: number
  readonly #threshold: number

  constructor(seed: number, invalid: number) {
    this.#seed = seed
    this.#threshold = invalid * 2 ** 32
  }

  user(index: number): Made {
    const id = this.#id(index)
    const name = `${pickBy(FIRST, this.#draw(USER, index, 1))} ${pickBy(LAST, this.#draw(USER, index, 2))}`
    const user = { id, name, email: emailOf(id) }
    switch (this.#error(USER, index, 4)) {
      case 0:
        return { ...user, name: '' }
      case 1:
        return { ...user, email: emailOf(this.#id(this.userGroup(index))) }
      case 2:
        return { ...user, email: `user${id}.example.com` }
      case 3:
        return { ...user, name: 'A' }
      default:
        return user
    }
  }

  /** The user whose e-mail the one at `index` repeats; itself when it repeats none. */
  userGroup(index: number): number {
    return this.#error(USER, index, 4) === 1 ? this.#validBefore(USER, index) : index
  }

  product(index: number): Made {
    const cents = 100 + (this.#draw(PRODUCT, index, 1) % 200_000)
    const name = `${pickBy(THINGS, this.#draw(PRODUCT, index, 2))} ${pickBy(KINDS, this.#draw(PRODUCT, index, 3))}`
    const product = { id: this.#id(index), name, price: (cents / 100).toFixed(2) }
    switch (this.#error(PRODUCT, index, 4)) {
      case 0:
        return { ...product, price: `-${product.price}` }
      case 1:
        return { ...product, price: '1000000.00' }
      case 2:
        return { ...product, name: '' }
      case 3:
        return { ...product, price: `${product.price}5` }
      default:
        return product
    }
  }

  order(index: number): Made {
    const userId = this.#id(this.#valid(USER, this.#draw(ORDER, index, 1) % (index + 1)))
    const productId = this.#id(this.#valid(PRODUCT, this.#draw(ORDER, index, 2) % (index + 1)))
    const order = { id: this.#id(index), userId, productId, quantity: 1 + (this.#draw(ORDER, index, 3) % 10) }
    const nobody = this.#id(-1)
    switch (this.#error(ORDER, index, 6)) {
      case 0:
        return { ...order, quantity: 0 }
      case 1:
        return { ...order, quantity: -1 }
      case 2:
        return { ...order, quantity: 1001 }
      case 3:
        return { ...order, userId: nobody }
      case 4:
        return { ...order, productId: nobody }
      case 5:
        return { ...order, userId: nobody, productId: nobody, quantity: 0 }
      default:
        return order
    }
  }

  #id(index: number): number {
    return this.#seed * ID_SPAN + index + 1
  }

  /** Which of `kinds` errors the record has; -1 for none. The first record of each entity has none. */
  #error(entity: number, index: number, kinds: number): number {
    if (index === 0 || this.#draw(entity, index, 0) >= this.#threshold) return -1
    return this.#draw(entity, index, 7) % kinds
  }

  #valid(entity: number, index: number): number {
    for (let at = index; at > index - WALK_MAX && at > 0; at--) if (this.#error(entity, at, 4) < 0) return at
    return 0
  }

  #validBefore(entity: number, index: number): number {
    return this.#valid(entity, this.#draw(entity, index, 8) % index)
  }

  #draw(entity: number, index: number, salt: number): number {
    return seededDraw(this.#seed, index, entity * 16 + salt)
  }
}

function emailOf(id: number): string {
  return `user${id}@example.com`
}
