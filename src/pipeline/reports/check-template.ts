/** Looks at what a template holds before a report is made with it: what is wrong is said then, not half way through a page. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LIGHT, contrast } from './look/palette.js'
import { tellPicture } from './look/picture.js'
import type { ReportTemplate } from './template.js'
import { readFont } from './writers/pdf-kit.js'

const MEMBERS = ['kind', 'logo', 'colours', 'fonts', 'header', 'footer']
const COLOURS = ['accent', 'text', 'good', 'warning', 'bad']
const FACES = ['regular', 'bold']
/** As WCAG 2 demands of text. */
const CONTRAST_MIN = 4.5
const LINE_CHARACTERS_MAX = 200

export interface CheckedTemplate {
  readonly checked: ReportTemplate
  /** Each a sentence; none when the template can be used. */
  readonly mistakes: readonly string[]
}

/** A template with its files named in full. `folder` is where their paths begin. */
export async function checkTemplate(template: ReportTemplate, folder: string): Promise<CheckedTemplate> {
  const given = template as unknown as Readonly<Record<string, unknown>>
  const { logo, colours, fonts } = given
  const whole = (file: unknown) => (typeof file === 'string' ? resolve(folder, file) : file)
  const checked = {
    ...given,
    ...(logo !== undefined && { logo: whole(logo) }),
    ...(isObject(fonts) && { fonts: { regular: whole(fonts['regular']), bold: whole(fonts['bold']) } }),
  } as unknown as ReportTemplate
  const mistakes = [
    ...unknownMembers('It', given, MEMBERS),
    ...lineMistakes(given),
    ...colourMistakes(colours),
    ...(await logoMistakes(logo, checked.logo)),
    ...(await fontMistakes(fonts, checked.fonts)),
  ]
  return { checked: Object.freeze(checked), mistakes }
}

function lineMistakes(given: Readonly<Record<string, unknown>>): string[] {
  return ['header', 'footer'].flatMap((name) => {
    const line = given[name]
    if (line === undefined || (typeof line === 'string' && line.length <= LINE_CHARACTERS_MAX)) return []
    return [`Its ${name} must be a text of at most ${LINE_CHARACTERS_MAX} characters.`]
  })
}

function colourMistakes(colours: unknown): string[] {
  if (colours === undefined) return []
  if (!isObject(colours)) return ['Its colours must be an object.']
  const wrong = Object.entries(colours).flatMap(([name, hex]) => {
    if (!COLOURS.includes(name) || hex === undefined) return []
    if (typeof hex !== 'string' || !/^#[0-9a-f]{6}$/i.test(hex))
      return [`Its colour ${name} must be written as #rrggbb, got ${JSON.stringify(hex)}.`]
    const ratio = contrast(hex, LIGHT.paper)
    if (ratio >= CONTRAST_MIN) return []
    return [
      `Its colour ${name} (${hex}) cannot be read on white: the contrast is ${ratio.toFixed(1)}, ${CONTRAST_MIN} is needed. Choose a darker one.`,
    ]
  })
  return [...unknownMembers('Its colours', colours, COLOURS), ...wrong]
}

async function logoMistakes(logo: unknown, file: string | undefined): Promise<string[]> {
  if (logo === undefined) return []
  if (typeof logo !== 'string' || file === undefined) return ['Its logo must be the path of a PNG or JPEG file.']
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return [`Its logo "${file}" cannot be read.`]
  const trouble = tellPicture(bytes)
  return trouble === undefined ? [] : [`Its logo "${file}" ${trouble}.`]
}

async function fontMistakes(fonts: unknown, files: ReportTemplate['fonts']): Promise<string[]> {
  if (fonts === undefined) return []
  if (!isObject(fonts) || files === undefined)
    return ['Its fonts must be an object with the files "regular" and "bold".']
  const mistakes = unknownMembers('Its fonts', fonts, FACES)
  for (const face of ['regular', 'bold'] as const) {
    const file = files[face] as unknown
    if (typeof file !== 'string') mistakes.push(`Its fonts must name a file "${face}".`)
    else mistakes.push(...fontMistake(face, file, await readFile(file).catch(() => undefined)))
  }
  return mistakes
}

function fontMistake(face: string, file: string, bytes: Uint8Array | undefined): string[] {
  if (bytes === undefined) return [`Its ${face} font "${file}" cannot be read.`]
  try {
    return readFont(bytes).hasGlyphForCodePoint(0x41) ? [] : [`Its ${face} font "${file}" has no letter A.`]
  } catch {
    return [`Its ${face} font "${file}" is no TrueType or OpenType font.`]
  }
}

function unknownMembers(what: string, given: object, known: readonly string[]): string[] {
  const others = Object.keys(given).filter((name) => !known.includes(name))
  if (others.length === 0) return []
  const names = known.filter((name) => name !== 'kind').join(', ')
  return [`${what} has ${others.map((name) => `"${name}"`).join(', ')}, which means nothing; there are ${names}.`]
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
