/** How a report is declared: its name, its options, its parts that may be made side by side, and what makes its model. */
import type { Cluster } from '../../cluster/cluster.js'
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

/** Declares a report; it is found by its name once it stands in `reports` of the cluster's definition. */
export function defineReport<const Specs extends OptionSpecs, Part = never, Result = never>(
  declaration: ReportDeclaration<Specs, Part, Result>,
): Report {
  const { partitions, ...rest } = declaration
  return Object.freeze({ kind: 'shardyard report', partitions, ...rest } as unknown as Report)
}
