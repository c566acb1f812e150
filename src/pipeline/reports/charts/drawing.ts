/** A chart as plain shapes: PDF and HTML draw the same ones. Lengths are points, y grows downwards from the top. */
import type { Ink } from '../look/palette.js'

export interface RectShape {
  readonly shape: 'rect'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly ink: Ink
}

/** A path in the notation of SVG. It is filled, or drawn as a line of that width. */
export interface PathShape {
  readonly shape: 'path'
  readonly d: string
  readonly ink: Ink
  readonly lineWidth?: number
  /** Where its own origin lies. @defaultValue the upper left corner of the drawing */
  readonly at?: { readonly x: number; readonly y: number }
}

export interface TextShape {
  readonly shape: 'text'
  readonly text: string
  /** Its left end, its right end or its middle. */
  readonly x: number
  readonly baseline: number
  readonly align: 'left' | 'right' | 'center'
  readonly type: TextType
  readonly ink: Ink
}

export type Shape = RectShape | PathShape | TextShape

/** How a text of a chart is set: names, figures, and what stands at axes. */
export type TextType = 'name' | 'figure' | 'label'

export interface Drawing {
  readonly width: number
  readonly height: number
  readonly shapes: readonly Shape[]
  /** What it shows, for those who do not see it. */
  readonly alt: string
  /** What is not drawn, and why; undefined when all is. */
  readonly note: string | undefined
}

/** What a drawing is made on. */
export interface Canvas {
  readonly width: number
  measure(text: string, type: TextType): number
  /** The text in one line; what does not fit is replaced by an ellipsis. */
  fit(text: string, type: TextType, width: number): string
}
