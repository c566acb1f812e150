/** How requests are checked: what comes as text (queries, paths, headers) is turned into the types asked for; a body is not. */
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'

type Shared = Readonly<Record<string, unknown>>

/**
 * Makes the checks of an application. Fastify asks anew for each group of routes, with the schemas by `$id` that the
 * group knows; the groups share two checkers, which take longer to be made than all checks of all routes.
 */
export function validatorFactory(): (shared: Shared) => FastifySchemaCompiler<unknown> {
  const strict = new Checker(false)
  const lenient = new Checker('array')
  return (shared) =>
    ({ schema, httpPart }) =>
      late(() => (httpPart === 'body' ? strict : lenient).compile(schema as object, shared))
}

/** A check that is made when it is first needed: most routes of a server are never asked. */
function late(make: () => ValidateFunction): ValidateFunction {
  let made: ValidateFunction | undefined
  const check = ((value: unknown) => {
    made ??= make()
    const isValid = made(value)
    check.errors = made.errors ?? null
    return isValid
  }) as ValidateFunction
  return check
}

class Checker {
  readonly #coerceTypes: false | 'array'
  #ajv: Ajv
  #known = new Map<string, unknown>()

  constructor(coerceTypes: false | 'array') {
    this.#coerceTypes = coerceTypes
    this.#ajv = this.#make()
  }

  compile(schema: object, shared: Shared) {
    const isOther = Object.entries(shared).some(([id, one]) => this.#known.has(id) && this.#known.get(id) !== one)
    // Plugins may use one name for two things.
    if (isOther) {
      this.#ajv = this.#make()
      this.#known = new Map()
    }
    for (const [id, one] of Object.entries(shared)) {
      if (!this.#known.has(id)) this.#ajv.addSchema(one as object)
      this.#known.set(id, one)
    }
    return this.#ajv.compile(schema)
  }

  #make(): Ajv {
    const ajv = new Ajv({
      coerceTypes: this.#coerceTypes,
      useDefaults: true,
      removeAdditional: false,
      allowUnionTypes: true,
      strict: false,
      // Schemas are the program's own, and many: made smaller and checked, they take three times as long to start with.
      code: { optimize: false },
      validateSchema: false,
    })
    addFormats.default(ajv)
    return ajv
  }
}
