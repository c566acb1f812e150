/**
 * Any report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. It is read on light
 * and dark screens, on paper, and by screen readers.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { formatDate, formatText } from '../look/print-value.js'
import type { Block, ReportModel } from '../report-model.js'
import type { ReportTemplate } from '../template.js'
import { chartHtml } from './html-chart.js'
import { figuresHtml, linesHtml, textHtml, writeTable } from './html-parts.js'
import { styleOf } from './html-style.js'
import { HtmlPage, dirOf, escapeHtml } from './html-text.js'
import type { ReportSink, ReportWriter, WriterOptions } from './report-writer.js'
import { RowCount } from './shown-rows.js'

/** Fewer headings than this need no list of contents. */
const CONTENTS_MIN = 3

export const htmlWriter: ReportWriter = {
  extension: 'html',
  mediaType: 'text/html; charset=utf-8',
  takes: ['template'],
  write: writeHtml,
}

async function writeHtml(model: ReportModel, sink: ReportSink, options: WriterOptions): Promise<void> {
  options.signal.throwIfAborted()
  const page = new HtmlPage(sink)
  page.add(await headHtml(model, options.template))
  page.add(await topHtml(model, options.template))
  page.add('<main>\n')
  const body = new HtmlBody(page, options)
  for (const block of model.blocks) {
    options.signal.throwIfAborted()
    await body.write(block)
    await page.breathe()
  }
  body.end()
  page.add(`</main>\n${footHtml(model, options.template)}</body>\n</html>\n`)
  page.end()
}

/** Nothing may be loaded, and no script may run: what comes from data could do neither, whatever it holds. */
async function headHtml(model: ReportModel, template: ReportTemplate | undefined): Promise<string> {
  const style = await styleOf(template)
  const hash = createHash('sha256').update(style).digest('base64')
  const policy =
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; font-src data:; base-uri 'none'; ` +
    `form-action 'none'`
  return (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n` +
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    '<meta name="color-scheme" content="light dark">\n<meta name="generator" content="shardyard">\n' +
    `<title>${escapeHtml(model.title)}</title>\n<style>${style}</style>\n</head>\n`
  )
}

async function topHtml(
  { title, subtitle = '', blocks }: ReportModel,
  template: ReportTemplate | undefined,
): Promise<string> {
  const brand = template?.header === undefined ? '' : `<p class="brand">${escapeHtml(template.header)}</p>\n`
  const logo = template?.logo === undefined ? '' : await logoHtml(template.logo)
  const lines = subtitle.split('\n').filter((line) => line !== '')
  const about = lines.map((line, index) => linesHtml(line, index === 0 ? '' : 'muted')).join('')
  const heading = `<h1${dirOf(title)}>${escapeHtml(formatText(title))}</h1>\n`
  return `<body>\n<header>\n${brand}${logo}${heading}${about}</header>\n${contentsHtml(blocks)}`
}

async function logoHtml(file: string): Promise<string> {
  const bytes = await readFile(file)
  const type = bytes[0] === 0xff ? 'image/jpeg' : 'image/png'
  return `<img class="logo" alt="Logo" src="data:${type};base64,${bytes.toString('base64')}">\n`
}

function contentsHtml(blocks: readonly Block[]): string {
  const headings = blocks.filter((block) => block.block === 'heading')
  if (headings.length < CONTENTS_MIN) return ''
  const items = headings.map(
    ({ text }, index) => `<li><a href="#s${index + 1}">${escapeHtml(formatText(text))}</a></li>`,
  )
  return `<nav aria-label="Contents"><ul>${items.join('')}</ul></nav>\n`
}

function footHtml({ asOf }: ReportModel, template: ReportTemplate | undefined): string {
  const brand = template?.footer === undefined ? '' : `${escapeHtml(template.footer)} · `
  return `<footer><p>${brand}As of ${formatDate(asOf)}</p></footer>\n`
}

/** The sections of the page; a heading begins one, and says what follows it by its own name no second time. */
class HtmlBody {
  readonly #count: RowCount
  #sections = 0
  #parts = 0
  /** Title of the heading right above; undefined when something stands between. */
  #said: string | undefined

  constructor(
    private readonly page: HtmlPage,
    private readonly options: WriterOptions,
  ) {
    this.#count = new RowCount(options.onRows)
  }

  async write(block: Block): Promise<void> {
    const said = this.#said
    this.#said = undefined
    switch (block.block) {
      case 'heading':
        return this.#begin(block.text, block.note)
      case 'text':
        return this.page.add(textHtml(block))
      case 'figures':
        return this.page.add(figuresHtml(block.figures))
      case 'chart':
        return this.page.add(chartHtml(block, { id: this.#nextId(), isSaid: block.title === said }))
      case 'table': {
        const { signal } = this.options
        const place = { id: this.#nextId(), isSaid: block.title === said, count: this.#count, signal }
        return writeTable(this.page, block, place)
      }
      default:
        return block satisfies never
    }
  }

  end(): void {
    if (this.#sections > 0) this.page.add('</section>\n')
    this.#count.end()
  }

  #begin(text: string, note: string | undefined): void {
    if (this.#sections > 0) this.page.add('</section>\n')
    this.#sections += 1
    this.#said = text
    const id = `s${this.#sections}`
    const shown = formatText(text)
    this.page.add(`<section aria-labelledby="${id}">\n<h2 id="${id}"${dirOf(shown)}>${escapeHtml(shown)}</h2>\n`)
    if (note !== undefined) this.page.add(linesHtml(note, 'muted'))
  }

  #nextId(): string {
    this.#parts += 1
    return `p${this.#parts}`
  }
}
