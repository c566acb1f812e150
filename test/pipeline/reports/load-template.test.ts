import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { defineTemplate, type ReportTemplate } from 'shardyard'
import { checkTemplate } from '../../../dist/src/pipeline/reports/check-template'
import { tempFolder } from '../../helpers/temp'
import { modelOf, rowsOf, tableOf, wholeModel, writeHtml, writePdf } from './sample-model'
import { objectsOf, pagesOf, textOf } from './sample-run'

const FOLDER = '../../../dist/src/pipeline/reports'
const [LIBRARY, LOADER] = ['template', 'load-template'].map((name) =>
  JSON.stringify(require.resolve(`${FOLDER}/${name}`)),
)
const FONT = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSerif.ttf')

/** A template with these options, checked, with a logo in its folder. */
async function check(options: object, logo: Uint8Array = png()) {
  const folder = await tempFolder('template')
  await writeFile(join(folder, 'logo.png'), logo)
  await writeFile(join(folder, 'text.txt'), 'no picture')
  return checkTemplate(defineTemplate(options), folder)
}

async function brand(): Promise<ReportTemplate> {
  const { checked, mistakes } = await check(BRAND)
  expect(mistakes).toEqual([])
  return checked
}

/** Loads a template in a process of its own, as jest cannot import; answers it, or the error. */
function load(file: string): Record<string, unknown> {
  const script =
    `require(${LOADER}).loadTemplate(process.argv[1]).catch(({ code, message }) => ({ code, message }))` +
    '.then((result) => console.log(JSON.stringify(result)))'
  return JSON.parse(execFileSync(process.execPath, ['-e', script, file], { encoding: 'utf8' })) as Record<
    string,
    unknown
  >
}

/** A PNG of 4 × 4 pixels, half transparent. */
function png(
  pixels: Uint8Array = deflateSync(Buffer.alloc(4 * 17, 0x80).map((byte, at) => (at % 17 === 0 ? 0 : byte))),
): Buffer {
  const head = Buffer.from([0, 0, 0, 4, 0, 0, 0, 4, 8, 6, 0, 0, 0])
  const chunk = (name: string, data: Uint8Array) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    return Buffer.concat([length, Buffer.from(name), data, Buffer.alloc(4)])
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

const BRAND = {
  logo: 'logo.png',
  colours: { accent: '#78145a' },
  fonts: { regular: FONT, bold: FONT },
  header: 'ACME Ltd',
  footer: 'Made for the board',
}

describe('a template', () => {
  test('gives every page of a PDF its lines, and the first one its logo', async () => {
    const template = await brand()
    const file = await writePdf(modelOf([tableOf(rowsOf(100))]), { template })
    const pages = pagesOf(file)
    expect(pages.length).toBeGreaterThan(1)
    for (const page of pages) {
      expect(page).toContain('ACME Ltd')
      expect(page).toContain('Made for the board')
    }
    const objects = objectsOf(file)
    expect(objects).toContain('/Subtype /Image')
    expect(objects).toContain('DejaVuSerif')
    expect(objects).toContain('0.471 0.078 0.353 rg')
  })

  test('whose font lacks a sign or a script has it drawn in the usual font', async () => {
    const template = await brand()
    const text = textOf(await writePdf(modelOf([tableOf(rowsOf(1, () => '✗ שלום'))]), { template }))
    expect(text).toContain('✗')
    expect(text).not.toContain('\uFFFD')
  })

  test('gives an HTML page its logo, fonts, colours and lines, all inside the file', async () => {
    const template = await brand()
    const html = await writeHtml(wholeModel(), { template })
    expect(html).toContain('src="data:image/png;base64,')
    expect(html).toContain('url(data:font/ttf;base64,')
    expect(html).toContain('--accent:#78145a;')
    expect(html).toContain('ACME Ltd')
    expect(html).toContain('Made for the board · As of 2025-12-31 12:00:00 UTC')
  })

  test('leaves the bytes of a PDF the same each time, with a logo that is unpacked later', async () => {
    const template = await brand()
    const [first, second] = [await writePdf(wholeModel(), { template }), await writePdf(wholeModel(), { template })]
    expect((await readFile(first)).equals(await readFile(second))).toBe(true)
  })

  test.each([
    ['a logo that is missing', { logo: 'nowhere.png' }, /logo ".*nowhere\.png" cannot be read/],
    ['a logo that is no picture', { logo: 'text.txt' }, /is no PNG or JPEG file/],
    ['a colour that is none', { colours: { accent: 'red' } }, /colour accent must be written as #rrggbb, got "red"/],
    [
      'a colour that is too light',
      { colours: { accent: '#ffee00' } },
      /cannot be read on white: the contrast is 1\.\d/,
    ],
    [
      'a colour that nothing has',
      { colours: { border: '#000000' } },
      /has "border", which means nothing; there are accent,/,
    ],
    ['a font that is missing', { fonts: { regular: FONT, bold: 'b.ttf' } }, /bold font ".*b\.ttf" cannot be read/],
    [
      'a font that is none',
      { fonts: { regular: 'logo.png', bold: FONT } },
      /regular font ".*" is no TrueType or OpenType/,
    ],
    ['a face alone', { fonts: { regular: FONT } }, /must name a file "bold"/],
    ['a line that is none', { header: 7 }, /header must be a text/],
    ['a member that nothing has', { margin: 7 }, /has "margin", which means nothing/],
  ])('with %s has a mistake', async (_, options, message) => {
    const { mistakes } = await check(options)
    expect(mistakes).toEqual([expect.stringMatching(message)])
  })

  test.each([
    ['ends too early', png().subarray(0, 50)],
    ['has no end', png().subarray(0, -12)],
    ['has other pixels than it says', png(deflateSync(Buffer.alloc(3)))],
    ['has pixels that are no pixels', png(Buffer.from('no zlib'))],
    ['is a JPEG without a frame', Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
  ])('with a logo that %s has a mistake', async (_, logo) => {
    const { mistakes } = await check({ logo: 'logo.png' }, logo)
    expect(mistakes).toEqual([expect.stringMatching(/is a (PNG|JPEG) file that is broken/)])
  })
})

describe('a template file', () => {
  test.each(['cjs', 'mjs'])('is loaded from .%s, its files named from its folder', async (ending) => {
    const folder = await tempFolder('template')
    await writeFile(join(folder, 'logo.png'), png())
    const file = join(folder, `template.${ending}`)
    const source =
      ending === 'cjs'
        ? `module.exports = require(${LIBRARY}).defineTemplate({ logo: 'logo.png' })`
        : `import library from ${LIBRARY}\nexport default library.defineTemplate({ logo: 'logo.png' })`
    await writeFile(file, source)
    expect(load(file)).toEqual({ kind: 'shardyard template', logo: join(folder, 'logo.png') })
  })

  test('is told all its mistakes at once', async () => {
    const file = join(await tempFolder('template'), 'a.cjs')
    const options = { colours: { accent: 'red', good: 'green' }, header: 7 }
    await writeFile(file, `module.exports = require(${LIBRARY}).defineTemplate(${JSON.stringify(options)})`)
    expect(load(file)).toEqual({ code: 'SY_CONFIG_INVALID', message: expect.stringMatching(/header.*accent.*good/s) })
  })

  test.each([
    ['is missing', 'missing.cjs', undefined, /there is no such file\. Give its path with --template/],
    ['is TypeScript', 'a.ts', '', /is TypeScript/],
    ['throws', 'a.cjs', 'throw new Error("no")', /cannot be imported: no/],
    ['exports another thing', 'a.cjs', 'module.exports = {}', /Write "export default defineTemplate/],
  ])('that %s is refused', async (_, name, source, message) => {
    const file = join(await tempFolder('template'), name)
    if (source !== undefined) await writeFile(file, source)
    expect(load(file)).toEqual({ code: 'SY_CONFIG_INVALID', message: expect.stringMatching(message) })
  })
})
