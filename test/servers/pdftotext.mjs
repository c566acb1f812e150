import { spawnSync } from 'node:child_process'

/** The program that reads the text out of the PDF files the tests write. */
export const pdftotext = {
  title: 'pdftotext',
  variable: 'SHARDYARD_TEST_PDFTOTEXT',
  names: ['pdftotext'],
  folders: ['C:/Program Files/poppler/*/bin'],
  packages: { apt: 'poppler-utils', brew: 'poppler', winget: 'oschwartz10612.Poppler' },

  version(path) {
    // It writes its version to standard error, and some builds then exit with 99.
    const { error, stdout, stderr } = spawnSync(path, ['-v'], { encoding: 'utf8' })
    if (error) throw new Error(`pdftotext does not run: ${error.message}`, { cause: error })
    return /version (\S+)/.exec(`${stdout}${stderr}`)?.[1] ?? 'of unknown version'
  },
}
