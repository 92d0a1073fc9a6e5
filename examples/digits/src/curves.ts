import plot from 'simple-ascii-chart'

const ROWS = 8

/** How the height of a curve follows its values. */
export type Scale = 'linear' | 'log'

/** Below this a logarithm has nothing more to show. */
const FLOOR = 1e-8

/**
 * The means of equal stretches of the values, at most `columns` of them: what a noisy curve looks like from afar.
 *
 * @example
 * smooth([1, 3, 5, 7], 2) // => [2, 6]
 */
export const smooth = (values: readonly number[], columns: number): readonly number[] => {
  const count = Math.min(columns, values.length)
  return Array.from({ length: count }, (_, column) => {
    const start = Math.floor((column * values.length) / count)
    const end = Math.floor(((column + 1) * values.length) / count)
    return values.slice(start, end).reduce((sum, value) => sum + value, 0) / (end - start)
  })
}

/** Values at evenly spaced places, at most `columns` of them, the first and the last among them. */
export const sample = (values: readonly number[], columns: number): readonly number[] => {
  const last = Math.min(columns, values.length) - 1
  const gap = last > 0 ? (values.length - 1) / last : 0
  return Array.from({ length: last + 1 }, (_, column) => values[Math.round(column * gap)] as number)
}

/** A curve drawn with characters under its title, one column a value, over an axis from 0 to `steps`. */
export const curve = (title: string, values: readonly number[], steps: number, scale: Scale = 'linear'): string => {
  const heights = values.map((value) => (scale === 'log' ? Math.log10(Math.max(value, FLOOR)) : value))
  const last = heights.length - 1
  const stepAt = (column: number) => (last > 0 ? Math.round((column / last) * steps) : 0)
  const valueAt = (height: number) => Number((scale === 'log' ? 10 ** height : height).toPrecision(2))
  const [low, high] = [Math.min(...heights), Math.max(...heights)]
  // One label a row, at the height of that row and not of the value that happens to be drawn in it.
  const rowAt = (row: number) => Math.min(high, low + ((high - low) * row) / (ROWS - 1))
  const drawing = plot(
    heights.map((height, column): [number, number] => [column, height]),
    {
      title,
      width: heights.length,
      height: ROWS,
      customYAxisTicks: Array.from({ length: ROWS }, (_, row) => rowAt(row)),
      customXAxisTicks: last % 2 === 0 ? [0, last / 2, last] : [0, last],
      formatter: (value, { axis }) => (axis === 'y' ? valueAt(value) : stepAt(value))
    }
  )
  return drawing.replace(/[ \t]+$/gm, '').trim()
}
