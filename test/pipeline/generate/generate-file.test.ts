import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineCluster } from 'shardyard'
import { definition } from 'shardyard/config'
import { nameOf } from 'shardyard/src/cluster/entity'
import { generateFile, samplesOf } from 'shardyard/src/pipeline/generate/generate-file'
import { SampleFile } from 'shardyard/src/pipeline/generate/sample-file'
import type { SampleFileOptions } from 'shardyard/src/pipeline/generate/sample-options'
import { tempFolder } from '../../helpers/temp'
import { readBack } from './read-back'

const FORMATS = ['csv', 'json', 'ndjson'] as const
const CASES = definition.samples.flatMap((samples) =>
  FORMATS.map((format) => ({ entity: nameOf(samples.entity), format, samples })),
)
const FIXTURES = join(__dirname, '../../fixtures/generate')

function made(entity: string, options: SampleFileOptions): Buffer {
  return Buffer.concat([...new SampleFile(samplesOf(definition, entity), options).blocks()])
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe.each(CASES)('a file of $entity as $format', ({ entity, format, samples }) => {
  test.each([
    { count: 4_000, seed: 1, invalid: 0.1 },
    { count: 3_000, seed: 9_007_198, invalid: 0.37 },
    { count: 2_000, seed: 5, invalid: 0 },
    { count: 1_500, seed: 6, invalid: 1 },
  ])('holds what its account says: %j', async (options) => {
    const file = join(await tempFolder('generate'), `${entity}.${format}`)
    const account = await generateFile(samples, file, { ...options, format })
    const found = await readBack(file, samples)
    const { accepted, duplicate, blank, header, rejected } = account
    expect(found.byKind).toEqual(rejected.byKind)
    expect(found.counts).toEqual({ accepted, rejected: rejected.count, duplicate, blank, header })
    expect(found.shared).toEqual([])
    const { sha256, sizeBytes } = account
    expect([found.format, found.sha256, found.sizeBytes]).toEqual([format, sha256, sizeBytes])
    const text = await readFile(file, 'latin1')
    expect(text.split('\n')).toHaveLength(account.lines + 1)
  })

  test('has a record that can be read when it has but one', async () => {
    const file = join(await tempFolder('generate one'), `${entity}.${format}`)
    const account = await generateFile(samples, file, { count: 1, invalid: 1, format })
    const { counts, byKind } = await readBack(file, samples, { format })
    expect(counts).toMatchObject({ accepted: 0, rejected: 1, blank: account.blank })
    expect(byKind).toEqual(account.rejected.byKind)
  })

  test('has its share of errors, as many of each kind', () => {
    const sample = new SampleFile(samples, { count: 10_000, invalid: 0.2, format })
    for (const _ of sample.blocks());
    const { rejected } = sample.account()
    expect(rejected.count).toBe(2_000)
    const counts = Object.values(rejected.byKind)
    expect(counts.length).toBeGreaterThanOrEqual(15)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
  })

  test('begins like a shorter one of the same seed', () => {
    const [short, long] = [made(entity, { count: 700, format }), made(entity, { count: 2_500, format })]
    // The end of a list is not the beginning of a longer one.
    const same = format === 'json' ? short.length - '\n]\n'.length : short.length
    expect(long.subarray(0, same).equals(short.subarray(0, same))).toBe(true)
  })

  test('of another seed shares no record with it', () => {
    const texts = [1, 2].map((seed) => made(entity, { count: 2_000, seed, invalid: 0, format }).toString())
    const [first = '', second = ''] = texts
    const lines = new Set(first.split('\n').filter((line) => /\d{4}/.test(line)))
    expect(lines.size).toBeGreaterThan(1_900)
    expect(second.split('\n').filter((line) => lines.has(line))).toEqual([])
  })
})

describe('the bytes of a seed', () => {
  test.each(['transaction.csv', 'event.ndjson', 'user.csv'])('are those of %s', async (name) => {
    const [entity, format] = name.split('.') as [string, 'csv' | 'ndjson']
    const entityName = entity.charAt(0).toUpperCase() + entity.slice(1)
    const bytes = made(entityName, { count: 120, seed: 7, invalid: 0.3, format })
    expect(bytes.equals(await readFile(join(FIXTURES, name)))).toBe(true)
  })

  test.each([
    ['Event', 'csv', '01665ad3c956fae878ab3c2ea5f1c401c501636d316443e8d915bbb197d1247f'],
    ['Event', 'json', '9e468249dcc8942a030873fd69b568512ecaca3b9b1aa481d9439d2c15d54e00'],
    ['Event', 'ndjson', '22191fe679bd992b2f0cbb9f93991ac7992f548169249fe7847d8f440a0cb2df'],
    ['Transaction', 'csv', 'e24eab9271c45305b27715616a2e2d09945046216370179e70ad7d12ca5cceef'],
    ['Transaction', 'json', '7439f1db6721a6e26656040b8af2c2e22ce8d24aff43f2355f307db75ea03604'],
    ['Transaction', 'ndjson', 'f48af45600e7b5978a9f6c920c8b06760bb88c7e7f8f847114e55415469110e9'],
    ['Metric', 'csv', '274db1d2457429538ac8c312d9daa9837c1595e7015721d63dd7c6160a63aff3'],
    ['Metric', 'json', '8bd0570fcfecfe8d1810cd34c474686e7e797d7f9916df5c96a252323c6da6df'],
    ['Metric', 'ndjson', 'e0a58ef9ea6796f864620ae60224a196cff906215617b58e041a30e2737f75e9'],
    ['User', 'csv', '095667fb1fad6d469dd18468e731505f1ae87534a88c2c006dc9a6ba12525e02'],
    ['User', 'json', '80997539efc1cb415e72c8854a66ea0ae24a0ffc45e923155c69fde8a218a76f'],
    ['User', 'ndjson', '6ae495c7658a70745b5314152c4aaa239e29898468e9c41cfecb43e3816d6762'],
    ['Product', 'csv', 'd320b7b9194b00b934a99e8fa2b9857d05f7be52c144c52cb6616cabc55f5a13'],
    ['Product', 'json', 'a37dffda90f448fe07f1b476c7f854a4338b22142427d636d3d3c34cb767e3c3'],
    ['Product', 'ndjson', 'c818a82d2533028a6ab3ba24e7458c43a569416cd3729ecf1618076021531018'],
  ] as const)('of %s as %s have the hash %s', (entity, format, hash) => {
    const sample = new SampleFile(samplesOf(definition, entity), { count: 3_000, seed: 42, invalid: 0.15, format })
    expect(hashOf(Buffer.concat([...sample.blocks()]))).toBe(hash)
    expect(sample.account().sha256).toBe(hash)
  })
})

describe('generateFile', () => {
  const samples = samplesOf(definition, 'Metric')

  test('leaves nothing behind when it is stopped, and what was there as it was', async () => {
    const folder = await tempFolder('generate stopped')
    const file = join(folder, 'metrics.csv')
    await writeFile(file, 'before')
    const stop = new AbortController()
    const work = generateFile(samples, file, { count: 1_000_000_000, signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 100)
    await expect(work).rejects.toThrow('enough')
    expect(await readdir(folder)).toEqual(['metrics.csv'])
    expect(await readFile(file, 'utf8')).toBe('before')
  })

  test('tells when a file cannot be written', async () => {
    const folder = await tempFolder('generate nowhere')
    await mkdir(join(folder, 'there'))
    for (const file of [join(folder, 'there'), join(folder, 'none/x.csv')]) {
      await expect(generateFile(samples, file)).rejects.toMatchObject({ code: 'SY_OUTPUT_FAILED' })
    }
    expect(await readdir(folder)).toEqual(['there'])
  })

  test.each([
    [{ count: 0 }, 'count'],
    [{ count: 1.5 }, 'count'],
    [{ seed: 0 }, 'seed'],
    [{ seed: 9_007_199 }, 'seed'],
    [{ invalid: -0.1 }, 'invalid'],
    [{ invalid: Number.NaN }, 'invalid'],
    [{ invalid: '0.1' }, 'invalid'],
    [{ format: 'xml' }, 'format'],
  ])('refuses %j', async (options, option) => {
    const file = join(await tempFolder('generate options'), 'x.csv')
    await expect(generateFile(samples, file, options as SampleFileOptions)).rejects.toMatchObject({
      code: 'SY_OPTION_INVALID',
      details: { option },
    })
  })

  test('gives the account of a file that is not finished to nobody', () => {
    expect(() => new SampleFile(samples).account()).toThrow('The account of a file is there when the file is.')
  })
})

describe('samplesOf', () => {
  test('names the entities that there are samples of', () => {
    expect(() => samplesOf(definition, 'Order')).toThrow(
      'The definition has no samples of "Order". There are samples of Event, Transaction, Metric, User, Product.',
    )
    const bare = defineCluster({ databases: {}, placement: [] })
    expect(() => samplesOf(bare, 'User')).toThrow('It has no "samples" at all.')
  })
})
