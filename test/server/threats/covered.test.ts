import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where each threat of a store that takes data from outside is tested; those without a file here meet no code of it. */
const THREATS: Readonly<Record<string, readonly string[]>> = {
  '1 path traversal': ['pipeline/uploads/rooted-file.test.ts', 'pipeline/ingest/threats.test.ts'],
  '2 links, devices, files that are swapped': [
    'pipeline/uploads/rooted-file.test.ts',
    'pipeline/ingest/threats.test.ts',
  ],
  '3 addresses in place of paths': ['pipeline/uploads/rooted-file.test.ts', 'pipeline/ingest/threats.test.ts'],
  '4 files that change while they are read': ['pipeline/ingest/threats.test.ts'],
  '5 formulas in CSV': ['pipeline/ingest/rejects.test.ts'],
  '6 formulas in XLSX': ['pipeline/reports/writers/xlsx-report.test.ts'],
  '7 compressed files that grow': ['pipeline/ingest/threats.test.ts'],
  '8 compressed bodies': ['server/threats/requests.test.ts'],
  '9 scripts in pages': ['server/threats/browsers.test.ts'],
  '10 links and control characters in PDF': ['pipeline/reports/pdf-parts.test.ts'],
  '11 patterns that take long': ['server/threats/requests.test.ts'],
  '12 prototypes': ['server/threats/requests.test.ts'],
  '13 JSON that is too deep or too large': ['server/threats/requests.test.ts', 'pipeline/formats/json-check.test.ts'],
  '14 hashes that are equal by meaning': ['pipeline/ingest/same-again.test.ts'],
  '15 probing for what others have sent': ['server/threats/others.test.ts'],
  '16 SQL in names': ['server/threats/requests.test.ts'],
  '17 secrets and rows in logs': ['server/threats/logs.test.ts'],
  '18 uploads that are cut': ['server/upload-routes.test.ts'],
  '19 slow and half-open connections': ['server/threats/connections.test.ts'],
  '20 jobs with paths or code in them': ['pipeline/jobs/report-job.test.ts'],
  '21 work that kills its worker': ['pipeline/jobs/killed.test.ts'],
  '22 faults in production': ['server/fault-routes.test.ts'],
  '23 reports of others': ['server/threats/others.test.ts'],
  '24 pages of others': ['server/threats/browsers.test.ts'],
  '25 names in headers and terminals': ['server/report-routes.test.ts', 'util/text-table.test.ts'],
  '26 full disks': ['pipeline/ingest/full-disk.test.ts'],
  '27 clocks': ['pipeline/jobs/job-queue.test.ts'],
  '28 packages that run scripts': ['package.test.ts'],
  '29 encodings': ['pipeline/formats/read-csv.test.ts'],
  '30 errors that tell too much': ['server/threats/requests.test.ts'],
}

test.each(Object.entries(THREATS))('%s: %j', (_threat, files) => {
  expect(files.filter((file) => !existsSync(join(__dirname, '../..', file)))).toEqual([])
})
