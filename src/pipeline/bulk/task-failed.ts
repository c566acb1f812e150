/** A part of a load that could not be done; `database` names the one at fault, when it was one. */
export class TaskFailed extends Error {
  readonly database: string | undefined
  /** True when waiting longer would not help. */
  readonly isFinal: boolean
  constructor(message: string, database: string | undefined, isFinal: boolean, cause?: unknown) {
    super(message, { cause })
    this.database = database
    this.isFinal = isFinal
  }
}
