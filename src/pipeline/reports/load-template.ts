import { existsSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { ShardyardError } from '../../errors.js'
import { importKind, tellImportFailure } from '../../util/import-kind.js'
import { checkTemplate } from './check-template.js'
import type { ReportTemplate } from './template.js'

/**
 * Imports a template (.js, .mjs, .cjs) and answers what is its default export, checked: its colours can be read, its
 * pictures and fonts are there and are what they should be. Their paths are whole afterwards.
 *
 * @throws SY_CONFIG_INVALID with every mistake
 * @example
 * const template = await loadTemplate('brand/report-template.mjs')
 */
export async function loadTemplate(file: string): Promise<ReportTemplate> {
  const path = resolve(file)
  const fail = (message: string, cause?: unknown) =>
    new ShardyardError('SY_CONFIG_INVALID', `Template "${file}": ${message}`, { cause, details: { file } })
  if (!existsSync(path)) throw fail('there is no such file. Give its path with --template.')
  if (/^\.[cm]?ts$/.test(extname(path))) {
    throw fail('it is TypeScript. Compile it ("npx tsc") and give the .js file that comes out.')
  }
  let template: ReportTemplate | undefined
  try {
    template = await importKind<ReportTemplate>(path, 'shardyard template')
  } catch (cause) {
    throw fail(`it cannot be imported: ${tellImportFailure(cause)}`, cause)
  }
  if (template === undefined) {
    throw fail('its default export is no template. Write "export default defineTemplate({ … })".')
  }
  const { checked, mistakes } = await checkTemplate(template, dirname(path))
  if (mistakes.length > 0) throw fail(mistakes.join(' '))
  return checked
}
