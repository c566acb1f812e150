/** How the series of a chart are told from each other: by a colour, and always by a sign as well. */
import { symbolCircle, symbolCross, symbolDiamond, symbolSquare, symbolStar, symbolTriangle, symbol } from 'd3-shape'
import { type Ink, SERIES_INKS, TONES } from '../look/palette.js'
import type { Chart } from '../report-model.js'
import type { Canvas, Shape } from './drawing.js'

const SIGNS = ['●', '■', '▲', '◆', '★', '✚'] as const
const MARKS = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolStar, symbolCross] as const
const MARK_AREA = 22
const GAP = 16
const ROW = 14

/** How one series looks. */
export interface SeriesLook {
  readonly name: string
  readonly ink: Ink
  readonly sign: string
  /** Path of its mark on a line, around its own origin. */
  readonly mark: string
}

export function looksOf({ series }: Chart): readonly SeriesLook[] {
  return series.map(({ name, tone = 'neutral' }, index) => {
    const isNeutral = tone === 'neutral'
    const type = MARKS[index % MARKS.length] ?? symbolCircle
    return {
      name,
      ink: isNeutral ? (SERIES_INKS[index % SERIES_INKS.length] ?? 'accent') : TONES[tone].ink,
      sign: isNeutral ? (SIGNS[index % SIGNS.length] ?? '●') : TONES[tone].sign,
      mark: symbol(type, MARK_AREA)() ?? '',
    }
  })
}

/** The legend from `left`, in as many rows as it needs, and how high it is. A chart of one series has none. */
export function legendOf(
  looks: readonly SeriesLook[],
  canvas: Canvas,
  { left, isLine }: { readonly left: number; readonly isLine: boolean },
): { readonly shapes: readonly Shape[]; readonly height: number } {
  if (looks.length < 2) return { shapes: [], height: 0 }
  const shapes: Shape[] = []
  let [x, y] = [left, 0]
  for (const { name, ink, sign, mark } of looks) {
    const text = canvas.fit(isLine ? name : `${sign} ${name}`, 'label', canvas.width - left - 12)
    const width = 12 + canvas.measure(text, 'label')
    if (x > left && x + width > canvas.width) [x, y] = [left, y + ROW]
    if (isLine) shapes.push({ shape: 'path', d: mark, ink, at: { x: x + 4, y: y + 5 } })
    else shapes.push({ shape: 'rect', x, y: y + 1, width: 8, height: 8, ink })
    shapes.push({ shape: 'text', text, x: x + 12, baseline: y + 8, align: 'left', type: 'label', ink: 'muted' })
    x += width + GAP
  }
  return { shapes, height: y + 18 }
}
