/** Lines over time, drawn by uPlot on a canvas; the same numbers stand in a table for those who do not see it. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useStore } from '../state/store.ts'
import { theme } from '../state/theme.ts'
import { count, moment } from './format.ts'
import { Table } from './table.tsx'

interface Props {
  readonly title: string
  /** Seconds since 1970. */
  readonly at: readonly number[]
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[]
}

const HEIGHT = 160
const INKS = ['--ink-1', '--ink-2', '--ink-3', '--ink-4', '--ink-5', '--ink-6']
/** Between two ticks. */
const STEPS_S = [1, 5, 10, 15, 30, 60, 120, 300, 600]
const ROWS_MAX = 20

export function Chart({ title, at, lines }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const drawn = useStore(theme, (now) => now.drawn)
  const names = lines.map(({ name }) => name).join('\n')
  const data = [[...at], ...lines.map(({ values }) => [...values])] as unknown as uPlot.AlignedData
  const latest = useRef(data)
  latest.current = data
  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const made = new uPlot(optionsFor(element, names.split('\n')), latest.current, element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [names, drawn])
  useEffect(() => plot.current?.setData(data), [at, lines])
  return (
    <figure class="chart">
      <figcaption class="unseen">{title}</figcaption>
      <div ref={box} aria-hidden="true" />
      <ul class="legend">
        {lines.map(({ name, values }, line) => (
          <li key={name} class={`ink-${(line % INKS.length) + 1}`}>
            {name} <span class="number">{count(values.at(-1) ?? 0)}</span>
          </li>
        ))}
      </ul>
      <details>
        <summary>As a table</summary>
        <Table
          caption={title}
          columns={[
            { title: 'Time', cell: (row: number) => moment(new Date((at[row] ?? 0) * 1000).toISOString()) },
            ...lines.map(({ name, values }) => ({
              title: name,
              isNumber: true,
              cell: (row: number) => count(values[row] ?? 0),
            })),
          ]}
          rows={at.map((_, row) => at.length - 1 - row).slice(0, ROWS_MAX)}
          keyOf={(row) => String(at[row])}
          empty="Nothing was measured yet."
        />
      </details>
    </figure>
  )
}

function optionsFor(element: HTMLElement, names: readonly string[]): uPlot.Options {
  const [text, grid] = [colourOf(element, '--muted'), colourOf(element, '--line')]
  const axis = {
    stroke: text,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    font: '12px system-ui',
  }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 30, 0, 0],
    legend: { show: false },
    cursor: { show: false, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(10, (max ?? 0) * 1.1)] } },
    axes: [
      {
        ...axis,
        values: (_plot, ticks) => ticks.map((tick) => moment(new Date(tick * 1000).toISOString())),
        space: 90,
        incrs: STEPS_S,
      },
      { ...axis, values: (_plot, ticks) => ticks.map(count), size: 64 },
    ],
    series: [
      {},
      ...names.map((name, at) => ({
        label: name,
        stroke: colourOf(element, INKS[at % INKS.length] ?? '--ink-1'),
        width: 2,
        points: { show: false },
      })),
    ],
  }
}

/** A canvas knows no custom properties; the browser resolves one, in the theme that is shown. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
