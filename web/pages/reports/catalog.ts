/** The reports that this installation has, and what a form is made of. */
import type { ReportKind, ReportOption } from '../../api/types.ts'
import { useResource, type Resource } from '../../state/resource.ts'

export interface Catalog {
  readonly items: readonly ReportKind[]
  readonly formats: readonly string[]
}

export function useCatalog(): Resource<Catalog> {
  return useResource<Catalog>('/reports/catalog')
}

/** What was typed, as the report wants it; what was left empty is not said. */
export function optionsOf(
  specs: readonly ReportOption[],
  typed: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    specs.flatMap(({ name, type }): [string, unknown][] => {
      const text = typed[name] ?? ''
      if (text === '') return []
      if (type === 'integer') return [[name, Number(text)]]
      if (type === 'boolean') return [[name, text === 'true']]
      // A moment is typed in the reader's zone.
      if (type === 'instant') return [[name, new Date(text).toISOString()]]
      return [[name, text]]
    }),
  )
}
