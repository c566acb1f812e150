/** The colours of reports, by what they are for. PDF and HTML draw with these names; a template changes some of them. */
import type { Tone } from '../report-model.js'

/** Print, and screens that are light. */
export const LIGHT = {
  slate: '#22303f',
  onSlate: '#ffffff',
  text: '#1f2933',
  muted: '#5b6773',
  line: '#d8dee4',
  zebra: '#f5f7f9',
  paper: '#ffffff',
  accent: '#4a6fa5',
  good: '#2f7d57',
  warning: '#8f5f12',
  bad: '#b83232',
  goodTint: '#edf6f1',
  warningTint: '#fdf5e4',
  badTint: '#fbeeee',
  series2: '#a0527f',
  series3: '#2c7f8c',
  series4: '#6a5aad',
  series5: '#667282',
  series6: '#6d7a1f',
} as const

/** What is drawn in which colour. */
export type Ink = keyof typeof LIGHT

export type Palette = Readonly<Record<Ink, string>>

/** Screens that are dark. */
export const DARK: Palette = {
  slate: '#2c3c4e',
  onSlate: '#ffffff',
  text: '#e3e8ed',
  muted: '#a3aeb9',
  line: '#3a4652',
  zebra: '#1d252d',
  paper: '#151b21',
  accent: '#85a9dc',
  good: '#6cc398',
  warning: '#e0b35c',
  bad: '#f08f8f',
  goodTint: '#1a2b23',
  warningTint: '#2e2716',
  badTint: '#331f20',
  series2: '#d791b8',
  series3: '#6cbfcc',
  series4: '#aa9ce6',
  series5: '#a9b4c0',
  series6: '#b9c565',
}

/** Colours of series without a tone, in their order; more series than these begin anew, and have other signs. */
export const SERIES_INKS = ['accent', 'series2', 'series3', 'series4', 'series5', 'series6'] as const

/** How a tone is shown: its colour never stands without its sign, or a word. */
export const TONES = {
  neutral: { sign: '', ink: 'slate', tint: 'zebra' },
  good: { sign: '✓', ink: 'good', tint: 'goodTint' },
  warning: { sign: '△', ink: 'warning', tint: 'warningTint' },
  bad: { sign: '✗', ink: 'bad', tint: 'badTint' },
} as const satisfies Record<Tone, { sign: string; ink: Ink; tint: Ink }>

/** Text with the sign of its tone before it. */
export function withSign(text: string, tone: Tone = 'neutral'): string {
  const { sign } = TONES[tone]
  return sign === '' ? text : `${sign} ${text}`
}

/** Contrast of two colours as WCAG 2 counts it, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

/** The colour, or as much lighter as it must be to be read on a dark ground. */
export function readableOn(ground: string, hex: string, contrastMin = 4.5): string {
  let colour = hex
  // Ends: the last step is white.
  for (let step = 1; step <= 10 && contrast(colour, ground) < contrastMin; step += 1) colour = lighter(hex, step / 10)
  return colour
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}

function lighter(hex: string, share: number): string {
  const mixed = channels(hex).map((part) => Math.round(part + (255 - part) * share))
  return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channels(hex).map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
