import { drawChart } from '../../../../dist/src/pipeline/reports/charts/draw-chart'
import type { Canvas, Drawing, RectShape, Shape, TextShape } from '../../../../dist/src/pipeline/reports/charts/drawing'
import type { Chart } from '../../../../dist/src/pipeline/reports/report-model'
import { chartOf } from '../sample-model'

const KINDS = ['bars', 'stacked-bars', 'line', 'histogram'] as const
const EM = { name: 5, figure: 5, label: 4 }
const CANVAS: Canvas = {
  width: 500,
  measure: (text, type) => [...text].length * EM[type],
  fit: (text, type, width) => {
    const most = Math.floor(width / EM[type])
    return [...text].length <= most ? text : `${[...text].slice(0, most - 1).join('')}…`
  },
}

function draw(chart: Chart): Drawing {
  return drawChart(chart, CANVAS)
}

function textsOf({ shapes }: Drawing): TextShape[] {
  return shapes.filter((shape): shape is TextShape => shape.shape === 'text')
}

function barsOf({ shapes }: Drawing, ink = 'accent'): RectShape[] {
  return shapes.filter((shape): shape is RectShape => shape.shape === 'rect' && shape.ink === ink)
}

function edgesOf(shape: Shape): readonly [number, number] {
  if (shape.shape === 'rect') return [shape.x, shape.x + shape.width]
  if (shape.shape === 'path') return [shape.at?.x ?? 0, shape.at?.x ?? 0]
  const width = CANVAS.measure(shape.text, shape.type)
  const left = shape.x - width * { left: 0, center: 0.5, right: 1 }[shape.align]
  return [left, left + width]
}

function numbersOf(path: string): number[] {
  return [...path.matchAll(/-?\d+(\.\d+)?/g)].map(([number]) => Number(number))
}

describe.each(KINDS)('a chart of the kind %s', (kind) => {
  test.each([
    ['one point', [['Jan', 5]]],
    [
      'three series',
      [
        ['Jan', 5, 7, 9],
        ['Feb', 1_000_000, 2, 3],
      ],
    ],
    [
      'negative values',
      [
        ['Jan', -5, 7],
        ['Feb', 8, -1_000],
      ],
    ],
    [
      'zeros alone',
      [
        ['Jan', 0],
        ['Feb', 0],
      ],
    ],
    [
      'gaps',
      [
        ['Jan', 1],
        ['Feb', null],
        ['Mar', 3],
      ],
    ],
    [
      'numbers that are none',
      [
        ['Jan', Number.NaN],
        ['Feb', Number.POSITIVE_INFINITY],
        ['Mar', 3],
      ],
    ],
    [
      'long names',
      [
        ['x'.repeat(300), 5],
        ['y '.repeat(300), 7],
      ],
    ],
    ['many points', Array.from({ length: 400 }, (_, at) => [`2025-${at}`, at])],
  ] as const)('with %s stays inside its drawing', (_, points) => {
    const drawing = draw(chartOf(kind, points as never))
    expect(JSON.stringify(drawing.shapes)).not.toMatch(/NaN|Infinity|null/)
    for (const shape of drawing.shapes) {
      const [left, right] = edgesOf(shape)
      expect(left).toBeGreaterThanOrEqual(-0.5)
      expect(right).toBeLessThanOrEqual(drawing.width + 0.5)
      if (shape.shape === 'rect') expect(shape.y + shape.height).toBeLessThanOrEqual(drawing.height)
      if (shape.shape === 'text') expect(shape.baseline).toBeLessThanOrEqual(drawing.height)
    }
  })

  test('without points says that there is nothing', () => {
    const drawing = draw(chartOf(kind, []))
    expect(textsOf(drawing).map(({ text }) => text)).toEqual(['There is nothing to show.'])
    expect(drawing.alt).toContain('There is nothing to show.')
  })

  test('writes no text over another', () => {
    const points = Array.from({ length: 60 }, (_, at) => [`2025-01-${at}`, at, 60 - at] as const)
    const texts = textsOf(draw(chartOf(kind, points)))
    for (const [at, one] of texts.entries()) {
      for (const other of texts.slice(at + 1)) {
        if (Math.abs(one.baseline - other.baseline) > 5) continue
        const [[a, b], [c, d]] = [edgesOf(one), edgesOf(other)]
        expect([one.text, other.text, b <= c + 0.5 || d <= a + 0.5]).toEqual([one.text, other.text, true])
      }
    }
  })

  test('tells its series apart by a sign as well as by a colour', () => {
    const drawing = draw(chartOf(kind, [['Jan', 5, 7, 9]]))
    const legend = textsOf(drawing).filter(({ text }) => /Web|Shop|Market/.test(text))
    expect(legend).toHaveLength(3)
    const marks = drawing.shapes.filter((shape) => shape.shape === 'path' && shape.lineWidth === undefined)
    const signs = kind === 'line' ? marks.map((mark) => 'd' in mark && mark.d) : legend.map(({ text }) => text[0])
    expect(new Set(signs).size).toBe(3)
  })
})

test('a name of a megabyte is told in short', () => {
  const { alt } = draw(chartOf('bars', [['x'.repeat(1_000_000), 5]]))
  expect(alt.length).toBeLessThan(400)
})

describe('bars', () => {
  test('are as long as their values', () => {
    const [one, two] = barsOf(
      draw(
        chartOf('bars', [
          ['Jan', 500],
          ['Feb', 1_000],
        ]),
      ),
    )
    expect((two?.width ?? 0) / (one?.width ?? 1)).toBeCloseTo(2, 1)
  })

  test('go to the left of zero when they are negative', () => {
    const [up, down] = barsOf(
      draw(
        chartOf('bars', [
          ['Jan', 50],
          ['Feb', -50],
        ]),
      ),
    )
    expect((down?.x ?? 0) + (down?.width ?? 0)).toBeCloseTo(up?.x ?? 0, 0)
  })

  test('that are stacked show one in a million', () => {
    const chart = {
      ...chartOf('stacked-bars', [['users', 1_000_000, 1]]),
      series: [
        { name: 'ok', tone: 'good' },
        { name: 'no', tone: 'bad' },
      ],
    } as const
    const [, bad] = barsOf(draw(chart), 'bad')
    expect(bad?.width).toBeGreaterThanOrEqual(1)
  })

  test('are not drawn without end, and say so', () => {
    const drawing = draw(
      chartOf(
        'bars',
        Array.from({ length: 100 }, (_, at) => [`p${at}`, at]),
      ),
    )
    expect(barsOf(drawing).length).toBeLessThanOrEqual(32)
    expect(drawing.note).toBe('The first 32 of 100 are drawn.')
    expect(drawing.height).toBeLessThan(730)
  })
})

describe('a line', () => {
  test('breaks at a gap, and marks what stands alone', () => {
    const drawing = draw(
      chartOf('line', [
        ['a', 1],
        ['b', 2],
        ['c', null],
        ['d', 4],
        ['e', null],
      ]),
    )
    const [path, ...marks] = drawing.shapes.filter((shape) => shape.shape === 'path')
    expect(path && 'd' in path ? path.d.match(/M/g) : []).toHaveLength(2)
    expect(marks).toHaveLength(3)
  })

  test('goes up where values do', () => {
    const drawing = draw(
      chartOf('line', [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ]),
    )
    const [path] = drawing.shapes.filter((shape) => shape.shape === 'path')
    const heights = numbersOf(path && 'd' in path ? path.d : '').filter((_, at) => at % 2 === 1)
    expect(heights).toEqual(heights.toSorted((a, b) => b - a))
  })
})
