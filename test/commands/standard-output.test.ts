import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync, closeSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runCommand, startCommand } from '../helpers/command'
import { tempFolder } from '../helpers/temp'

const FULL = '/dev/full'
const BIN = join(__dirname, '../../dist/commands/bin/shardyard.js')

describe('standard output', () => {
  const onFull = existsSync(FULL) ? test : test.skip
  onFull(`that is full (${FULL}) ends a command with a sentence and exit code 1`, async () => {
    const full = openSync(FULL, 'w')
    const child = spawn(process.execPath, [BIN, 'generate', 'Event', '--output', '-'], {
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr as Readable)])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Standard output cannot be written: ENOSPC: no space left on device, write. The command has stopped.\n',
    })
  })

  test('whose reader goes away early is no error of "rejects"', async () => {
    const cwd = await tempFolder('early reader')
    await runCommand(['shardyard', 'generate', 'Event', '--count', '2000', '--invalid', '1', '--output', 'e.csv'], {
      cwd,
    })
    await runCommand(['shardyard', 'ingest', 'e.csv', '--into', 'Event'], { cwd })
    const child = startCommand(['shardyard', 'rejects', 'latest'], { cwd })
    child.stdout.once('data', () => child.stdout.destroy())
    const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('a lone "-" on the command line', () => {
  const input = '{"client":"a","timestamp":"2024-01-31T10:00:00Z"}\n'

  test('among the files of "ingest" is standard input', async () => {
    const cwd = await tempFolder('dash')
    await writeFile(join(cwd, 'e.ndjson'), '{"client":"b","timestamp":"2024-01-31T10:00:00Z"}\n')
    const args = ['shardyard', 'ingest', 'e.ndjson', '-', '--into', 'Event', '--json']
    const { stdout } = await runCommand(args, { cwd, input })
    const account = JSON.parse(stdout) as { counts: object; files: readonly { title: string }[] }
    expect(account.counts).toMatchObject({ accepted: 2, rejected: 0 })
    expect(account.files.map(({ title }) => title)).toEqual(['e.ndjson', 'standard input'])
  })

  test('is told as it was written when it is no choice of a flag', async () => {
    const { code, stderr } = await runCommand(['shardyard', 'ingest', '-', '--into', 'Event', '--format', '-'], {
      input,
    })
    expect(code).toBe(2)
    expect(stderr).toContain('Given: "-"')
  })
})
