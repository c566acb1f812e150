import { Card } from '../../parts/page.tsx'
import { useStore } from '../../state/store.ts'
import { chooseTheme, theme, type Theme } from '../../state/theme.ts'

const THEMES: readonly (readonly [value: Theme, title: string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

export function ThemeCard() {
  const chosen = useStore(theme, (now) => now.chosen)
  return (
    <Card title="Look">
      <fieldset class="choices">
        <legend>Theme</legend>
        {THEMES.map(([value, title]) => (
          <label key={value}>
            <input type="radio" name="theme" checked={value === chosen} onChange={() => chooseTheme(value)} /> {title}
          </label>
        ))}
      </fieldset>
    </Card>
  )
}
