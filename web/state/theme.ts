/** Light, dark, or as the system says. */
import { Store } from './store.ts'

export type Theme = 'system' | 'light' | 'dark'

const NAME = 'shardyard-theme'

export const theme = new Store<{ readonly chosen: Theme; readonly drawn: number }>({ chosen: kept(), drawn: 0 })

/** Shows the chosen theme, now and after the system has changed its own. */
export function followTheme(): void {
  show(theme.value.chosen)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => redraw())
}

export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(NAME, chosen)
  show(chosen)
  theme.change({ chosen })
  redraw()
}

/** Charts have colours of their own, and are drawn again. */
function redraw(): void {
  theme.change({ drawn: theme.value.drawn + 1 })
}

function show(chosen: Theme): void {
  document.documentElement.dataset['theme'] = chosen
}

function kept(): Theme {
  const text = localStorage.getItem(NAME)
  return text === 'light' || text === 'dark' ? text : 'system'
}
