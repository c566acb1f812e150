/** The parts of an XLSX file around its sheets. */
import type { ReportModel } from '../report-model.js'
import type { XlsxStyles } from './xlsx-styles.js'
import { xmlText } from './xlsx-text.js'
import type { ZipOutput } from './zip-output.js'

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const SCHEMAS = 'http://schemas.openxmlformats.org'
export const MAIN = `${SCHEMAS}/spreadsheetml/2006/main`
const RELATIONS = `${SCHEMAS}/officeDocument/2006/relationships`
const PACKAGE = `${SCHEMAS}/package/2006`
const SHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** Where a sheet stands in the ZIP file. */
export function sheetPath(number: number): string {
  return `xl/worksheets/sheet${number}.xml`
}

export function writePart(zip: ZipOutput, path: string, xml: string): void {
  const entry = zip.open(path)
  entry.take(Buffer.from(HEAD + xml))
  entry.end()
}

/** Comes first in the file, before it is known how many sheets there are: they are what XML is unless it says otherwise. */
export function writeTypes(zip: ZipOutput): void {
  const override = (part: string, type: string) => `<Override PartName="${part}" ContentType="${type}"/>`
  writePart(
    zip,
    '[Content_Types].xml',
    `<Types xmlns="${PACKAGE}/content-types">` +
      '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      `<Default Extension="xml" ContentType="${SHEET_TYPE}.worksheet+xml"/>` +
      override('/xl/workbook.xml', `${SHEET_TYPE}.sheet.main+xml`) +
      override('/xl/styles.xml', `${SHEET_TYPE}.styles+xml`) +
      override('/docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml') +
      '</Types>',
  )
}

/** Everything that needs to know the sheets: `names` in their order. */
export function writeBook(zip: ZipOutput, model: ReportModel, names: readonly string[], styles: XlsxStyles): void {
  const sheets = names.map((name, at) => `<sheet name="${xmlText(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`)
  writePart(
    zip,
    'xl/workbook.xml',
    `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${sheets.join('')}</sheets></workbook>`,
  )
  const styleId = names.length + 1
  const relations = [
    ...names.map((_, at) => relation(at + 1, `${RELATIONS}/worksheet`, `worksheets/sheet${at + 1}.xml`)),
    relation(styleId, `${RELATIONS}/styles`, 'styles.xml'),
  ]
  writeRelations(zip, 'xl/_rels/workbook.xml.rels', relations)
  writePart(zip, 'xl/styles.xml', styles.xml())
  writeRelations(zip, '_rels/.rels', [
    relation(1, `${RELATIONS}/officeDocument`, 'xl/workbook.xml'),
    relation(2, `${PACKAGE}/relationships/metadata/core-properties`, 'docProps/core.xml'),
  ])
  writePart(zip, 'docProps/core.xml', propertiesOf(model))
}

function relation(id: number, type: string, target: string): string {
  return `<Relationship Id="rId${id}" Type="${type}" Target="${target}"/>`
}

function writeRelations(zip: ZipOutput, path: string, relations: readonly string[]): void {
  writePart(zip, path, `<Relationships xmlns="${PACKAGE}/relationships">${relations.join('')}</Relationships>`)
}

/** The moments are those of the report, not of its writing. */
function propertiesOf({ title, asOf }: ReportModel): string {
  const moment = `${asOf.toISOString().slice(0, 19)}Z`
  const dated = (name: string) => `<dcterms:${name} xsi:type="dcterms:W3CDTF">${moment}</dcterms:${name}>`
  return (
    `<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" ` +
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<dc:title>${xmlText(title)}</dc:title>${dated('created')}${dated('modified')}</cp:coreProperties>`
  )
}
