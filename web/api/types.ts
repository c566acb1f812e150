/** What the API answers, as far as the dashboard reads it. */

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

export interface Counts {
  readonly accepted: number
  readonly rejected: number
  readonly duplicate: number
  readonly blank: number
  readonly header: number
}

export interface ClusterField {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'decimal' | 'boolean' | 'date-time'
  readonly isKey: boolean
  readonly isGenerated: boolean
  readonly isNullable: boolean
  readonly references: string | null
}

export interface ClusterEntity {
  readonly name: string
  readonly database: string
  readonly table: string
  readonly fields: readonly ClusterField[]
}

export interface ClusterInfo {
  readonly version: string
  readonly control: string | null
  readonly databases: readonly { name: string; engine: string; address: string; entities: readonly string[] }[]
  readonly entities: readonly ClusterEntity[]
  readonly queue: { readonly address: string }
  readonly events: string | null
  readonly roots: readonly string[]
  readonly mayFail: boolean
  readonly simulation: boolean
  readonly formats: { readonly rejects: readonly string[]; readonly reports: readonly string[] }
}

export interface Health {
  readonly database: string
  readonly state: 'up' | 'down' | 'absent'
  readonly address: string
  readonly latencyMs: number | null
  readonly sizeBytes: number | null
  readonly error: string | null
  readonly warnings: readonly string[]
}

export interface Explained {
  readonly databases: readonly string[]
  readonly why: string
  readonly sql: Readonly<Record<string, string>>
  readonly parameters: readonly unknown[]
}

export interface Summary {
  readonly runs: { readonly running: number; readonly complete: number; readonly incomplete: number }
  readonly counts: Counts
  readonly successRate: number | null
  readonly entities: readonly { entity: string; database: string; rows: number | null }[]
  readonly jobs: Readonly<Record<JobState, number>>
}

export type RunState = 'running' | 'complete' | 'incomplete' | 'interrupted'

export interface Run {
  readonly id: string
  readonly kind: 'ingestion' | 'simulation'
  readonly title: string
  readonly entity: string | null
  readonly state: RunState
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly wallMs: number
  readonly threads: number
  readonly records: number
  readonly counts: Counts
  readonly successRate: number | null
  readonly isBalanced: boolean | null
}

export interface Reason {
  readonly code: string
  readonly field: string
  readonly count: number
}

export interface RunDetail extends Run {
  readonly dedupe: string | null
  readonly ledger: string | null
  readonly files: readonly {
    title: string
    sha256: string | null
    sizeBytes: number | null
    records: number | null
    counts: Counts
  }[]
  readonly databases: readonly { database: string; engine: string; counts: Counts }[]
  readonly reasons: readonly Reason[]
}

export interface Reject {
  readonly id: string
  readonly file: string
  readonly line: number
  readonly position: number
  readonly reasons: readonly { code: string; field: string; pointer: string; message: string; fix: string }[]
  readonly record: Readonly<Record<string, unknown>> | null
  readonly text: string | null
}

export interface Upload {
  readonly id: string
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
}

export type JobState = 'pending' | 'running' | 'complete' | 'failed' | 'cancelled'

export interface JobFault {
  readonly code: string
  readonly message: string
}

export interface Job {
  readonly id: string
  readonly kind: string
  readonly state: JobState
  readonly parent?: string | null
  readonly failures: number
  readonly attempts?: number
  readonly isCancelRequested?: boolean
  readonly progress: { readonly done: number; readonly total?: number; readonly note?: string } | null
  readonly error: JobFault | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

export interface Preview {
  readonly entity: string
  readonly files: readonly {
    title: string
    sizeBytes: number
    records: number
    shape: { format: string; encoding: string; delimiter?: string | null }
    names?: NamePlan | null
  }[]
  readonly counts: Counts
  readonly reasons: readonly Reason[]
  readonly rejects: readonly {
    file: string
    line: number
    reasons: readonly { code: string; field: string; message: string; fix?: string }[]
  }[]
  readonly changes: readonly { why: string; field: string; count: number }[]
}

export interface NamePlan {
  readonly matches: readonly { name: string; property: string; by: string }[]
  readonly unused: readonly string[]
  readonly unfed: readonly string[]
  readonly lookalikes: readonly { name: string; property: string }[]
}

export interface Ingestion {
  readonly id: string
  readonly run: string | null
  readonly state: JobState
  readonly kind: 'ingest' | 'redrive'
  readonly into: string
  readonly source: string
  readonly isDryRun: boolean
  readonly progress: {
    readonly done: number
    readonly total: number | null
    readonly rejected: number
    readonly recordsPerSecond: number | null
    readonly etaSeconds: number | null
  } | null
  readonly counts: Counts | null
  readonly isBalanced: boolean | null
  readonly error: JobFault | null
  readonly preview: Preview | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

export interface ReportOption {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'date' | 'instant' | 'choice'
  readonly describe: string
  readonly default: string | number | boolean | null
  readonly required: boolean
  readonly choices: readonly string[] | null
  readonly min: number | null
  readonly max: number | null
}

export interface ReportKind {
  readonly name: string
  readonly describe: string
  readonly options: readonly ReportOption[]
}

export interface ReportJob {
  readonly id: string
  readonly report: string
  readonly format: string
  readonly options: Readonly<Record<string, unknown>>
  readonly state: JobState
  readonly progress: Job['progress']
  readonly error: JobFault | null
  readonly file: { readonly name: string; readonly sizeBytes: number; readonly sha256: string } | null
  readonly createdAt: string
  readonly finishedAt: string | null
}

/** One record's way through one run. */
export interface Trace {
  readonly run: string
  readonly startedAt: string
  readonly fileTitle: string
  readonly line: number
  readonly position: number
  readonly outcome: string
  readonly raw: string
  readonly changes?: readonly {
    readonly field: string
    readonly from: string
    readonly to: string
    readonly why: string
  }[]
}

export interface LedgerEvent {
  readonly run: string
  readonly position: number
  readonly outcome: 'accepted' | 'rejected' | 'duplicate'
  readonly id: string | number | null
  readonly text: string
  readonly codes: readonly string[]
}

export interface EventTotals {
  readonly by: string
  readonly sum: string
  readonly items: readonly { key: string; count: number; total: string }[]
}

export interface FaultItem {
  readonly point: string
  readonly action: string
  readonly share: number
  readonly until: string
}

export interface Faults {
  readonly mayFail: boolean
  readonly points: readonly { point: string; describe: string }[]
  readonly items: readonly FaultItem[]
}

export interface Consumer {
  readonly name: string
  readonly topic: string
  readonly group: string
  readonly into: string
  readonly state: 'running' | 'waiting' | 'stopped'
  readonly lag: number | null
  readonly counts: Counts
  readonly error: string | null
}

export interface Schedule {
  readonly name: string
  readonly cron: string
  readonly timeZone: string
  readonly work: unknown
  readonly nextAt: string | null
  readonly lastAt: string | null
  readonly lastState: string | null
}

export interface Me {
  readonly needsKey: boolean
  readonly scopes: readonly string[]
}
