import { ShardyardError } from '../../errors.js'
import type { NamedSource } from '../ingest/open-files.js'
import { openRooted, type RootedPath, type Roots } from './rooted-file.js'
import type { UploadStore } from './upload-store.js'

/** What a client may have loaded: what it has sent, or a file under a named root. */
export type LoadSource = { readonly upload: string } | RootedPath

/** Where sources are found. */
export interface SourcePlaces {
  readonly uploads: UploadStore
  /** Folders by name. */
  readonly roots: Roots
}

/** A source that was read from data; undefined when it is none. */
export function loadSourceOf(value: unknown): LoadSource | undefined {
  const { upload, root, path } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof upload === 'string') return { upload }
  return typeof root === 'string' && typeof path === 'string' ? { root, path } : undefined
}

/** What a source is called. @throws what {@link namedSourceOf} throws, when it is not there */
export async function titleOfSource(source: LoadSource, { uploads, roots }: SourcePlaces): Promise<string> {
  if ('upload' in source) return (await uploads.show(source.upload)).name
  const { handle } = await openRooted(roots, source)
  await handle.close()
  return `${source.root}/${source.path}`
}

/** A source for an ingestion, opened where it is found and read from there. @throws SY_UPLOAD_UNKNOWN, what `openRooted` throws */
export async function namedSourceOf(source: LoadSource, places: SourcePlaces): Promise<NamedSource> {
  if ('upload' in source) {
    const { upload } = source
    const { name: title } = await places.uploads.show(upload)
    return { source: places.uploads.pathOf(upload), title, open: () => places.uploads.open(upload) }
  }
  const title = `${source.root}/${source.path}`
  const { handle, path } = await openRooted(places.roots, source)
  await handle.close()
  const open = async () => {
    const file = await openRooted(places.roots, source)
    if (file.path === path) return file.handle
    await file.handle.close()
    throw new ShardyardError('SY_SOURCE_UNREADABLE', `"${title}" was replaced while it was opened. Try again.`)
  }
  return { source: path, title, open }
}
