// Small shared parts of the benchmarks.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is there while `work` runs. */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'shardyard-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function median(values) {
  return quantile(values, 0.5)
}

function quantile(values, share) {
  return [...values].toSorted((a, b) => a - b)[Math.floor(values.length * share)]
}

/**
 * Runs two ways of doing a thing in turn, so that both meet the same noise; answers the median of the ratios a/b, and
 * that of the best times, which tells the same on a quiet machine and is steadier on a busy one.
 */
export async function compare(rounds, a, b) {
  const [as, bs] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const pair = round % 2 === 0 ? [a, b] : [b, a]
    const times = [await pair[0](), await pair[1]()]
    as.push(round % 2 === 0 ? times[0] : times[1])
    bs.push(round % 2 === 0 ? times[1] : times[0])
  }
  const ratios = as.map((time, index) => time / bs[index])
  return {
    a: median(as),
    b: median(bs),
    ratio: median(ratios),
    ofBests: Math.min(...as) / Math.min(...bs),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
  }
}

export function line(name, { ratio, ofBests, quartiles }, limit) {
  const asked = limit === undefined ? '' : `  (asked: ${limit})`
  const half = quartiles.map((value) => value.toFixed(2)).join(' to ')
  console.log(
    `${name.padEnd(54)} median ${ratio.toFixed(2)}  best/best ${ofBests.toFixed(2)}  half of them ${half}${asked}`,
  )
}
