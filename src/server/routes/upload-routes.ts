import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ShardyardError } from '../../errors.js'
import type { Upload } from '../../pipeline/uploads/upload-store.js'
import { announcedDigest, digestMismatch, watchDigest } from '../content-digest.js'
import { HttpProblem } from '../problem.js'
import { COUNT, ERRORS, TIME } from '../schemas.js'
import type { ServerContext } from '../server-context.js'
import { whileArriving } from '../while-arriving.js'

const UPLOAD = {
  $id: 'Upload',
  type: 'object',
  required: ['id', 'name', 'sha256', 'sizeBytes', 'createdAt'],
  properties: {
    id: { type: 'string' },
    name: { type: 'string', description: 'as its sender has named it' },
    sha256: { type: 'string', description: 'in hexadecimal' },
    sizeBytes: COUNT,
    createdAt: TIME,
  },
} as const

const PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 40 } } } as const
/** What a form may have beside its one file. */
const FORM_LIMITS = { files: 1, fields: 10, parts: 12, fieldSize: 1_000, fieldNameSize: 100, headerPairs: 20 } as const
/** What a form may be longer than its file. */
const FORM_BYTES = 16_384

/** `/uploads`: files that are to be ingested. They go to the disk as they arrive, in the memory of a few blocks. */
export async function uploadRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  app.addSchema(UPLOAD)
  // Of its own, because nothing here reads a body into memory.
  await app.register(async (own) => {
    own.removeAllContentTypeParsers()
    await own.register(multipart, { limits: { ...FORM_LIMITS, fileSize: context.uploads.bytesMax } })
    own.addContentTypeParser('*', (_request, _payload, done) => done(null))
    takeUploads(own, context)
  })
  tellUploads(app, context)
}

function takeUploads(app: FastifyInstance, context: ServerContext): void {
  app.post<{ Querystring: { name?: string } }>('/uploads', {
    // A file that is sent again becomes another upload, which harms nothing.
    config: { scope: 'ingest', isReplayable: false, streamsBody: true },
    schema: {
      tags: ['loads'],
      summary: 'Takes a file: the field `file` of a form, or any body under the name of the query',
      description: 'With `Content-Digest: sha-256=:BASE64:` the body is held against that.',
      consumes: [
        'multipart/form-data',
        'application/octet-stream',
        'text/csv',
        'application/x-ndjson',
        'application/json',
      ],
      querystring: { type: 'object', properties: { name: { type: 'string', maxLength: 500 } } },
      response: { 201: { $ref: 'Upload#' }, ...ERRORS },
    },
    handler: async (request, reply) => {
      try {
        const upload = await (request.isMultipart() ? takeForm(request, context) : takeBody(request, context))
        return reply.status(201).header('location', `/api/v1/uploads/${upload.id}`).send(uploadJson(upload))
      } catch (error) {
        throw toProblem(error, request, reply)
      }
    },
  })
}

function tellUploads(app: FastifyInstance, { uploads }: ServerContext): void {
  app.get<{ Params: { id: string } }>('/uploads/:id', {
    config: { scope: 'read' },
    schema: {
      tags: ['loads'],
      summary: 'An upload',
      params: PARAMS,
      response: { 200: { $ref: 'Upload#' }, ...ERRORS },
    },
    handler: async ({ params }) => uploadJson(await uploads.show(params.id)),
  })
  app.delete<{ Params: { id: string } }>('/uploads/:id', {
    config: { scope: 'ingest' },
    schema: {
      tags: ['loads'],
      summary: 'Removes an upload',
      params: PARAMS,
      response: { 204: { type: 'null', description: 'gone' }, ...ERRORS },
    },
    handler: async ({ params }, reply) => {
      await uploads.show(params.id)
      await uploads.remove(params.id)
      return reply.status(204).send()
    },
  })
}

async function takeBody(
  request: FastifyRequest<{ Querystring: { name?: string } }>,
  { uploads, options }: ServerContext,
): Promise<Upload> {
  const length = request.headers['content-length']
  return uploads.save(whileArriving(request.raw, options.requestMs), {
    name: request.query.name,
    sha256: announcedDigest(request),
    sizeBytes: length === undefined ? undefined : Number(length),
  })
}

async function takeForm(request: FastifyRequest, { uploads, options }: ServerContext): Promise<Upload> {
  const announced = announcedDigest(request)
  const sizeBytes = Math.max(0, Number(request.headers['content-length'] ?? 0) - FORM_BYTES)
  const requireDigest = watchDigest(request, announced)
  let upload: Upload | undefined
  try {
    for await (const part of request.parts()) {
      if (part.type !== 'file') continue
      if (part.fieldname !== 'file') throw new HttpProblem('BODY_INVALID', 'Expected the file in the field `file`.')
      const { file, filename } = part
      // A file that is cut at the limit ends like any other.
      upload = await uploads.save(whileArriving(file, options.requestMs), { name: filename, sizeBytes })
      if (file.truncated) throw tooLarge(uploads.bytesMax)
    }
    if (upload === undefined) throw new HttpProblem('BODY_INVALID', 'The form has no field `file` with a file in it.')
    requireDigest()
    return upload
  } catch (error) {
    if (upload !== undefined) await uploads.remove(upload.id)
    throw error
  }
}

/** The answer to an upload that was not taken. What still arrives of it is not waited for. */
function toProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  if (!request.raw.complete) reply.header('connection', 'close')
  if (error instanceof HttpProblem) return error
  if (error instanceof ShardyardError) return problemOf(error)
  const { statusCode, message } = error as { readonly statusCode?: number; readonly message?: string }
  if (statusCode === 413) return new HttpProblem('BODY_TOO_LARGE', `The form is too large: ${message ?? ''}.`)
  if ((error as { syscall?: unknown }).syscall !== undefined) return error
  return new HttpProblem('BODY_INVALID', 'The body has ended too early, or is no form.')
}

function problemOf(error: ShardyardError): unknown {
  if (error.code === 'SY_DISK_FULL') return new HttpProblem('DISK_FULL', error.message)
  if (error.code !== 'SY_UPLOAD_REFUSED') return error
  return error.details['why'] === 'digest' ? digestMismatch() : new HttpProblem('BODY_TOO_LARGE', error.message)
}

function tooLarge(bytesMax: number): HttpProblem {
  return new HttpProblem('BODY_TOO_LARGE', `The file has more than ${bytesMax} bytes. Split it.`)
}

function uploadJson({ createdAt, ...rest }: Upload) {
  return { ...rest, createdAt: createdAt.toISOString() }
}
