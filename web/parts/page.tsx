import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface PageProps {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

let isFirst = true

/** A page; whoever comes to it by a link hears its title. */
export function Page({ title, lead, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · shardyard`
    if (!isFirst) heading.current?.focus()
    isFirst = false
  }, [title])
  return (
    <>
      <div class="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </div>
      {children}
    </>
  )
}

interface CardProps {
  readonly title: string
  readonly aside?: ComponentChildren
  readonly isWide?: boolean
  readonly children: ComponentChildren
}

export function Card({ title, aside, isWide = false, children }: CardProps) {
  return (
    <section class={`card${isWide ? ' wide' : ''}`} aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </div>
      {children}
    </section>
  )
}

/** One number that is seen first. */
export function Figure({
  title,
  value,
  note,
  tone = '',
}: {
  title: string
  value: string
  note?: ComponentChildren
  tone?: string
}) {
  return (
    <div class={`figure ${tone}`}>
      <dt>{title}</dt>
      <dd>
        <span class="value">{value}</span>
        {note !== undefined && <span class="note">{note}</span>}
      </dd>
    </div>
  )
}
