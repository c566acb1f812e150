/** What the properties of an entity class hold, from the columns that TypeORM knows. */
import { getMetadataArgsStorage } from 'typeorm'
import { fieldsOf, labelOf, type Field } from '../../columns/field-registry.js'
import { intakesOf, type IntakeRule } from '../../columns/intake.js'
import type { EntityClass } from '../../columns/references.js'

/** How values of a property are read; `any` is taken as it is. */
export type Kind = 'text' | 'whole' | 'wide' | 'decimal' | 'number' | 'instant' | 'day' | 'boolean' | 'any'

/** A property that records can fill. */
export interface Property {
  readonly name: string
  readonly label: string
  readonly kind: Kind
  readonly intake: IntakeRule
  /** Set by TypeORM or the database unless given: filled by its exact name or a map only. */
  readonly isAutomatic: boolean
  /** What our column decorators know of it; undefined for a plain column. */
  readonly field: Field | undefined
}

const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/json|array|blob|binary|bytea|geometry|point|vector/, 'any'],
  [/^(?:bigint|int8|unsigned big int|bigserial)$/, 'wide'],
  [/^(?:(?:tiny|small|medium)?int|int[24]|integer|number|(?:small)?serial|year)$/, 'whole'],
  [/^(?:dec|decimal|numeric|fixed|(?:small)?money)$/, 'decimal'],
  [/^(?:float[48]?|double|double precision|real)$/, 'number'],
  [/^(?:datetime2?|datetimeoffset|smalldatetime|timestamp.*)$/, 'instant'],
  [/^date$/, 'day'],
  [/^bool(?:ean)?$/, 'boolean'],
  [/char|text|string|uuid|enum/, 'text'],
]
const AUTOMATIC: ReadonlySet<string> = new Set(['createDate', 'updateDate', 'deleteDate', 'version'])
/** Counted or computed by TypeORM; nothing from outside belongs there. */
const CLOSED: ReadonlySet<string> = new Set(['virtual', 'virtual-property', 'treeChildrenCount', 'treeLevel'])

/** The properties of a class that records can fill, those of its parents first. */
export function propertiesOf(target: EntityClass): readonly Property[] {
  const chain: EntityClass[] = []
  for (let at: unknown = target; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (at !== Function.prototype) chain.unshift(at as EntityClass)
  }
  const fields = fieldsOf(target)
  const intakes = intakesOf(target)
  const byName = new Map<string, Property>()
  const columns = getMetadataArgsStorage().columns
  for (const column of chain.flatMap((link) => columns.filter((one) => one.target === link))) {
    const { propertyName: name, mode, options } = column
    const intake = intakes.get(name) ?? {}
    if (CLOSED.has(mode) || intake.isInternal === true || name === '__proto__') {
      byName.delete(name)
      continue
    }
    const field = fields.get(name)
    byName.set(name, {
      name,
      label: field?.label ?? labelOf(name),
      kind: AUTOMATIC.has(mode) && mode !== 'version' ? 'instant' : kindOf(options, field),
      intake,
      isAutomatic: AUTOMATIC.has(mode),
      field,
    })
  }
  return [...byName.values()]
}

function kindOf({ type, array, transformer }: ColumnLike, field: Field | undefined): Kind {
  // What the class holds behind somebody's own transformer is not known.
  if (array === true || type === undefined || (transformer !== undefined && field === undefined)) return 'any'
  const name = (typeof type === 'function' ? type.name : String(type)).toLowerCase()
  if (typeof type === 'function' && name === 'date') return 'instant'
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'any'
}

interface ColumnLike {
  readonly type?: unknown
  readonly array?: boolean
  readonly transformer?: unknown
}
