import type { Kit, KitElement } from './pdf-kit.js'

/** An element of the logical structure, such as a table row. */
export type Tag = KitElement

export type TagName = 'Document' | 'H1' | 'H2' | 'H3' | 'P' | 'Table' | 'TR' | 'TH' | 'TD' | 'Figure'

export interface TagOptions {
  /** What the element hangs under. @defaultValue the document */
  readonly parent?: Tag
  /** What a figure shows, for those who do not see it. */
  readonly alt?: string
}

/** The logical structure of a document: what a screen reader reads, in its order. */
export class PdfTags {
  readonly #document: Tag

  constructor(private readonly pdf: Kit) {
    this.#document = pdf.struct('Document')
    pdf.addStructure(this.#document)
  }

  /** Opens an element; the caller ends it with `end()`. */
  open(name: TagName, { parent = this.#document, alt }: TagOptions = {}): Tag {
    const options = { ...(alt !== undefined && { alt }), ...(name === 'TH' && { scope: 'Column' }) }
    const tag = this.pdf.struct(name, options)
    parent.add(tag)
    return tag
  }

  /** Draws a part of an open element on the current page. */
  draw(tag: Tag, name: TagName, paint: () => void): void {
    const content = this.pdf.markStructureContent(name)
    paint()
    this.pdf.endMarkedContent()
    tag.add(content)
  }

  /** Draws a whole element. */
  mark(name: TagName, paint: () => void, options: TagOptions = {}): void {
    const tag = this.open(name, options)
    this.draw(tag, name, paint)
    tag.end()
  }

  /** Draws what is not content: stripes, rules, footers, repeated headers. */
  artifact(paint: () => void): void {
    this.pdf.markContent('Artifact')
    paint()
    this.pdf.endMarkedContent()
  }

  /**
   * Writes which element each piece of the page belongs to. pdfkit would keep that for every page until the end,
   * which is one object for every cell of the report.
   */
  closePage(): void {
    const tree = this.pdf.getStructParentTree()
    const key = this.pdf.page.structParentTreeKey
    const elements = this.pdf.ref(tree.get(key))
    elements.end()
    elements.data = {}
    tree.add(key, elements)
  }

  close(): void {
    this.#document.end()
  }
}
