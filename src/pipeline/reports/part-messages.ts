/** What the thread that makes a report and those that make its parts say to one another: plain JSON and numbers. */

/** What a thread is started with; it opens the cluster of `config` and finds the report by its name. */
export interface PartThreadStart {
  readonly config: string
  readonly report: string
  /** Checked; a moment is a Date. */
  readonly options: Readonly<Record<string, unknown>>
}

/** To a thread: make this part, or come to an end, at once when the report is given up. */
export type PartOrder =
  | { readonly kind: 'make'; readonly at: number; readonly count: number; readonly part: unknown }
  | { readonly kind: 'end' }
  | { readonly kind: 'stop' }

/** From a thread, about the one part that it was given. */
export type PartAnswer =
  | { readonly kind: 'made'; readonly result: unknown }
  | {
      readonly kind: 'failed'
      readonly code: string | undefined
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
    }
