/** What a thread has opened to generate records, if it has; apart, so that ending a thread loads nothing. */
let close: (() => Promise<void>) | undefined

export function onEnd(closePart: () => Promise<void>): void {
  close = closePart
}

export async function closeGeneratedPart(): Promise<void> {
  await close?.()
  close = undefined
}
