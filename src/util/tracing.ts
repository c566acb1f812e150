/** Spans of OpenTelemetry. Without an SDK, which an application registers itself, nothing is recorded and little done. */
import {
  context,
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
} from '@opentelemetry/api'

export type { Span } from '@opentelemetry/api'

const tracer = () => trace.getTracer('shardyard')

/** Runs work within a span; an error is noted and passed on. */
export async function withSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return tracer().startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (error) {
      noteError(span, error)
      throw error
    } finally {
      span.end()
    }
  })
}

/** Notes work that has just ended, which took so long. */
export function pastSpan(name: string, durationMs: number, attributes: Attributes): void {
  const now = Date.now()
  tracer()
    .startSpan(name, { attributes, startTime: now - durationMs })
    .end(now)
}

/** A span that is under way, and how to do work within it. */
export interface OpenSpan {
  readonly span: Span
  readonly within: (work: () => void) => void
}

/** Whether an application has registered an SDK. */
export function isTraced(): boolean {
  const provider = trace.getTracerProvider()
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('shardyard') !== undefined
}

/** Begins the span of a request, of the trace that its headers name; undefined where nothing is recorded. */
export function startRequestSpan(name: string, headers: Readonly<Record<string, unknown>>): OpenSpan | undefined {
  const parent = propagation.extract(ROOT_CONTEXT, headers)
  const span = tracer().startSpan(name, { kind: SpanKind.SERVER }, parent)
  if (!span.isRecording()) return undefined
  return { span, within: (work) => context.with(trace.setSpan(parent, span), work) }
}

/** Ends the span of a request. */
export function endRequestSpan(span: Span, attributes: Attributes, isFailed: boolean): void {
  span.setAttributes(attributes)
  if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

/** The kind of an error, not its text, which may quote what a row holds. */
function noteError(span: Span, error: unknown): void {
  const { code, constructor } = error as { code?: unknown; constructor?: { name?: string } }
  const type = typeof code === 'string' ? code : (constructor?.name ?? typeof error)
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}
