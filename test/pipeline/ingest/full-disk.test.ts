import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Cluster } from 'shardyard'
import { ingest } from 'shardyard/src/pipeline/ingest/ingest'
import type { IngestEvent } from 'shardyard/src/pipeline/ingest/ingest-options'
import { removeAtEnd } from '../../helpers/cleanup'
import { runCommand } from '../../helpers/command'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { freshDepot, openDepot, type OpenDepot } from './depot'
import { endState } from './end-state'
import { afterChunks, CHUNK_BYTES, mixedCsv, RECORDS, undisturbedEnd } from './failing'

const [sqlite] = ENGINES as readonly [TestEngine]
const OPTIONS = { into: 'Item', chunkBytes: CHUNK_BYTES, waitMs: 20_000 }

/** A folder on a disk of its own; mounting needs the rights for it. */
async function smallDisk(size: string): Promise<string> {
  const folder = join(await tempFolder('disk'), 'disk')
  await mkdir(folder)
  mount(['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  removeAtEnd(async () => void execFileSync('umount', ['-l', folder]))
  return folder
}

function mount(args: readonly string[]): void {
  execFileSync('mount', args, { stdio: 'pipe' })
}

const MAY_MOUNT = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = `/tmp/shardyard-may-mount-${process.pid}`
  try {
    execFileSync('mkdir', ['-p', folder])
    mount(['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    execFileSync('rmdir', ['--ignore-fail-on-non-empty', folder])
  }
})()

/** A depot whose rows go to a file on a small disk, and an ingestion of it. */
async function onSmallDisk(): Promise<{ disk: string; cluster: Cluster; depot: OpenDepot }> {
  const disk = await smallDisk('4m')
  const made = await freshDepot(sqlite, 'full disk')
  const depot: OpenDepot = { ...made, urls: { ...made.urls, north: `sqlite:${join(disk, 'north.db')}` } }
  const cluster = await openDepot(depot)
  return { disk, cluster, depot: { ...depot, cluster } }
}

/** Fills a disk up to its last byte, at once; answers how to empty it again. */
function fill(disk: string): () => void {
  const file = join(disk, 'filler')
  const filler = openSync(file, 'w')
  try {
    for (let bytes = 65_536; bytes >= 1; ) bytes = hasTaken(filler, bytes) ? bytes : bytes >> 1
  } finally {
    closeSync(filler)
  }
  return () => rmSync(file)
}

function hasTaken(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes)) === bytes
  } catch {
    return false
  }
}

const described = MAY_MOUNT ? describe : describe.skip

described(`a disk that fills${MAY_MOUNT ? '' : ' (skipped: it takes the right to mount one)'}`, () => {
  test('under the rows ends the run in time, blames no record, and the same call completes it', async () => {
    const { disk, cluster, depot } = await onSmallDisk()
    const file = await depot.write('a.csv', mixedCsv(RECORDS))
    let empty: () => void = () => undefined
    const onEvent = afterChunks(3, () => (empty = fill(disk)))
    const startedAt = performance.now()
    await expect(ingest(cluster, [file], { ...OPTIONS, waitMs: 1_000, onEvent })).rejects.toMatchObject({
      code: 'SY_RUN_INCOMPLETE',
      message: expect.stringMatching(/full|disk/),
    })
    expect(performance.now() - startedAt).toBeLessThan(25_000)
    empty()
    expect((await ingest(cluster, [file], OPTIONS)).state).toBe('complete')
    expect(await endState(depot)).toEqual(await undisturbedEnd())
  }, 60_000)

  test('under the rows and has room again in time is waited for', async () => {
    const { disk, cluster, depot } = await onSmallDisk()
    const file = await depot.write('a.csv', mixedCsv(RECORDS))
    const waits: string[] = []
    const onChunk = afterChunks(3, () => setTimeout(fill(disk), 1_500))
    const onEvent = (event: IngestEvent) => {
      onChunk(event)
      if (event.kind === 'waiting-for-database') waits.push(`${event.database}: ${event.message}`)
    }
    expect((await ingest(cluster, [file], { ...OPTIONS, onEvent })).state).toBe('complete')
    expect(waits[0]).toMatch(/^north: .*(?:full|disk)/)
    expect(await endState(depot)).toEqual(await undisturbedEnd())
  }, 60_000)

  test('under the copy of a packed file ends the command before anything is written, and leaves no file', async () => {
    const disk = await smallDisk('1m')
    const depot = await freshDepot(sqlite, 'full spool')
    const before = await endState(depot)
    const file = await depot.write('a.csv.gz', gzipSync(`code,title,price\n${randomBytes(2 ** 20).toString('hex')}`))
    const args = ['shardyard', 'ingest', file, '--into', 'Item', '--config', depot.config]
    const { code, stderr } = await runCommand(args, { cwd: depot.folder, env: { TMPDIR: disk } })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^"[^\n]*(?:ENOSPC|no space)[^\n]*\n$/) })
    expect(await readdir(disk)).toEqual([])
    expect(await endState(depot)).toEqual(before)
  }, 60_000)
})
