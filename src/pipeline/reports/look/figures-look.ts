/** How figures that stand together are shown: as tiles when they are few and short, as a table otherwise. */
import type { Figure } from '../report-model.js'
import { printCell } from './print-cell.js'

const TILES_MAX = 8
const CHARACTERS_MAX = 18

export function areTiles(figures: readonly Figure[]): boolean {
  return (
    figures.length <= TILES_MAX && figures.every((figure) => printCell(figure.value, figure).length <= CHARACTERS_MAX)
  )
}

/** Tiles in a row, so that rows are about equally long. */
export function tilesAcross(count: number): number {
  return count <= 4 ? count : Math.ceil(count / 2)
}
