import type {
  Block,
  Chart,
  Column,
  Figure,
  ReportModel,
  Row,
  Table,
} from '../../../src/pipeline/reports/report-model.js'
import { dayText, type Period } from '../../../src/pipeline/reports/period.js'
import { decimalOf, dividedRounded } from '../../../src/util/fixed-point.js'
import { groupBy } from '../../../src/util/group-by.js'
import { addTo, type SalesTally, type SoldOf, type SoldProduct } from './sales-tally.js'

/** What the report is made of. */
export interface Sales {
  readonly tally: SalesTally
  readonly period: Period
  readonly products: readonly SoldProduct[]
}

/** Days that a line can show; beyond that it goes by months. */
const LINE_DAYS = 400
const MONEY = { kind: 'decimal', digits: 2 } as const
const money = (cents: bigint) => decimalOf(cents, 2)

export function salesModel({ tally, period, products }: Sales): ReportModel {
  const days = daysOf(tally)
  const months = monthsOf(days)
  const customers = tally.topCustomers()
  const base = { title: 'Sales', subtitle: period.title, mainTable: 'days' }
  const asOf = tally.latest ?? period.endsAt ?? new Date(0)
  return {
    ...base,
    asOf,
    blocks: [
      ...summary(tally),
      revenueChart(days, months),
      barsOf('top-products', 'Products with the highest revenue', labelled(products, 'Product')),
      barsOf('top-customers', 'Customers with the highest revenue', labelled(customers, 'User')),
      table(
        'months',
        'Revenue by month',
        [MONTH],
        months.map(([month, sold]) => [month, ...soldCells(sold)]),
      ),
      table(
        'days',
        'Revenue by day',
        [DAY],
        days.map(([day, sold]) => [day, ...soldCells(sold)]),
      ),
      table(
        'products',
        'Products with the highest revenue',
        [ID, NAME, PRICE],
        products.map((one) => [one.id, one.name ?? null, one.price ?? null, ...soldCells(one)]),
      ),
      table(
        'customers',
        'Customers with the highest revenue',
        [ID, NAME],
        customers.map((one) => [one.id, one.name ?? null, ...soldCells(one)]),
      ),
    ].filter((block) => block !== undefined),
  }
}

function summary(tally: SalesTally): Block[] {
  const { orders } = tally.total
  if (orders === 0) return [{ block: 'text', text: 'There are no orders.' }, ...figuresOf(tally)]
  return [
    {
      block: 'text',
      text: "Revenue is quantity times today's price of the product: orders do not keep the price they were made at.",
    },
    ...figuresOf(tally),
    ...warnings(tally),
  ]
}

function figuresOf(tally: SalesTally): Block[] {
  const { orders, units, cents } = tally.total
  const { customers, repeatBuyers, withoutProduct, withoutUser } = tally
  const average = orders === 0 ? null : money(dividedRounded(cents, BigInt(orders)))
  const share = customers === 0 ? null : repeatBuyers / customers
  const first: Figure[] = [
    { name: 'revenue', label: 'Revenue', value: money(cents), ...MONEY },
    countOf('orders', 'Orders', orders),
    { name: 'average-order', label: 'Average order', value: average, ...MONEY },
  ]
  const others: Figure[] = [
    countOf('units', 'Pieces sold', units),
    countOf('customers', 'Customers', customers),
    countOf('repeat-buyers', 'Bought again', repeatBuyers),
    { name: 'repeat-share', label: 'Share of them', value: share, kind: 'share' },
    lackOf('orders-without-product', 'No such product', withoutProduct),
    lackOf('orders-without-user', 'No such user', withoutUser),
  ]
  return [
    { block: 'figures', figures: first },
    { block: 'figures', figures: others },
  ]
}

function countOf(name: string, label: string, value: number | bigint): Figure {
  return { name, label, value, kind: 'integer' }
}

/** What should be none. */
function lackOf(name: string, label: string, value: number): Figure {
  return { ...countOf(name, label, value), ...(value > 0 && { tone: 'warning' }) }
}

function warnings({ withoutProduct, withoutUser }: SalesTally): Block[] {
  const warning = (text: string): Block => ({ block: 'text', tone: 'warning', text })
  const orders = (count: number) => (count === 1 ? '1 order names' : `${count} orders name`)
  return [
    ...(withoutProduct === 0
      ? []
      : [warning(`${orders(withoutProduct)} a product that is not there: counted as orders, with no revenue.`)]),
    ...(withoutUser === 0
      ? []
      : [warning(`${orders(withoutUser)} a user that is not there: part of the revenue, of no customer.`)]),
  ]
}

type Named = readonly (readonly [label: string, sold: SoldOf])[]

function daysOf({ days }: SalesTally): Named {
  return [...days].toSorted(([a], [b]) => a - b).map(([day, sold]) => [dayText(day), sold])
}

function monthsOf(days: Named): Named {
  const months = new Map<string, SoldOf>()
  for (const [day, sold] of days) {
    const month = day.slice(0, 7)
    const sum = months.get(month) ?? { orders: 0, units: 0n, cents: 0n }
    addTo(sum, sold.orders, sold)
    months.set(month, sum)
  }
  return [...months]
}

function revenueChart(days: Named, months: Named): Chart | undefined {
  if (days.length === 0) return undefined
  const [by, points] = days.length > LINE_DAYS ? ['month', months] : ['day', days]
  return { ...chartOf('revenue', `Revenue by ${by}`, points), kind: days.length === 1 ? 'bars' : 'line' }
}

/** Names for a chart: those that several share are told apart by their ids. */
function labelled(
  rows: readonly (SoldOf & { readonly id: number; readonly name: string | undefined })[],
  what: string,
): Named {
  const sameNamed = groupBy(rows, ({ name }) => name)
  return rows.map((row) => {
    const { id, name } = row
    if (name === undefined) return [`${what} ${id} (not there)`, row]
    return [sameNamed.get(name)?.length === 1 ? name : `${name} (${id})`, row]
  })
}

/** A chart has room for this many bars. */
const BARS_MAX = 20

function barsOf(name: string, title: string, rows: Named): Chart | undefined {
  return rows.length === 0 ? undefined : chartOf(name, title, rows.slice(0, BARS_MAX))
}

function chartOf(name: string, title: string, rows: Named): Chart {
  return {
    block: 'chart',
    kind: 'bars',
    name,
    title,
    valueTitle: 'Revenue',
    format: MONEY,
    series: [{ name: 'Revenue' }],
    points: rows.map(([label, { cents }]) => ({ label, values: [Number(money(cents))] })),
  }
}

const DAY: Column = { name: 'day', title: 'Day', kind: 'date' }
const MONTH: Column = { name: 'month', title: 'Month', kind: 'text' }
const ID: Column = { name: 'id', title: 'ID', kind: 'integer' }
const NAME: Column = { name: 'name', title: 'Name', kind: 'text' }
const PRICE: Column = { name: 'price', title: 'Price today', ...MONEY }
const SOLD: readonly Column[] = [
  { name: 'orders', title: 'Orders', kind: 'integer' },
  { name: 'units', title: 'Pieces', kind: 'integer' },
  { name: 'revenue', title: 'Revenue', ...MONEY },
]

function soldCells({ orders, units, cents }: SoldOf): Row {
  return [orders, units, money(cents)]
}

function table(name: string, title: string, columns: readonly Column[], rows: readonly Row[]): Table {
  return { block: 'table', name, title, columns: [...columns, ...SOLD], rows, rowCount: rows.length }
}
