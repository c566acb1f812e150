/** A tracer provider that keeps the spans in memory, in place of an SDK. */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  context,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Span,
  type SpanOptions,
} from '@opentelemetry/api'
import { removeAtEnd } from './cleanup'

export interface KeptSpan {
  readonly name: string
  readonly traceId: string
  readonly parent: string | undefined
  readonly id: string
  readonly attributes: Record<string, unknown>
  isEnded: boolean
  isError: boolean
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/

/** Registers it until the end of the test; answers the spans as they are begun. */
export function keepSpans(): readonly KeptSpan[] {
  const kept: KeptSpan[] = []
  const store = new AsyncLocalStorage<Context>()
  const startSpan = (name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span => {
    const parent = trace.getSpanContext(parentContext)
    const id = String(kept.length + 1).padStart(16, '0')
    const traceId = parent?.traceId ?? id.padStart(32, 'f')
    const span: KeptSpan = {
      name,
      traceId,
      id,
      parent: parent?.spanId,
      attributes: { ...options.attributes },
      isEnded: false,
      isError: false,
    }
    kept.push(span)
    const made = {
      spanContext: () => ({ traceId, spanId: id, traceFlags: 1 }),
      isRecording: () => true,
      setAttribute: (key: string, value: unknown) => Object.assign(span.attributes, { [key]: value }) && made,
      setAttributes: (values: object) => Object.assign(span.attributes, values) && made,
      setStatus: ({ code }: { code: number }) => Object.assign(span, { isError: code === 2 }) && made,
      end: () => Object.assign(span, { isEnded: true }),
    } as unknown as Span
    return made
  }
  const startActiveSpan = (name: string, options: SpanOptions, work: (span: Span) => unknown) => {
    const span = startSpan(name, options)
    return context.with(trace.setSpan(context.active(), span), () => work(span))
  }
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan }) as never })
  context.setGlobalContextManager({
    active: () => store.getStore() ?? ROOT_CONTEXT,
    with: (given, work, self, ...args) => store.run(given, () => work.apply(self as never, args)),
    bind: (_given, target) => target,
    enable() {
      return this
    },
    disable() {
      return this
    },
  })
  propagation.setGlobalPropagator({
    inject: () => undefined,
    fields: () => ['traceparent'],
    extract: (given, carrier: { traceparent?: string }) => {
      const [, traceId, spanId] = TRACEPARENT.exec(carrier.traceparent ?? '') ?? []
      if (traceId === undefined || spanId === undefined) return given
      return trace.setSpanContext(given, { traceId, spanId, traceFlags: 1, isRemote: true })
    },
  })
  removeAtEnd(async () => {
    trace.disable()
    context.disable()
    propagation.disable()
  })
  return kept
}
