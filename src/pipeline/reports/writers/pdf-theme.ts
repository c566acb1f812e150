/** Measures and type sizes of the PDF reports. Lengths are points, y grows downwards. */
import type { Ink } from '../look/palette.js'

/** A4 and the frame that content keeps to; the header stands above `top`, the footer below `bottom`. */
export const PAGE = {
  width: 595.28,
  height: 841.89,
  left: 44,
  right: 551.28,
  header: 32,
  top: 48,
  bottom: 786,
  footer: 812,
} as const

/** Width between the margins. */
export const FRAME_WIDTH = PAGE.right - PAGE.left

/** `#rrggbb` as the operands of the PDF operators `rg` and `RG`. */
export function operandsOf(hex: string): string {
  const part = (at: number) => Math.round((Number.parseInt(hex.slice(at, at + 2), 16) / 255) * 1000) / 1000
  return `${part(1)} ${part(3)} ${part(5)}`
}

/** The two faces of a report. */
export type Face = 'regular' | 'bold'

/** How a piece of text looks. */
export interface TextStyle {
  readonly face: Face
  readonly sizePt: number
  readonly ink: Ink
}

export const STYLE = {
  title: { face: 'bold', sizePt: 22, ink: 'slate' },
  heading: { face: 'bold', sizePt: 14, ink: 'slate' },
  subheading: { face: 'bold', sizePt: 10, ink: 'slate' },
  body: { face: 'regular', sizePt: 9, ink: 'text' },
  strong: { face: 'bold', sizePt: 9, ink: 'text' },
  note: { face: 'regular', sizePt: 8.5, ink: 'muted' },
  cell: { face: 'regular', sizePt: 8, ink: 'text' },
  total: { face: 'bold', sizePt: 8, ink: 'text' },
  header: { face: 'bold', sizePt: 8, ink: 'onSlate' },
  label: { face: 'regular', sizePt: 7.5, ink: 'muted' },
  figure: { face: 'bold', sizePt: 19, ink: 'slate' },
  footer: { face: 'regular', sizePt: 7.5, ink: 'muted' },
} as const satisfies Record<string, TextStyle>

/** Distance between two baselines. */
export function leading(style: TextStyle): number {
  return style.sizePt * 1.32
}
