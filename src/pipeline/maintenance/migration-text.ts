/** The text of a generated migration file. */
import type { EngineName } from '../../drivers/driver.js'
import type { Statement } from './schema-log.js'

/** TypeScript, or JavaScript as an ES module or as CommonJS. */
export type MigrationLanguage = 'ts' | 'mjs' | 'cjs'

export interface MigrationText {
  readonly language: MigrationLanguage
  readonly className: string
  readonly engine: EngineName
  readonly database: string
  readonly differences: readonly string[]
  /** Names under which `entitiesFrom` exports the entities. */
  readonly entities: readonly string[]
  readonly entitiesFrom: string
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
}

const ENGINE_TITLES: Record<EngineName, string> = {
  sqlite: 'SQLite',
  postgres: 'PostgreSQL',
  mysql: 'MySQL and MariaDB',
}

/** The file as it is written, with a line feed at its end. */
export function migrationText(text: MigrationText): string {
  const isTyped = text.language === 'ts'
  const parameter = isTyped ? 'runner: QueryRunner' : 'runner'
  const result = isTyped ? ': Promise<void>' : ''
  const lines = [
    ...importLines(text),
    '',
    '/**',
    ` * Written for ${ENGINE_TITLES[text.engine]}. Read it before you run it: a column that was renamed may look like one`,
    ' * that was dropped and another that was added. What it is for:',
    ...text.differences.map((line) => ` * - ${line.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ')}`),
    ' */',
    `${text.language === 'cjs' ? '' : 'export '}class ${text.className}${isTyped ? ' implements MigrationInterface' : ''} {`,
    `  static ${isTyped ? 'readonly ' : ''}entities = [${text.entities.join(', ')}]`,
    '',
    `  async up(${parameter})${result} {`,
    ...text.up.map(queryLine),
    '  }',
    '',
    `  async down(${parameter})${result} {`,
    ...text.down.map(queryLine),
    '  }',
    '}',
    ...(text.language === 'cjs' ? ['', `exports.${text.className} = ${text.className}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function importLines({ language, entities, entitiesFrom }: MigrationText): string[] {
  const names = `{ ${entities.join(', ')} }`
  const source = quoted(entitiesFrom)
  switch (language) {
    case 'ts':
      return [`import type { MigrationInterface, QueryRunner } from 'typeorm'`, `import ${names} from ${source}`]
    case 'mjs':
      return [`import ${names} from ${source}`]
    case 'cjs':
      return [`const ${names} = require(${source})`]
    default:
      return language satisfies never
  }
}

function queryLine({ sql, parameters }: Statement): string {
  const values = parameters.length === 0 ? '' : `, ${JSON.stringify(parameters)}`
  return `    await runner.query(${quoted(sql)}${values})`
}

/** A literal that reads well: SQL is full of double quotes or backticks. */
function quoted(text: string): string {
  if (!/['\\\n\r]/.test(text)) return `'${text}'`
  return `\`${text.replaceAll(/[\\`]|\$\{/g, (found) => `\\${found}`)}\``
}
