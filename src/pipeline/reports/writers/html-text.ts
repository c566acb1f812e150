import { hasRtl, plainText } from '../look/plain-text.js'
import type { ReportSink } from './report-writer.js'

const PLAIN = /^[\w .,:;/()+%-]*$/
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text from anywhere for an element or a quoted attribute. Whatever comes from data passes through here. */
export function escapeHtml(text: string): string {
  if (PLAIN.test(text)) return text
  return plainText(text).replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

/** An attribute for text that has a direction of its own. */
export function dirOf(text: string): string {
  return hasRtl(text) ? ' dir="auto"' : ''
}

const PIECE_CHARACTERS = 16 * 1024

/** The page being written, in pieces that are handed over when they are large. */
export class HtmlPage {
  #piece = ''

  constructor(private readonly sink: ReportSink) {}

  add(html: string): void {
    this.#piece += html
    if (this.#piece.length >= PIECE_CHARACTERS) this.end()
  }

  /** Waits while the file has more than it can write. */
  async breathe(): Promise<void> {
    if (this.sink.isWaiting) await this.sink.flush()
  }

  end(): void {
    if (this.#piece === '') return
    this.sink.take(Buffer.from(this.#piece))
    this.#piece = ''
  }
}
