/**
 * What an entity says about the sources of a property: under which names it arrives, how its texts are to be read, and
 * what stands for it when it is not given. Only recorded here; `pipeline/normalise` acts on it.
 */

type DayFormat =
  | 'YYYY-MM-DD'
  | 'YYYY/MM/DD'
  | 'YYYY.MM.DD'
  | 'DD/MM/YYYY'
  | 'MM/DD/YYYY'
  | 'DD.MM.YYYY'
  | 'DD-MM-YYYY'
  | 'MM-DD-YYYY'
  | 'DD/MM/YY'
  | 'MM/DD/YY'
  | 'DD.MM.YY'
  | 'D/M/YYYY'
  | 'M/D/YYYY'
  | 'D.M.YYYY'
  | 'D/M/YY'
  | 'M/D/YY'
  | 'D.M.YY'
type TimeFormat = 'HH:mm' | 'HH:mm:ss' | 'HH:mm:ss.SSS' | 'H:mm' | 'H:mm:ss'

/**
 * How a date is written. `DD`, `MM`, `HH` are two digits, `D`, `M`, `H` one or two; `YY` is 1970 to 2069. Seconds may
 * have up to nine decimals where `.SSS` stands.
 */
export type DateFormat = DayFormat | `${DayFormat} ${TimeFormat}`

/** How numbers in texts are to be read. */
export interface NumberReading {
  /**
   * The decimal separator of the source; the other one then groups thousands. Without it `1.234` is 1.234, as machines
   * write it, and a text that may be read in two ways (`1,234`, `€ 1.234`) is refused.
   */
  readonly decimal?: '.' | ','
  /** Whether `$12` and `12 EUR` are taken for 12. Where the currency is another column they are not. @defaultValue 'any' */
  readonly currency?: 'any' | 'none'
}

/** What {@link Intake} declares. Everything may be left out. */
export interface IntakeRule {
  /** Other names of the property in sources: `unit_price`. Case, spaces, `_` and `-` make no difference. */
  readonly aliases?: readonly string[]
  /** JSON pointers into nested values: `/payload/metric`. Spelling differs as in `aliases`. */
  readonly paths?: readonly string[]
  /** Names that count only when no other source of the property has a value. */
  readonly fallbacks?: readonly string[]
  /** True for a property that no source may fill, not even by its own name. @defaultValue false */
  readonly isInternal?: boolean
  /** What stands for a value that is not given; a function is called for each record. */
  readonly default?: unknown
  readonly numbers?: NumberReading
  /** Formats beside RFC 3339, `YYYY-MM-DD` and `YYYY/MM/DD`, which are always understood. */
  readonly dates?: readonly DateFormat[]
  /** IANA name of the time zone of dates that say none: `Europe/Istanbul`. Without it they are refused. */
  readonly zone?: string
  /** What a bare number is as a date; `either` takes those below 1e11 for seconds. Without it they are refused. */
  readonly epoch?: 'seconds' | 'milliseconds' | 'either'
  /** Words that mean "not given": `N/A`. The empty text always does. */
  readonly empty?: readonly string[]
}

const rulesByClass = new WeakMap<object, Map<string, IntakeRule>>()

/**
 * Declares how a property is read from files and events.
 *
 * @example
 * \@Intake({ aliases: ['cost', 'price'], default: '0.00' })
 * \@Money()
 * amount!: string
 */
export function Intake(rule: IntakeRule): PropertyDecorator {
  return (prototype, key) => {
    const rules = rulesByClass.get(prototype.constructor) ?? new Map<string, IntakeRule>()
    rulesByClass.set(prototype.constructor, rules.set(String(key), Object.freeze({ ...rule })))
  }
}

/** The intake rules of an entity class; those of a class stand for those of its parents. */
export function intakesOf(target: unknown): ReadonlyMap<string, IntakeRule> {
  const chain: object[] = []
  for (let at = target; typeof at === 'function'; at = Object.getPrototypeOf(at)) chain.unshift(at)
  return new Map(chain.flatMap((link) => [...(rulesByClass.get(link) ?? [])]))
}
