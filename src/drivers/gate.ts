import type { QueryRunner } from 'typeorm'
import type { Gate } from './driver.js'

/**
 * Lets a pooled runner (PostgreSQL, MySQL) through the gate at its first statement, and out at its release; its errors
 * leave in the gate's words.
 */
export function guardRunner(runner: QueryRunner, gate: Gate): void {
  const { connect, release } = runner
  const query = runner.query as (...args: unknown[]) => Promise<unknown>
  let entering: Promise<void> | undefined
  let hasEntered = false
  // Not `isReleased`: TypeORM sets that by itself when the server drops the connection.
  let hasLeft = false
  runner.connect = async () => {
    if (hasEntered) return connect.call(runner)
    if (entering === undefined) {
      entering = gate.enter(runner)
      // Counted from here on: a second statement may be started before this one has gone on.
      hasEntered = entering === undefined
    }
    try {
      await entering
      hasEntered = true
    } catch (error) {
      entering = undefined
      throw error
    }
    return connect.call(runner)
  }
  runner.release = async () => {
    await release.call(runner)
    if (!hasEntered || hasLeft) return
    hasLeft = true
    gate.leave(runner)
  }
  const translated = async (sql: string, parameters?: unknown[], isStructured?: boolean) => {
    try {
      return await query.call(runner, sql, parameters, isStructured)
    } catch (error) {
      throw gate.translated(error, sql, parameters)
    }
  }
  runner.query = translated as QueryRunner['query']
}
