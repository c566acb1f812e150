import { AsyncLocalStorage } from 'node:async_hooks'

/** Work that was let in already: what it starts is let in too, also while the cluster is closing. */
export const admitted = new AsyncLocalStorage<true>()
