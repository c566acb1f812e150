/** The text of a data file: records of an entity, errors of every kind among them, and an account of what is in it. */
import assert from 'node:assert'
import { createHash } from 'node:crypto'
import type { EntitySamples, SampleField, SamplePlace } from '../../cluster/entity-samples.js'
import { seededDraw } from '../../util/seeded-draw.js'
import { sampleFormatOf } from './sample-format.js'
import { resolveSampleFileOptions, type SampleFileOptions } from './sample-options.js'
import { SamplePlan } from './sample-plan.js'
import { bytesOf, type SampleFormat } from './sample-record.js'

/** What is in a file that was made. A load of it must come to the same counts. */
export interface SampleAccount {
  /** Accepted, rejected and duplicate records. */
  readonly count: number
  readonly accepted: number
  readonly rejected: {
    readonly count: number
    /** Records by what is wrong: `TOO_HIGH amount`, or `STRAY_QUOTE` when it is no one field. Kinds of none are left out. */
    readonly byKind: Readonly<Record<string, number>>
  }
  /** Records that repeat an accepted one byte by byte. */
  readonly duplicate: number
  readonly blank: number
  /** Header lines with the first one; 0 where the format has none. */
  readonly header: number
  /** Physical lines. */
  readonly lines: number
  readonly sizeBytes: number
  /** In hex. */
  readonly sha256: string
}

/** A kind of error. `write` breaks the record that is at hand. */
interface Flaw {
  readonly kind: string
  write(values: unknown[], draw: number): string
}

/** An oddity of one field. */
interface Quirk {
  readonly field: number
  write(value: string): unknown
}

/** Text is handed over in blocks of about so many characters. */
const BLOCK_CHARS = 64 * 1024
/** Beside those of {@link SamplePlan}. */
const SALTS = { variant: 1_010, name: 1_011, firstFlaw: 1_012, firstQuirk: 1_013 } as const

/**
 * Makes the bytes of a file, the same for the same options on every machine.
 *
 * @throws SY_OPTION_INVALID when an option has a value outside its range
 * @example
 * for (const block of new SampleFile(samplesOf(definition, 'Event'), { format: 'ndjson' }).blocks()) socket.write(block)
 */
export class SampleFile {
  readonly #options: Readonly<Required<SampleFileOptions>>
  readonly #fields: readonly SampleField[]
  readonly #format: SampleFormat
  readonly #plan: SamplePlan
  readonly #place: Place
  readonly #values: unknown[]
  readonly #ownFlaws: readonly Flaw[]
  readonly #flaws: readonly Flaw[]
  readonly #quirks: readonly Quirk[]
  readonly #rejected: number[]
  #duplicate = 0
  #blank = 0
  #header = 0
  #moreLines = 0
  #end: { readonly sizeBytes: number; readonly sha256: string } | undefined

  constructor({ fields }: EntitySamples, options: SampleFileOptions = {}) {
    assert(fields.length > 1, 'Samples have two fields or more: a record of one looks like a blank line without it.')
    this.#options = resolveSampleFileOptions(options)
    const { seed, format } = this.#options
    const names = fields.map((field, at) => nameIn(field, seededDraw(seed, at, SALTS.name)))
    this.#fields = fields
    this.#format = sampleFormatOf(format, names, fields)
    this.#plan = new SamplePlan(this.#options)
    this.#place = new Place(seed)
    this.#values = fields.map(() => undefined)
    this.#ownFlaws = fields.flatMap((field, at) => flawsOf(field, at, this.#format))
    this.#flaws = [...this.#ownFlaws, ...formatFlawsOf(this.#format)]
    this.#quirks = fields.flatMap(({ quirks }, field) => quirks.map((write) => ({ field, write })))
    this.#rejected = this.#flaws.map(() => 0)
  }

  /** The file from its start to its end; to be used up once. */
  *blocks(): Generator<Buffer, void> {
    const { count } = this.#options
    const { head, tail, separator, lastEnd, hasHeader } = this.#format
    const hash = createHash('sha256')
    let sizeBytes = 0
    const take = (text: string) => {
      const bytes = bytesOf(text)
      hash.update(bytes)
      sizeBytes += bytes.length
      return bytes
    }
    this.#header = hasHeader ? 1 : 0
    let text = head
    for (let index = 0; index < count; index++) {
      text += this.#linesBefore(index) + this.#record(index) + (index === count - 1 ? lastEnd : separator)
      if (text.length < BLOCK_CHARS) continue
      yield take(text)
      text = ''
    }
    if (text + tail !== '') yield take(text + tail)
    this.#end = { sizeBytes, sha256: hash.digest('hex') }
  }

  /** What is in the file, once all of its blocks are made. */
  account(): SampleAccount {
    assert(this.#end !== undefined, 'The account of a file is there when the file is.')
    const { count } = this.#options
    const rejected = this.#rejected.reduce((sum, one) => sum + one, 0)
    const byKind = this.#flaws.map(({ kind }, at) => [kind, this.#rejected[at] ?? 0] as const)
    const { head, tail, hasHeader } = this.#format
    const outerLines = hasHeader ? 0 : (head === '' ? 0 : 1) + (tail === '' ? 0 : 1)
    return {
      count,
      accepted: count - rejected - this.#duplicate,
      rejected: { count: rejected, byKind: Object.fromEntries(byKind.filter(([, records]) => records > 0)) },
      duplicate: this.#duplicate,
      blank: this.#blank,
      header: this.#header,
      lines: count + this.#blank + this.#header + this.#moreLines + outerLines,
      ...this.#end,
    }
  }

  #linesBefore(index: number): string {
    const { blanks, hasHeader, head } = this.#format
    let lines = ''
    const blank = blanks.length === 0 ? -1 : this.#plan.blankBefore(index)
    if (blank !== -1) {
      lines += `${blanks[blank % blanks.length] ?? ''}\n`
      this.#blank++
    }
    if (hasHeader && this.#plan.headerBefore(index) !== -1) {
      lines += head
      this.#header++
    }
    return lines
  }

  #record(index: number): string {
    const flaw = this.#plan.flawAt(index)
    if (flaw !== -1) return this.#broken(index, flaw)
    const origin = this.#plan.originOf(index)
    if (origin !== -1) this.#duplicate++
    return this.#sound(origin === -1 ? index : origin)
  }

  /** Errors take turns, beginning with one that the seed draws. */
  #broken(index: number, number: number): string {
    const { seed } = this.#options
    // The first record shows readers which format the file has.
    const kinds = (index === 0 && this.#ownFlaws.length) || this.#flaws.length
    const kind = (number + seededDraw(seed, 0, SALTS.firstFlaw)) % kinds
    const flaw = this.#flaws[kind]
    assert(flaw !== undefined, 'Every format has kinds of errors.')
    this.#rejected[kind] = (this.#rejected[kind] ?? 0) + 1
    this.#fill(index)
    return flaw.write(this.#values, seededDraw(seed, index, SALTS.variant))
  }

  #sound(index: number): string {
    this.#fill(index)
    const values = this.#values
    const number = this.#plan.quirkAt(index)
    const turn = number === -1 ? 0 : number + seededDraw(this.#options.seed, 0, SALTS.firstQuirk)
    const quirk = number === -1 ? undefined : this.#quirks[turn % this.#quirks.length]
    if (quirk === undefined) return this.#format.write({ values, oddField: -1 })
    values[quirk.field] = quirk.write(String(values[quirk.field]))
    const text = this.#format.write({ values, oddField: quirk.field })
    this.#moreLines += text.split('\n').length - 1
    return text
  }

  #fill(index: number): void {
    this.#place.index = index
    for (let at = 0; at < this.#values.length; at++) this.#values[at] = this.#fields[at]?.value(this.#place)
  }
}

/** One is used for all records. */
class Place implements SamplePlace {
  index = 0

  constructor(readonly seed: number) {}

  readonly draw = (salt: number): number => seededDraw(this.seed, this.index, salt)
}

function nameIn({ property, names = [property] }: SampleField, draw: number): string {
  return names[draw % names.length] ?? property
}

function flawsOf({ property, flaws }: SampleField, field: number, format: SampleFormat): Flaw[] {
  return flaws.flatMap(({ code, values: given }) => {
    const wrong = given.filter((value) => format.canHold(value))
    if (wrong.length === 0) return []
    const write = (values: unknown[], draw: number) => {
      values[field] = wrong[draw % wrong.length]
      return format.write({ values, oddField: field })
    }
    return [{ kind: `${code} ${property}`, write }]
  })
}

function formatFlawsOf({ flaws }: SampleFormat): Flaw[] {
  return flaws.map((flaw) => ({
    kind: flaw.code,
    write: (values, draw) => flaw.write({ values, oddField: -1 }, draw),
  }))
}
