import { useEffect, useRef } from 'preact/hooks'
import { to } from '../state/route.ts'

interface Props {
  readonly page: string
  readonly pages: readonly (readonly [name: string, title: string, ...rest: readonly unknown[]])[]
}

/** The way to every page. On a narrow screen it is a line that scrolls, with the page that is shown in sight. */
export function MainNav({ page, pages }: Props) {
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>('[aria-current]')
    if (current != null) nav.current?.scrollTo({ left: current.offsetLeft - 60 })
  }, [page])
  return (
    <nav class="main-nav" aria-label="Pages" ref={nav}>
      <ul>
        {pages.map(([name, title]) => (
          <li key={name}>
            <a href={to(name)} aria-current={name === page ? 'page' : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
      <ul class="elsewhere">
        <li>
          <a href="./docs">API</a>
        </li>
      </ul>
    </nav>
  )
}
