// Compiled, never run: each @ts-expect-error fails the compilation when the line below it is accepted.
import { type Cluster, defineReport, type ReportModel, type ReportResult, writeReport } from 'shardyard'

const EMPTY: ReportModel = { title: 'Empty', asOf: new Date(0), blocks: [] }

export const report = defineReport({
  name: 'typed',
  describe: 'has options of every kind',
  options: {
    from: { type: 'date', describe: 'a day', required: true },
    until: { type: 'instant', describe: 'a moment' },
    top: { type: 'integer', describe: 'a number', default: 10 },
    isBrief: { type: 'boolean', describe: 'a truth', default: false },
    by: { type: 'choice', describe: 'a choice', choices: ['day', 'month'], default: 'day' },
  },
  partitions: {
    split: async () => [{ from: 1 }],
    compute: async (_context, { from }) => from + 1,
  },
  run: async ({ options }, results) => {
    const [from, until, top]: [string, Date | undefined, number] = [options.from, options.until, options.top]
    const [isBrief, by]: [boolean, 'day' | 'month'] = [options.isBrief, options.by]
    const sums: readonly number[] = results
    // @ts-expect-error without a default an option may be undefined
    const moment: Date = options.until
    // @ts-expect-error no such option was declared
    void options.since
    void [from, until, top, isBrief, by, sums, moment]
    return EMPTY
  },
})

export const wrong = defineReport({
  name: 'wrong',
  describe: 'has an option of no kind',
  // @ts-expect-error there is no such type
  options: { other: { type: 'colour', describe: 'a colour' } },
  run: async () => EMPTY,
})

export async function typesOfWriting(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const control = { signal, onProgress: ({ phase }: { phase: 'parts' | 'model' | 'rows' }) => void phase }
  const output = process.stdout
  const result: ReportResult = await writeReport(cluster, { report: 'typed', format: 'csv', output }, control)
  const { sha256, rows, file }: { sha256: string; rows: number; file?: string } = result
  // @ts-expect-error there is no such format
  await writeReport(cluster, { report: 'typed', format: 'docx', output: 'a.docx' })
  // @ts-expect-error a report goes somewhere
  await writeReport(cluster, { report: 'typed', format: 'csv' })
  void [sha256, rows, file]
}
