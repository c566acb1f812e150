import { count, duration } from './format.ts'

interface Props {
  readonly title: string
  readonly done: number
  readonly total: number | null | undefined
  readonly perSecond?: number | null | undefined
  readonly etaSeconds?: number | null | undefined
  readonly unit?: string
}

/** How far something is: a bar, and the same in words. */
export function Progress({ title, done, total, perSecond, etaSeconds, unit = '' }: Props) {
  const hasTotal = total !== null && total !== undefined && total > 0
  const words = [
    `${count(done)}${hasTotal ? ` of ${count(total)}` : ''}${unit === '' ? '' : ` ${unit}`}`,
    perSecond !== null && perSecond !== undefined && `${count(perSecond)}/s`,
    etaSeconds !== null && etaSeconds !== undefined && `${duration(etaSeconds * 1000)} left`,
  ].filter(Boolean)
  return (
    <div class="progress">
      <progress aria-label={title} {...(hasTotal ? { value: Math.min(done, total), max: total } : {})} />
      <span class="note">{words.join(' · ')}</span>
    </div>
  )
}
