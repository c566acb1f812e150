/** Who is at work on a run, and for how long that holds without being said again. */
import { hostname } from 'node:os'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'

const LEASE_MS = 15_000

/** What says that this process is at work on a run. */
export function leaseFrom(nowMs: number): { readonly owner: string; readonly leaseUntil: Date } {
  return { owner: `${hostname()}:${process.pid}`, leaseUntil: new Date(nowMs + LEASE_MS) }
}

/** Whether the owner still works: its lease has not run out and, where that can be seen, its process is there. */
export function isAlive(
  { owner, leaseUntil, state }: Pick<RunRow, 'owner' | 'leaseUntil' | 'state'>,
  nowMs: number,
): boolean {
  if (owner === null || state !== 'running' || leaseUntil === null || leaseUntil.getTime() <= nowMs) return false
  const at = owner.lastIndexOf(':')
  if (owner.slice(0, at) !== hostname()) return true
  return isRunning(Number(owner.slice(at + 1)))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
