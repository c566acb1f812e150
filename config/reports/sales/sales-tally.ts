import type { Zone } from '../../../src/pipeline/normalise/zones.js'
import { dayNumber } from '../../../src/pipeline/reports/period.js'
import { TopList } from '../../../src/util/top-list.js'

/** What was sold on a day, or of a month. */
export interface SoldOf {
  orders: number
  units: bigint
  cents: bigint
}

/** What was sold of a product; its name is undefined when the product is not there. */
export interface SoldProduct extends SoldOf {
  readonly id: number
  readonly name: string | undefined
  readonly price: string | undefined
}

/** What a user has bought; the name is undefined when the user is not there. */
export interface Customer extends SoldOf {
  readonly id: number
  readonly name: string | undefined
}

/** Highest revenue first; of equal ones the lower id. */
export function byRevenue(a: SoldOf & { readonly id: number }, b: SoldOf & { readonly id: number }): number {
  return a.cents === b.cents ? a.id - b.id : a.cents > b.cents ? -1 : 1
}

/** Adds orders up that come customer by customer. It keeps the days and a few customers, never the orders. */
export class SalesTally {
  readonly total: SoldOf = { orders: 0, units: 0n, cents: 0n }
  readonly days = new Map<number, SoldOf>()
  customers = 0
  /** Customers with two orders or more. */
  repeatBuyers = 0
  withoutUser = 0
  withoutProduct = 0
  latest: Date | undefined
  readonly #zone: Zone
  readonly #top: TopList<Customer>
  #customer: Customer | undefined

  constructor(zone: Zone, top: number) {
    this.#zone = zone
    this.#top = new TopList<Customer>(top, byRevenue)
  }

  add(
    order: {
      readonly userId: number
      readonly quantity: number
      readonly createdAt: Date
      readonly priceCents: number | undefined
    },
    userName: string | undefined,
  ): void {
    const { userId, quantity, createdAt, priceCents } = order
    if (userId !== this.#customer?.id) {
      this.end()
      this.#customer = { id: userId, name: userName, orders: 0, units: 0n, cents: 0n }
    }
    if (userName === undefined) this.withoutUser += 1
    if (priceCents === undefined) this.withoutProduct += 1
    if (this.latest === undefined || createdAt > this.latest) this.latest = createdAt
    // Both factors are small enough for a double to hold their product.
    const sold = { units: BigInt(quantity), cents: BigInt(quantity * (priceCents ?? 0)) }
    const day = dayNumber(this.#zone, createdAt)
    let ofDay = this.days.get(day)
    if (ofDay === undefined) this.days.set(day, (ofDay = { orders: 0, units: 0n, cents: 0n }))
    for (const sum of [this.total, ofDay, this.#customer]) if (sum !== undefined) addTo(sum, 1, sold)
  }

  /** Closes the customer whose orders came last. */
  end(): void {
    const customer = this.#customer
    if (customer === undefined) return
    this.#customer = undefined
    this.#top.add(customer)
    if (customer.name === undefined) return
    this.customers += 1
    if (customer.orders > 1) this.repeatBuyers += 1
  }

  topCustomers(): Customer[] {
    return this.#top.sorted()
  }
}

export function addTo(sum: SoldOf, orders: number, { units, cents }: Pick<SoldOf, 'units' | 'cents'>): void {
  sum.orders += orders
  sum.units += units
  sum.cents += cents
}
