import type { ComponentChildren } from 'preact'
import type { Resource } from '../state/resource.ts'
import { ProblemNotice } from './notice.tsx'

interface Props<Value> {
  readonly resource: Resource<Value>
  readonly children: (value: Value) => ComponentChildren
}

/** What was asked for, once it is there; what is there stays while a newer answer cannot be had. */
export function Loaded<Value>({ resource: { value, problem, reload }, children }: Props<Value>) {
  return (
    <>
      <ProblemNotice problem={problem} onRetry={reload} />
      {value !== undefined && children(value)}
      {value === undefined && problem === undefined && <p class="loading">Loading…</p>}
    </>
  )
}
