/** What a template makes of the usual look. */
import type { ReportTemplate } from '../template.js'
import { DARK, LIGHT, type Palette, readableOn } from './palette.js'

/** The colours of print and of light screens.. */
export function lightPalette(template: ReportTemplate | undefined): Palette {
  return { ...LIGHT, ...template?.colours }
}

/** The colours of dark screens: those of a template as much lighter as they must be there. */
export function darkPalette(template: ReportTemplate | undefined): Palette {
  const { text: _, ...colours } = template?.colours ?? {}
  const lightened = Object.entries(colours).map(([name, hex]) => [name, readableOn(DARK.paper, hex)])
  return { ...DARK, ...(Object.fromEntries(lightened) as Partial<Palette>) }
}
