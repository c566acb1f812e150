import type { Reason, RunDetail } from '../../api/types.ts'
import { bytes, count } from '../../parts/format.ts'
import { Table, type Column } from '../../parts/table.tsx'
import { to } from '../../state/route.ts'

type File = RunDetail['files'][number]
type Database = RunDetail['databases'][number]

export function FilesTable({ files }: { readonly files: readonly File[] }) {
  if (files.length === 0) return null
  return (
    <>
      <h3>Files</h3>
      <Table
        caption="Files of this run"
        columns={FILE_COLUMNS}
        rows={files}
        keyOf={({ title }, at) => `${at} ${title}`}
        empty=""
      />
    </>
  )
}

const FILE_COLUMNS: readonly Column<File>[] = [
  { title: 'File', cell: ({ title }) => <span class="clip">{title}</span> },
  { title: 'Records', isNumber: true, cell: ({ records }) => (records === null ? '–' : count(records)) },
  { title: 'Accepted', isNumber: true, cell: ({ counts }) => count(counts.accepted) },
  { title: 'Rejected', isNumber: true, cell: ({ counts }) => count(counts.rejected) },
  { title: 'Duplicate', isNumber: true, cell: ({ counts }) => count(counts.duplicate) },
  {
    title: 'Size',
    isNumber: true,
    isExtra: true,
    cell: ({ sizeBytes }) => (sizeBytes === null ? '–' : bytes(sizeBytes)),
  },
  {
    title: 'SHA-256',
    isExtra: true,
    cell: ({ sha256 }) => (sha256 === null ? '–' : <code title={sha256}>{sha256.slice(0, 12)}…</code>),
  },
]

export function DatabasesTable({ databases }: { readonly databases: readonly Database[] }) {
  if (databases.length === 0) return null
  return (
    <>
      <h3>Databases</h3>
      <Table
        caption="Databases of this run"
        columns={DATABASE_COLUMNS}
        rows={databases}
        keyOf={({ database }) => database}
        empty=""
      />
    </>
  )
}

const DATABASE_COLUMNS: readonly Column<Database>[] = [
  { title: 'Database', cell: ({ database }) => database },
  { title: 'Accepted', isNumber: true, cell: ({ counts }) => count(counts.accepted) },
  { title: 'Rejected', isNumber: true, cell: ({ counts }) => count(counts.rejected) },
  { title: 'Duplicate', isNumber: true, cell: ({ counts }) => count(counts.duplicate) },
  { title: 'Engine', isExtra: true, cell: ({ engine }) => engine },
]

interface ReasonsProps {
  readonly run: string
  readonly reasons: readonly Reason[]
  readonly code: string
}

/** Reasons, each a link to the rejects that have it. */
export function ReasonsTable({ run, reasons, code }: ReasonsProps) {
  return (
    <Table
      caption="Reasons for rejects"
      columns={[
        {
          title: 'Reason',
          cell: (reason: Reason) => (
            <a href={to('runs', run, { code: reason.code })} aria-current={reason.code === code ? 'true' : undefined}>
              <code>{reason.code}</code>
            </a>
          ),
        },
        { title: 'Field', cell: ({ field }) => field },
        { title: 'Records', isNumber: true, cell: (reason) => count(reason.count) },
      ]}
      rows={reasons}
      keyOf={(reason) => `${reason.code} ${reason.field}`}
      empty="Nothing was rejected."
    />
  )
}
