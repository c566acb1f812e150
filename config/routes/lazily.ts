/** Something that is opened when it is first asked for; when that fails, it is tried again by the next who asks. */
export interface Lazy<Thing> {
  get(): Promise<Thing>
  /** Ends it, where it was opened. */
  end(close: (thing: Thing) => Promise<void>): Promise<void>
}

export function lazily<Thing>(open: () => Promise<Thing>): Lazy<Thing> {
  let opened: Promise<Thing> | undefined
  return {
    async get() {
      const opening = (opened ??= open())
      try {
        return await opening
      } catch (error) {
        if (opened === opening) opened = undefined
        throw error
      }
    },
    async end(close) {
      const thing = await opened?.catch(() => undefined)
      if (thing !== undefined) await close(thing)
    },
  }
}
