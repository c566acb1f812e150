/** Reports as the API tells them: those that can be made, and the jobs that make them. */
import type { Report } from '../pipeline/reports/define-report.js'
import { jobFileOf } from '../pipeline/jobs/job-files.js'
import { JOB_STATES, type Job, type Json } from '../pipeline/jobs/job.js'
import type { ReportFormat } from '../pipeline/reports/writers/formats.js'
import { COUNT, MAYBE_NUMBER, MAYBE_TEXT, MAYBE_TIME, TIME } from './schemas.js'

const TEXT = { type: 'string' } as const
/** What the formats are called in HTTP; their writers say the same, but are not loaded before they write. */
export const REPORT_TYPES: Readonly<Record<ReportFormat, string>> = {
  pdf: 'application/pdf',
  html: 'text/html; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

export const REPORT_FORMATS = Object.keys(REPORT_TYPES)

/** The reports that there are. */
export const CATALOG = {
  type: 'object',
  required: ['items', 'formats'],
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'describe', 'options'],
        properties: {
          name: TEXT,
          describe: TEXT,
          options: {
            type: 'array',
            items: {
              type: 'object',
              required: ['name', 'type', 'describe', 'default', 'required', 'choices', 'min', 'max'],
              properties: {
                name: TEXT,
                type: { enum: ['string', 'integer', 'boolean', 'date', 'instant', 'choice'] },
                describe: TEXT,
                default: { type: ['string', 'number', 'boolean', 'null'] },
                required: { type: 'boolean' },
                choices: { type: ['array', 'null'], items: TEXT },
                min: MAYBE_NUMBER,
                max: MAYBE_NUMBER,
              },
            },
          },
        },
      },
    },
    formats: { type: 'array', items: TEXT },
  },
} as const

/** A report that is made, or was. */
export const REPORT_JOB = {
  $id: 'ReportJob',
  type: 'object',
  required: ['id', 'report', 'format', 'options', 'state', 'progress', 'error', 'file', 'children', 'createdAt'],
  properties: {
    id: TEXT,
    report: TEXT,
    format: TEXT,
    options: { type: 'object', additionalProperties: true },
    state: { enum: JOB_STATES },
    progress: {
      type: ['object', 'null'],
      properties: { done: { type: 'number' }, total: { type: 'number' }, note: TEXT },
    },
    error: { type: ['object', 'null'], properties: { code: TEXT, message: TEXT } },
    file: {
      type: ['object', 'null'],
      required: ['name', 'sizeBytes', 'sha256'],
      properties: { name: TEXT, sizeBytes: COUNT, sha256: TEXT },
    },
    children: { ...COUNT, description: 'jobs that make parts of it' },
    createdAt: TIME,
    startedAt: MAYBE_TIME,
    finishedAt: MAYBE_TIME,
    table: MAYBE_TEXT,
    raw: { type: 'boolean' },
  },
} as const

/** A report and its options. */
export function catalogJson({ name, describe, options }: Report) {
  return {
    name,
    describe,
    options: Object.entries(options).map(([option, spec]) => ({
      name: option,
      type: spec.type,
      describe: spec.describe,
      default: spec.default ?? null,
      required: spec.required ?? false,
      choices: spec.choices ?? null,
      min: spec.min ?? null,
      max: spec.max ?? null,
    })),
  }
}

/** A job of the kind `report`. */
export function reportJobJson(job: Job, children: number) {
  const { report, format, options, table, isRaw } = (job.data ?? {}) as Readonly<Record<string, Json | undefined>>
  const file = job.state === 'complete' ? jobFileOf(job.result) : undefined
  return {
    id: job.id,
    report: String(report),
    format: String(format),
    options: (options ?? {}) as object,
    table: typeof table === 'string' ? table : null,
    raw: isRaw === true,
    state: job.state,
    progress: job.progress ?? null,
    error: job.error ?? null,
    file: file === undefined ? null : { name: fileNameOf(job), sizeBytes: file.sizeBytes, sha256: file.sha256 },
    children,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
  }
}

/** Under which a report is saved. */
export function fileNameOf({ data }: Job): string {
  const { report, format } = (data ?? {}) as Readonly<Record<string, Json | undefined>>
  return `${String(report)}.${String(format)}`
}
