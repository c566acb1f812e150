/** How a report is declared: its name, its options, its parts that may be made side by side, and what makes its model. */
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import type { ReportModel } from './report-model.js'

/** One option of a report, as a flag of the command line and a member of a request. */
export interface OptionSpec {
  readonly type: 'string' | 'integer' | 'boolean' | 'date' | 'instant' | 'choice'
  /** What it does, in a line. */
  readonly describe: string
  /** Without one the option is undefined when it is not given. */
  readonly default?: string | number | boolean
  readonly required?: boolean
  /** Of an integer. */
  readonly min?: number
  readonly max?: number
  /** Of a choice. */
  readonly choices?: readonly string[]
}

/** Options by name, in camel case. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** The value of an option: a date is text as in 2025-12-31, an instant a Date. */
type ValueOf<Spec extends OptionSpec> = Spec['type'] extends 'integer'
  ? number
  : Spec['type'] extends 'boolean'
    ? boolean
    : Spec['type'] extends 'instant'
      ? Date
      : Spec extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string

/** Checked options. */
export type OptionsOf<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends { readonly default: unknown } | { readonly required: true }
    ? ValueOf<Specs[Name]>
    : ValueOf<Specs[Name]> | undefined
}

/** What a report is made from. */
export interface ReportContext<Options> {
  readonly cluster: Cluster
  readonly options: Options
  readonly signal: AbortSignal
}

/** Parts of a report that are made side by side, in worker threads or as jobs. Parts and results must be plain JSON. */
export interface Partitions<Options, Part, Result> {
  /** Cuts the work; the number of parts depends on the data and the options, never on who does them. */
  split(context: ReportContext<Options>): Promise<readonly Part[]>
  /** Makes one part. */
  compute(context: ReportContext<Options>, part: Part): Promise<Result>
}

/** What {@link defineReport} takes. `run` gets the results of the parts in their order. */
export interface ReportDeclaration<Specs extends OptionSpecs, Part = never, Result = never> {
  /** As in `shardyard report NAME`: lower case, words joined by hyphens. */
  readonly name: string
  /** What it tells, in a line. */
  readonly describe: string
  readonly options: Specs
  readonly partitions?: Partitions<OptionsOf<Specs>, Part, Result>
  run(context: ReportContext<OptionsOf<Specs>>, results: readonly Result[]): Promise<ReportModel>
}

/** A report that was declared. */
export interface Report {
  readonly kind: 'shardyard report'
  readonly name: string
  readonly describe: string
  readonly options: OptionSpecs
  readonly partitions: Partitions<unknown, unknown, unknown> | undefined
  run(context: ReportContext<unknown>, results: readonly unknown[]): Promise<ReportModel>
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const OPTION = /^[a-z][a-zA-Z0-9]*$/
/** What is said about every report, beside its own options. */
const TAKEN: ReadonlySet<string> = new Set(
  'report format output raw table template threads background config json list help h version'.split(' '),
)

/**
 * Declares a report; it is found by its name once it stands in `reports` of the cluster's definition.
 *
 * @throws SY_DEFINITION_INVALID with every mistake in its names and options
 * @example
 * export const users = defineReport({
 *   name: 'users',
 *   describe: 'how many users there are',
 *   options: { since: { type: 'date', describe: 'only those who came later' } },
 *   run: async ({ cluster, options }) => ({ title: 'Users', asOf: await lastChange(cluster), blocks: [ … ] }),
 * })
 */
export function defineReport<const Specs extends OptionSpecs, Part = never, Result = never>(
  declaration: ReportDeclaration<Specs, Part, Result>,
): Report {
  const mistakes = [...mistakesOf(declaration.name, declaration.options)]
  if (mistakes.length > 0) {
    const message = `The report "${declaration.name}" cannot be defined: ${mistakes.join('; ')}.`
    throw new ShardyardError('SY_DEFINITION_INVALID', message, { details: { mistakes } })
  }
  const { partitions, ...rest } = declaration
  return Object.freeze({ kind: 'shardyard report', partitions, ...rest } as unknown as Report)
}

function* mistakesOf(name: string, options: OptionSpecs): Generator<string> {
  if (!NAME.test(name)) yield 'its name must be lower-case words joined by hyphens'
  for (const [option, { type, choices = [] }] of Object.entries(options)) {
    if (!OPTION.test(option)) yield `the name of its option "${option}" must be in camel case`
    if (TAKEN.has(option)) yield `its option "${option}" has a name that every report has for something else`
    if (type === 'choice' && choices.length === 0) yield `its option "${option}" is a choice among nothing`
  }
}
