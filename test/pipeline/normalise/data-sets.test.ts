import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Instant, Intake, Money, Text, WholeNumber } from 'shardyard'
import type { EntityClass } from 'shardyard/src/columns/references'
import { normaliserOf, type NormaliserOptions } from 'shardyard/src/pipeline/normalise/normaliser'

const DATA = resolve(__dirname, '../../../../shared/data')

class CafeSale {
  @Text({ max: 20 })
  transactionId!: string

  @Text()
  item!: string

  @WholeNumber({ min: 1 })
  quantity!: number

  @Money()
  pricePerUnit!: string

  @Money()
  totalSpent!: string

  @Instant()
  transactionDate!: Date
}

class ElectronicsSale {
  @WholeNumber()
  orderId!: number

  @Text()
  product!: string

  @WholeNumber()
  quantityOrdered!: number

  @Money()
  priceEach!: string

  @Intake({ dates: ['MM/DD/YY HH:mm'] })
  @Instant()
  orderDate!: Date

  @Text()
  purchaseAddress!: string
}

/** Counts what becomes of a file's rows. The commas of these files stand in quotes only in their last column. */
function countsOf(target: EntityClass, file: string, options: NormaliserOptions) {
  const [header = '', ...lines] = readFileSync(file, 'utf8').replaceAll('\r', '').trimEnd().split('\n')
  const names = header.split(',')
  const read = normaliserOf(target, options).forNames(names)
  const counts: Record<string, number> = { rows: lines.length, whole: 0 }
  for (const line of lines) {
    const cells = line.split(',')
    const { reasons } = read([...cells.slice(0, names.length - 1), cells.slice(names.length - 1).join(',')])
    if (reasons.length === 0) counts.whole = (counts.whole ?? 0) + 1
    for (const { field, code } of reasons) counts[`${field} ${code}`] = (counts[`${field} ${code}`] ?? 0) + 1
  }
  return counts
}

/** Skipped by name where the data sets are not. */
const testWith = (folder: string) => (existsSync(join(DATA, folder)) ? test : test.skip)

testWith('dirty-cafe-sales')(
  'the words ERROR and UNKNOWN of the cafe are refused, and every one of them is counted',
  () => {
    const file = join(DATA, 'dirty-cafe-sales/dirty_cafe_sales.csv')
    const counts = countsOf(CafeSale, file, { zone: 'UTC' })
    const cells = readFileSync(file, 'utf8')
      .replaceAll('\r', '')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
    const words = (column: number) => cells.filter((row) => /^(?:ERROR|UNKNOWN)$/.test(row[column] ?? '')).length
    expect(counts).toEqual({
      rows: cells.length,
      whole: cells.filter((row) => ![2, 3, 4, 7].some((column) => /^(?:ERROR|UNKNOWN)$/.test(row[column] ?? '')))
        .length,
      'quantity NOT_A_NUMBER': words(2),
      'pricePerUnit NOT_A_NUMBER': words(3),
      'totalSpent NOT_A_NUMBER': words(4),
      'transactionDate NOT_A_DATE': words(7),
    })
    expect(words(7)).toBeGreaterThan(0)
  },
)

testWith('electronics-sales-2019')('the sales of a year are read but for headers that stand between them', () => {
  const folder = join(DATA, 'electronics-sales-2019')
  const files = readdirSync(folder).filter((file) => file.endsWith('.csv'))
  for (const file of files) {
    const {
      rows = 0,
      whole = 0,
      ...refused
    } = countsOf(ElectronicsSale, join(folder, file), { zone: 'America/New_York' })
    const headers = refused['orderDate NOT_A_DATE'] ?? 0
    // Orders of 10 March 2019 between two and three at night, when New York had no such time.
    const skipped = refused['orderDate NO_SUCH_TIME'] ?? 0
    const repeated = refused['orderDate AMBIGUOUS_TIME'] ?? 0
    expect([file, rows]).toEqual([file, whole + headers + skipped + repeated])
    expect(refused['priceEach NOT_A_NUMBER'] ?? 0).toBe(headers)
  }
  expect(files.length).toBeGreaterThan(0)
})
