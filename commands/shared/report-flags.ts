/** The options of a report as flags. */
import type { Options } from 'yargs'
import type { ClusterDefinition } from '../../src/cluster/definition.js'
import type { OptionSpec, Report } from '../../src/pipeline/reports/define-report.js'
import { findReport, reportsOf } from '../../src/pipeline/reports/find-report.js'
import { loadConfig } from './with-cluster.js'

/** `fromDay` → `from-day` */
export function flagOf(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Flags that take text, which the report's own check reads; it says more than yargs would. */
export function flagsOf({ options }: Report): Record<string, Options> {
  const flags = Object.entries(options).map(([name, spec]): [string, Options] => {
    const given = spec.default === undefined ? {} : { default: spec.default as string }
    return [
      flagOf(name),
      spec.type === 'boolean'
        ? { type: 'boolean', describe: spec.describe, ...given }
        : { type: 'string', describe: describeOption(spec), requiresArg: true, ...given },
    ]
  })
  return Object.fromEntries(flags)
}

/** The options as they were given, by their names. */
export function optionsGiven({ options }: Report, argv: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.keys(options).map((name): [string, unknown] => [name, argv[flagOf(name)]])
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}

/** An example of the flags that must be given, and of one that may be. */
export function exampleOf({ name, options }: Report): string {
  const flags = Object.entries(options)
  const [optional] = flags.filter(([, { required }]) => required !== true)
  const shown = [
    ...flags.filter(([, { required }]) => required === true),
    ...(optional === undefined ? [] : [optional]),
  ]
  const words = shown.map(([option, spec]) => {
    return spec.type === 'boolean' ? `--${flagOf(option)}` : `--${flagOf(option)} ${exampleValue(spec)}`
  })
  return ['$0 report', name, ...words, `--output ${name}.xlsx`].join(' ')
}

function describeOption(spec: OptionSpec): string {
  const range = spec.min === undefined ? '' : `${spec.min} ${spec.max === undefined ? 'or more' : `to ${spec.max}`}`
  const notes = [
    ...(spec.type === 'choice' ? [(spec.choices ?? []).join(', ')] : []),
    ...(spec.type === 'integer' && range !== '' ? [range] : []),
    ...(spec.type === 'date' || spec.type === 'instant' ? [`as in ${exampleValue(spec)}`] : []),
    ...(spec.required === true ? ['must be given'] : []),
  ]
  return notes.length === 0 ? spec.describe : `${spec.describe} (${notes.join('; ')})`
}

function exampleValue({ type, default: value, min, choices = [] }: OptionSpec): string {
  switch (type) {
    case 'integer':
      return String(value ?? min ?? 10)
    case 'date':
      return '2025-12-31'
    case 'instant':
      return '2025-12-31T23:59:59Z'
    case 'choice':
      return choices.at(-1) ?? ''
    default:
      return 'TEXT'
  }
}

/**
 * The report that a command line names, before its flags are known: they are the report's. It is the first word, or
 * when flags stand before it, the first that is the name of a report.
 */
export async function reportOfLine(words: readonly string[]): Promise<Report | undefined> {
  const [first] = words
  const isNamed = first !== undefined && !first.startsWith('-')
  if (!isNamed && !words.some((word) => !word.startsWith('-'))) return undefined
  const { definition } = await loadConfig({ config: configOfLine(words) })
  return isNamed ? findReport(definition, first) : anyReport(definition, words)
}

function anyReport(definition: ClusterDefinition, words: readonly string[]): Report | undefined {
  const reports = reportsOf(definition)
  return words.map((word) => reports.find(({ name }) => name === word)).find((report) => report !== undefined)
}

function configOfLine(words: readonly string[]): string | undefined {
  const joined = words.find((word) => word.startsWith('--config='))
  if (joined !== undefined) return joined.slice('--config='.length)
  const at = words.indexOf('--config')
  return at < 0 ? undefined : words[at + 1]
}
