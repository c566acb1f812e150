/** Files are saved by the browser itself; when a key is asked for, they are fetched with it first. */
import { apiUrl, fetchApi } from './ask.ts'
import { currentKey } from './key.ts'

/** Saves what a route answers as a file. @throws ApiProblem */
export async function download(path: string, name: string): Promise<void> {
  // Without a key the browser streams the file to its place, however large it is.
  if (currentKey() === '') return save(apiUrl(path), name)
  const url = URL.createObjectURL(await (await fetchApi(path)).blob())
  save(url, name)
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function save(href: string, name: string): void {
  const link = document.createElement('a')
  link.href = href
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
}
