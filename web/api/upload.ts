/** Uploads tell how far they are, which `fetch` cannot. */
import { ApiProblem, apiUrl } from './ask.ts'
import { keyHeaders } from './key.ts'
import type { Upload } from './types.ts'

/** Sends a file; `onProgress` hears a share from 0 to 1. @throws ApiProblem */
export async function uploadFile(file: File, onProgress: (share: number) => void): Promise<Upload> {
  return await new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', apiUrl(`/uploads?name=${encodeURIComponent(file.name)}`))
    for (const [name, value] of Object.entries(keyHeaders())) request.setRequestHeader(name, value)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total))
    request.addEventListener('load', () => {
      const told = parsed(request.responseText)
      if (request.status === 201) resolve(told as Upload)
      else reject(new ApiProblem(request.status, told as Partial<ApiProblem>))
    })
    request.addEventListener('error', () =>
      reject(new ApiProblem(0, { code: 'NO_ANSWER', detail: 'The upload broke off. Choose the file again.' })),
    )
    request.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
