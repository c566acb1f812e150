/** What is asked for when a load begins: fields of a form, and the request they come to. */
import type { Upload } from '../../api/types.ts'

/** The fields that are left empty say nothing, and the server's defaults count. */
export interface LoadFields {
  readonly upload: Upload | undefined
  readonly root: string
  readonly rootPath: string
  readonly isFromRoot: boolean
  readonly into: string
  readonly format: string
  readonly dedupe: string
  readonly ledger: string
  readonly threads: string
  readonly maxRejects: string
  readonly encoding: string
  readonly delimiter: string
  readonly header: string
  readonly path: string
  readonly zone: string
  readonly map: Readonly<Record<string, string>>
}

export const EMPTY_LOAD: LoadFields = {
  upload: undefined,
  root: '',
  rootPath: '',
  isFromRoot: false,
  into: '',
  format: 'auto',
  dedupe: '',
  ledger: '',
  threads: '',
  maxRejects: '',
  encoding: '',
  delimiter: '',
  header: '',
  path: '',
  zone: '',
  map: {},
}

/** Whether a source and an entity are chosen. */
export function isReady({ upload, isFromRoot, root, rootPath, into }: LoadFields): boolean {
  return into !== '' && (isFromRoot ? root !== '' && rootPath !== '' : upload !== undefined)
}

/** The body of `POST /ingestions`. */
export function requestOf(fields: LoadFields, dryRun: boolean): object {
  const { upload, root, rootPath, isFromRoot, into, threads, maxRejects, header, map } = fields
  const texts = (['format', 'dedupe', 'ledger', 'encoding', 'delimiter', 'path', 'zone'] as const).filter(
    (name) => fields[name] !== '',
  )
  return {
    source: isFromRoot ? { root, path: rootPath } : { upload: upload?.id },
    into,
    dryRun,
    ...Object.fromEntries(texts.map((name) => [name, fields[name]])),
    ...(threads === '' ? {} : { threads: Number(threads) }),
    ...(maxRejects === '' ? {} : { maxRejects: maxRejects.includes('%') ? maxRejects : Number(maxRejects) }),
    ...(header === '' ? {} : { header: header.split(',').map((name) => name.trim()) }),
    ...(Object.keys(map).length === 0 ? {} : { map }),
  }
}
