import { useEffect, useRef, useState } from 'preact/hooks'
import { fetchApi, problemOf, type ApiProblem } from '../../api/ask.ts'
import { ProblemNotice } from '../../parts/notice.tsx'

/**
 * An HTML report inside the page. It comes with the key of this page, which no address may hold, and is handed to a
 * frame without an origin, whose own policy lets no script of it run and nothing be loaded.
 */
export function ReportFrame({ id, title }: { readonly id: string; readonly title: string }) {
  const frame = useRef<HTMLIFrameElement>(null)
  const [problem, setProblem] = useState<ApiProblem>()
  useEffect(() => {
    const stop = new AbortController()
    const show = async () => {
      const text = await (
        await fetchApi(`/reports/${encodeURIComponent(id)}/content?inline=true`, { signal: stop.signal })
      ).text()
      // The frame has no origin that could be named; nothing else listens in it.
      frame.current?.contentWindow?.postMessage(text, '*')
    }
    const onMessage = ({ source }: MessageEvent) => {
      if (source !== frame.current?.contentWindow) return
      show().catch((error: unknown) => stop.signal.aborted || setProblem(problemOf(error)))
    }
    addEventListener('message', onMessage)
    return () => {
      removeEventListener('message', onMessage)
      stop.abort()
    }
  }, [id])
  return (
    <>
      <ProblemNotice problem={problem} />
      <iframe ref={frame} class="report" title={`Report ${title}`} sandbox="allow-scripts" src="./report-frame.html" />
    </>
  )
}
