/** What a page has asked for: not there yet, there, or not to be had. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ask, problemOf, type ApiProblem } from '../api/ask.ts'
import { live } from './live.ts'
import { useStore } from './store.ts'

export interface Resource<Value> {
  readonly value: Value | undefined
  readonly problem: ApiProblem | undefined
  readonly reload: () => void
}

/**
 * Asks for `path` at first, when the path changes, after the server was away, and when `version` is another. Until the
 * next answer is there the one before stays; undefined asks for nothing.
 */
export function useResource<Value>(path: string | undefined, version: unknown = 0): Resource<Value> {
  const [state, setState] = useState<{ path?: string; value?: Value; problem?: ApiProblem }>({})
  const [asked, setAsked] = useState(0)
  const epoch = useStore(live, (now) => now.epoch)
  useEffect(() => {
    if (path === undefined) return undefined
    const stop = new AbortController()
    ask<Value>(path, { signal: stop.signal }).then(
      (value) => setState({ path, value }),
      (error: unknown) =>
        stop.signal.aborted ||
        setState((now) => ({ ...(now.path === path ? now : {}), path, problem: problemOf(error) })),
    )
    return () => stop.abort()
  }, [path, version, epoch, asked])
  const reload = useCallback(() => setAsked((count) => count + 1), [])
  const isLive = useStore(live, (now) => now.connection === 'live')
  useEffect(() => {
    // What could not be asked while the server was away is asked when it is back.
    if (isLive && state.problem !== undefined && state.problem.status === 0) reload()
  }, [isLive])
  const isOfPath = state.path === path
  return { value: isOfPath ? state.value : undefined, problem: isOfPath ? state.problem : undefined, reload }
}

/** A number that follows another one at most once a second, so that a burst of events is one question. */
export function useCalm(count: number, pauseMs = 1_000): number {
  const [calm, setCalm] = useState(count)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    if (count === calm || timer.current !== undefined) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      setCalm(latest.current)
    }, pauseMs)
  }, [count, calm])
  const latest = useRef(count)
  latest.current = count
  useEffect(() => () => clearTimeout(timer.current), [])
  return calm
}
