import type { ComponentChildren } from 'preact'
import type { Resource } from '../state/resource.ts'
import { Empty, ProblemNotice } from './notice.tsx'

interface Props<Value> {
  readonly resource: Resource<Value>
  readonly children: (value: Value) => ComponentChildren
}

/** What was asked for, once it is there; what is there stays while a newer answer cannot be had. */
export function Loaded<Value>({ resource: { value, problem, reload }, children }: Props<Value>) {
  // Whoever has just begun has done nothing wrong: the tables come with the first load.
  if (problem?.code === 'SY_SCHEMA_DRIFT')
    return <Empty>There is nothing yet. A load makes what it needs. {problem.message}</Empty>
  return (
    <>
      <ProblemNotice problem={problem} onRetry={reload} />
      {value !== undefined && children(value)}
      {value === undefined && problem === undefined && <p class="loading">Loading…</p>}
    </>
  )
}
