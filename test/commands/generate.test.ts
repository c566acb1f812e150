import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { definition } from 'shardyard/config'
import { samplesOf } from 'shardyard/src/pipeline/generate/generate-file'
import { SampleFile } from 'shardyard/src/pipeline/generate/sample-file'
import type { SampleFileOptions } from 'shardyard/src/pipeline/generate/sample-options'
import { runCommand, startCommand } from '../helpers/command'
import { tempFolder } from '../helpers/temp'

/** Runs the command in a new folder, or the one that is given. */
async function generate(args: string, cwd?: string) {
  const folder = cwd ?? (await tempFolder('generate command'))
  const result = await runCommand(['shardyard', 'generate', ...args.split(' ').filter((arg) => arg !== '')], {
    cwd: folder,
  })
  return { ...result, folder, files: (await readdir(folder)).toSorted() }
}

function expected(entity: string, options: SampleFileOptions = {}) {
  const sample = new SampleFile(samplesOf(definition, entity), options)
  return { bytes: Buffer.concat([...sample.blocks()]), account: sample.account() }
}

describe('shardyard generate', () => {
  test('makes a thousand records as CSV, in a file named after the entity, and says what is in it', async () => {
    const { code, stdout, stderr, folder, files } = await generate('Transaction')
    const { bytes, account } = expected('Transaction')
    expect({ code, stdout, files }).toEqual({ code: 0, stdout: '', files: ['transaction.csv'] })
    expect((await readFile(join(folder, 'transaction.csv'))).equals(bytes)).toBe(true)
    const { accepted, duplicate, blank, header, sha256 } = account
    const kinds = Object.keys(account.rejected.byKind).length
    expect(stderr).toBe(
      `transaction.csv has 1,000 records: ${accepted} without an error, 100 with one (of ${kinds} kinds), ` +
        `${duplicate} duplicates. Besides: ${blank} blank lines, ${header} header lines. SHA-256: ${sha256}\n`,
    )
  })

  test.each([
    ['--output a.json', 'a.json', 'json'],
    ['--output a.NDJSON', 'a.NDJSON', 'ndjson'],
    ['--output a.jsonl', 'a.jsonl', 'ndjson'],
    ['--output a.txt', 'a.txt', 'csv'],
    ['--output a.csv --format json', 'a.csv', 'json'],
    ['--format ndjson', 'event.ndjson', 'ndjson'],
  ] as const)('with %s makes %s as %s', async (flags, name, format) => {
    const { code, files, folder } = await generate(`Event --count 50 --seed 3 --invalid 0.5 ${flags}`)
    expect({ code, files }).toEqual({ code: 0, files: [name] })
    const { bytes } = expected('Event', { count: 50, seed: 3, invalid: 0.5, format })
    expect((await readFile(join(folder, name))).equals(bytes)).toBe(true)
  })

  test('with --json prints the account on standard output, and nothing else', async () => {
    const { stdout, stderr } = await generate('Metric --count 300 --output m.csv --json')
    expect(JSON.parse(stdout)).toEqual({ file: 'm.csv', ...expected('Metric', { count: 300 }).account })
    expect(stderr).toBe('')
  })

  test('with --output - puts the records on standard output and the rest on standard error', async () => {
    const { bytes, account } = expected('Product', { count: 400, format: 'ndjson' })
    const { stdout, stderr, files } = await generate('Product --count 400 --format ndjson --output - --json')
    expect(stdout).toBe(bytes.toString())
    expect(JSON.parse(stderr)).toEqual({ file: '-', ...account })
    expect(files).toEqual([])
    expect((await generate('Product --count 5 --output -')).stderr).toMatch(/^Standard output has 5 records: /)
  })

  test.each(['', '--json'])('says that it writes over a file %s', async (flags) => {
    const folder = await tempFolder('generate over')
    await writeFile(join(folder, 'user.csv'), 'before')
    const { stderr, files } = await generate(`User --count 3 ${flags}`, folder)
    expect(stderr).toContain('The file was there and is overwritten.\n')
    expect(files).toEqual(['user.csv'])
    expect(await readFile(join(folder, 'user.csv'), 'utf8')).not.toContain('before')
  })

  test('ends without a word when the reader of standard output wants no more', async () => {
    const child = startCommand(['shardyard', 'generate', 'Event', '--count', '1000000000', '--output', '-'])
    let stderr = ''
    child.stderr.on('data', (text) => (stderr += String(text)))
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await once(child, 'close')).toEqual([0, null])
    expect(stderr).toBe('')
  })

  test('that is interrupted ends with 130 and leaves nothing behind', async () => {
    const cwd = await tempFolder('generate interrupted')
    const child = startCommand(['shardyard', 'generate', 'Event', '--count', '1000000000'], { cwd })
    while ((await readdir(cwd)).length === 0) await delay(20)
    child.kill('SIGINT')
    expect(await once(child, 'close')).toEqual([130, null])
    expect(await readdir(cwd)).toEqual([])
  })

  test.each([
    ['', /Not enough non-option arguments/],
    ['Event Metric', /Unknown argument: Metric/],
    ['Order', /no samples of "Order". There are samples of Event/],
    ['event', /no samples of "event"/],
    ['Event --count 0', /--count must be a whole number from 1 to 1000000000/],
    ['Event --count many', /--count must be/],
    ['Event --seed 9007199', /--seed must be a whole number from 1 to 9007198/],
    ['Event --invalid 1.5', /--invalid must be a number from 0 to 1/],
    ['Event --invalid x', /--invalid must be/],
    ['Event --format xml', /--format must be one of csv, json, ndjson/],
    ['Event --output=', /--output must name one file/],
    ['Event --output a --output b', /--output is given twice/],
    ['Event --output none/x.csv', /Its folder does not exist/],
    ['Event --records 5', /Unknown argument: records/],
  ])('with "%s" ends with 2 and a sentence, and makes nothing', async (args, says) => {
    const { code, stdout, stderr, files } = await generate(args)
    expect({ code, stdout, files }).toEqual({ code: 2, stdout: '', files: [] })
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/\n\s+at |SY_/)
  })

  test('shows examples and exit codes with --help', async () => {
    const { code, stdout } = await generate('--help')
    expect(code).toBe(0)
    for (const words of ['--invalid', 'shardyard generate Transaction', 'Exit codes: 0 done']) {
      expect(stdout).toContain(words)
    }
  })
})
