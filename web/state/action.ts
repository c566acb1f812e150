/** Something that a button does: under way, done, or failed with a problem to show. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { problemOf, type ApiProblem } from '../api/ask.ts'

export interface Action<Arguments extends readonly unknown[]> {
  readonly run: (...args: Arguments) => void
  readonly isBusy: boolean
  readonly problem: ApiProblem | undefined
}

export function useAction<Arguments extends readonly unknown[]>(
  work: (...args: Arguments) => Promise<unknown>,
): Action<Arguments> {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ApiProblem>()
  const isThere = useRef(true)
  useEffect(() => () => void (isThere.current = false), [])
  const latest = useRef(work)
  latest.current = work
  const run = useCallback((...args: Arguments) => {
    setBusy(true)
    setProblem(undefined)
    latest.current(...args).then(
      () => isThere.current && setBusy(false),
      (error: unknown) => {
        if (!isThere.current) return
        setBusy(false)
        setProblem(problemOf(error))
      },
    )
  }, [])
  return { run, isBusy, problem }
}
