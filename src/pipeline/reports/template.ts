/** How HTML and PDF reports look: a template changes no report. */

/** What {@link defineTemplate} takes; whatever is left out stays as it is. Files are named from the template's own folder. */
export interface TemplateOptions {
  /** A PNG or JPEG file, printed at the top. */
  readonly logo?: string
  /** Colours as #rrggbb, dark enough to be read on white. Titles and the heads of tables take the accent. */
  readonly colours?: {
    readonly accent?: string
    readonly text?: string
    readonly good?: string
    readonly warning?: string
    readonly bad?: string
  }
  /** TrueType or OpenType files. */
  readonly fonts?: { readonly regular: string; readonly bold: string }
  /** A line at the top of each page. */
  readonly header?: string
  /** A line at the bottom of each page. */
  readonly footer?: string
}

/** A template; a module given by `--template` exports one as its default. */
export interface ReportTemplate extends TemplateOptions {
  readonly kind: 'shardyard template'
}

/** Declares how reports look. */
export function defineTemplate(options: TemplateOptions): ReportTemplate {
  return Object.freeze({ ...options, kind: 'shardyard template' })
}
