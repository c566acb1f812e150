/** What a template makes of the usual colours. */
import type { ReportTemplate } from '../template.js'
import { DARK, LIGHT, type Palette, readableOn } from './palette.js'

/** The colours of print and of light screens. Titles and the heads of tables take the accent of a template. */
export function lightPalette(template: ReportTemplate | undefined): Palette {
  return { ...LIGHT, ...template?.colours, ...headsOf(template) }
}

/** The colours of dark screens: those of a template as much lighter as they must be there to be read. */
export function darkPalette(template: ReportTemplate | undefined): Palette {
  const { text: _, ...colours } = template?.colours ?? {}
  const lightened = Object.entries(colours).map(([name, hex]) => [name, readableOn(DARK.paper, hex)])
  return { ...DARK, ...(Object.fromEntries(lightened) as Partial<Palette>), ...headsOf(template) }
}

function headsOf(template: ReportTemplate | undefined): Partial<Palette> {
  const accent = template?.colours?.accent
  return accent === undefined ? {} : { slate: accent }
}
