/** How requests are checked: what comes as text (queries, paths, headers) is turned into the types asked for; a body is not. */
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'

/** Schemas by `$id`, as `app.getSchemas()` tells them. */
export function validatorsFor(shared: Readonly<Record<string, unknown>>): FastifySchemaCompiler<unknown> {
  const strict = ajvWith(shared, false)
  const lenient = ajvWith(shared, 'array')
  return ({ schema, httpPart }) => (httpPart === 'body' ? strict : lenient).compile(schema as object)
}

function ajvWith(shared: Readonly<Record<string, unknown>>, coerceTypes: false | 'array'): Ajv {
  const ajv = new Ajv({
    coerceTypes,
    useDefaults: true,
    removeAdditional: false,
    allowUnionTypes: true,
    strict: false,
    // Schemas are the program's own, and many: made smaller and checked, they take three times as long to start with.
    code: { optimize: false },
    validateSchema: false,
  })
  addFormats.default(ajv)
  for (const schema of Object.values(shared)) ajv.addSchema(schema as object)
  return ajv
}
