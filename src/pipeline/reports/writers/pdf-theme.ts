/** Measures, colours and type sizes of the PDF reports. Lengths are points, y grows downwards. */

/** A4 and the frame that content keeps to; the footer stands below `bottom`. */
export const PAGE = {
  width: 595.28,
  height: 841.89,
  left: 44,
  right: 551.28,
  top: 48,
  bottom: 786,
  footer: 812,
} as const

/** Width between the margins. */
export const FRAME_WIDTH = PAGE.right - PAGE.left

/** A colour as the operands of the PDF operator `rg`. */
export type Ink = string

/** `#rrggbb` as an {@link Ink}. */
function ink(hex: string): Ink {
  const part = (at: number) => Math.round((Number.parseInt(hex.slice(at, at + 2), 16) / 255) * 1000) / 1000
  return `${part(1)} ${part(3)} ${part(5)}`
}

export const INK = {
  slate: ink('#22303f'),
  text: ink('#1f2933'),
  muted: ink('#5b6773'),
  line: ink('#d8dee4'),
  zebra: ink('#f5f7f9'),
  white: ink('#ffffff'),
  latency: ink('#4a6fa5'),
  accepted: ink('#2f7d57'),
  rejected: ink('#b83232'),
  duplicate: ink('#b7791f'),
  acceptedTint: ink('#edf6f1'),
  rejectedTint: ink('#fbeeee'),
  duplicateTint: ink('#fdf5e4'),
} as const

/** The two faces of a report. */
export type Face = 'regular' | 'bold'

/** How a piece of text looks. */
export interface TextStyle {
  readonly face: Face
  readonly sizePt: number
  readonly ink: Ink
}

export const STYLE = {
  title: { face: 'bold', sizePt: 22, ink: INK.slate },
  heading: { face: 'bold', sizePt: 14, ink: INK.slate },
  subheading: { face: 'bold', sizePt: 10, ink: INK.slate },
  body: { face: 'regular', sizePt: 9, ink: INK.text },
  strong: { face: 'bold', sizePt: 9, ink: INK.text },
  note: { face: 'regular', sizePt: 8.5, ink: INK.muted },
  cell: { face: 'regular', sizePt: 8, ink: INK.text },
  total: { face: 'bold', sizePt: 8, ink: INK.text },
  header: { face: 'bold', sizePt: 8, ink: INK.white },
  label: { face: 'regular', sizePt: 7.5, ink: INK.muted },
  figure: { face: 'bold', sizePt: 19, ink: INK.slate },
  footer: { face: 'regular', sizePt: 7.5, ink: INK.muted },
} as const satisfies Record<string, TextStyle>

/** Distance between two baselines. */
export function leading(style: TextStyle): number {
  return style.sizePt * 1.32
}
