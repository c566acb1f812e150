/** What a thread that has opened a cluster does at its end; apart, so that ending another thread loads nothing. */
let close: (() => Promise<void>) | undefined

export function onEnd(closeAll: () => Promise<void>): void {
  close = closeAll
}

export async function runOnEnd(): Promise<void> {
  await close?.()
  close = undefined
}
