import { TestEnvironment } from 'jest-environment-node'

/**
 * Node's environment, which also removes what tests leave behind: what belongs to a test after its last hook,
 * what belongs to the file at its end. What a failed test made is kept, so that it can be looked at.
 */
export default class CleaningEnvironment extends TestEnvironment {
  #cleanup = { isInTest: false, items: new Set() }
  #hasFailed = false

  async setup() {
    await super.setup()
    // `cleanup.ts`, which runs inside the environment, adds to it.
    this.global.shardyardCleanup = this.#cleanup
  }

  async handleTestEvent(event) {
    if (event.name === 'test_start') this.#cleanup.isInTest = true
    // A test that is left out starts, but is never done.
    if (event.name === 'test_skip' || event.name === 'test_todo') this.#cleanup.isInTest = false
    if (event.name === 'test_done') {
      this.#cleanup.isInTest = false
      const failed = event.test.errors.length > 0
      const errors = await this.#clear('test', failed)
      event.test.errors.push(...errors)
      this.#hasFailed ||= failed || errors.length > 0
    }
    if (event.name === 'run_finish') {
      const errors = await this.#clear('file', this.#hasFailed)
      if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('\n'))
    }
  }

  /** The last made goes first: a process before the database it has open. */
  async #clear(scope, failed) {
    const { items } = this.#cleanup
    const errors = []
    for (const item of [...items].toReversed()) {
      if (scope === 'test' && item.scope !== 'test') continue
      items.delete(item)
      if (failed && item.keptAs) process.stderr.write(`Kept for a look, as a test failed: ${item.keptAs}\n`)
      else await item.remove().catch((error) => errors.push(error))
    }
    return errors
  }
}
