import type { ComponentChildren } from 'preact'

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'plain'

const TONES: Readonly<Record<string, Tone>> = {
  up: 'good',
  complete: 'good',
  accepted: 'good',
  running: 'busy',
  pending: 'plain',
  waiting: 'warn',
  duplicate: 'plain',
  incomplete: 'warn',
  interrupted: 'warn',
  absent: 'warn',
  cancelled: 'plain',
  stopped: 'plain',
  rejected: 'bad',
  failed: 'bad',
  down: 'bad',
}

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>
}

/** A state by its own word; the colour says nothing that the word does not. */
export function StateBadge({ state }: { readonly state: string }) {
  return <Badge tone={TONES[state] ?? 'plain'}>{state}</Badge>
}
