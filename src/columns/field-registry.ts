/**
 * What the column decorators of this folder know about a property, beyond what TypeORM and class-validator keep:
 * how its value is normalised, and its rules as sentences that JavaScript and SQL both check.
 */
/** The parts of an engine's SQL that rules are written with. */
export interface RuleSql {
  /** Number of characters of a text expression. */
  readonly charLength: (expression: string) => string
  /** True for whole numbers; engines with strict column types answer `1 = 1`. */
  readonly isInteger: (expression: string) => string
  /** True for numbers; engines with strict column types answer `1 = 1`. */
  readonly isNumber: (expression: string) => string
}

/** One rule of a property. `breaks` sees the normalised value and stays silent about values of a wrong type. */
export interface FieldRule {
  readonly code: string
  readonly breaks: (value: unknown) => boolean
  readonly message: (value: unknown) => string
  /** The same rule as an SQL condition on the quoted column; absent where SQL cannot say it. */
  readonly sql?: (column: string, sql: RuleSql) => string
}

/** A property that one of the decorators declares. */
export interface Field {
  readonly property: string
  /** Its name in sentences: `Product name`. */
  readonly label: string
  /** Brings a value from outside into the form that is checked and stored; leaves what it cannot read as it is. */
  readonly normalise?: (value: unknown) => unknown
  readonly rules: readonly FieldRule[]
  /** True for text that is compared byte by byte on every engine. */
  readonly isBinary?: boolean
}

const fieldsByClass = new WeakMap<object, Map<string, Field>>()

/** Records a field of a class. */
export function recordField(prototype: object, field: Field): void {
  const fields = fieldsByClass.get(prototype.constructor) ?? new Map<string, Field>()
  fieldsByClass.set(prototype.constructor, fields.set(field.property, field))
}

/** The fields of an entity class, those of its parents first. */
export function fieldsOf(target: unknown): ReadonlyMap<string, Field> {
  const merged = new Map<string, Field>()
  const chain: object[] = []
  for (let at = target; typeof at === 'function'; at = Object.getPrototypeOf(at)) chain.unshift(at)
  for (const link of chain) {
    for (const [property, field] of fieldsByClass.get(link) ?? []) merged.set(property, field)
  }
  return merged
}

/** `userId` → `User ID`, `createdAt` → `Created at`. */
export function labelOf(property: string): string {
  const words = property
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_]+/)
    .map((word) => (word === 'id' ? 'ID' : word))
  const sentence = words.join(' ')
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
