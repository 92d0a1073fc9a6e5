import { check, InvalidOption, type Requirement, show, withDefaults } from '@gradchain/core'
import { NOTHING, position, SCHEMA, titleOf } from '../internal/pictures/curves.js'
import { aScale, checkPicture, namedOf } from '../internal/pictures/options.js'
import { type Domain, isDrawn, type ScaleType } from '../internal/pictures/scale.js'
import { aText, words } from '../internal/pictures/words.js'
import type { FacetedPicture, PictureOptions, PictureRow } from './picture.js'

/** How many elements lie between which numbers. */
export interface PlottedHistogram {
  /** Where one bin ends and the next begins: one number or more, ascending. */
  readonly edges: readonly number[]
  /** One count more than there are edges: below the first, from each to the next, from the last on. */
  readonly counts: readonly number[]
}

/** Options of {@link plotHistograms}. */
export interface PlotHistogramsOptions extends PictureOptions {
  /** What was counted, below the axis. @defaultValue none */
  readonly quantity?: string | undefined
  /** The scale of the edges. @defaultValue `'log'` where all edges are above 0 and the last is 100 times the first or more, else `'linear'` */
  readonly scale?: 'linear' | 'log' | undefined
}

/**
 * Histograms below each other on one axis, as a picture: of some layers, or of one at some steps.
 *
 * What {@link histogramOf} counts, in shares of all: the highest bin of all histograms is as high as there is room. The first and the last bin, which
 * have no end, are drawn as wide as the ones beside them. Where nothing was counted, the picture says so.
 *
 * Laws: counts times a number > 0 are the same picture.
 *
 * @param histograms - up to 32, by their names.
 *
 * @example
 * const edges = decades(-4, 0)
 * const picture = plotHistograms({
 *   kernel: { edges, counts: [0, 2, 30, 8, 1, 0] },
 *   bias: { edges, counts: [5, 3, 1, 0, 0, 0] }
 * }, { title: '|g|' })
 * toText(picture, { width: 40, height: 2 }).split('\n')
 * // => ['|g|',
 * // '       │          ██████',
 * // 'kernel │     ▁▁▁▁▁██████▄▄▄▄▄▄▁▁▁▁▁',
 * // '       │▄▄▄▄▄▄',
 * // '  bias │██████▇▇▇▇▇▂▂▂▂▂',
 * // '       └──────────┬───────────────┬─────',
 * // '                0.001             1',
 * // 'highest bin: 73.2 %']
 *
 * @throws InvalidOption for edges that do not ascend, counts that do not fit them, and an option outside its range.
 * @see toText; `toSvg` of `@gradchain/monitor/svg`
 */
export const plotHistograms = (
  histograms: Readonly<Record<string, PlottedHistogram>>,
  options: PlotHistogramsOptions = {}
): FacetedPicture => {
  const given = withDefaults<Required<PlotHistogramsOptions>>('plotHistograms', options, {
    title: 'histograms',
    width: 600,
    height: 60,
    quantity: undefined,
    scale: undefined
  })
  checkPicture('plotHistograms', given)
  check('plotHistograms', { quantity: given.quantity ?? '' }, aText)
  check('plotHistograms', { scale: given.scale }, aScale)
  const named = namedOf('plotHistograms', 'histograms', histograms, aHistogram, 32)
  const scale = given.scale ?? fitting(named.map(([, { edges }]) => edges))
  const lowest = named.find(([, { edges }]) => (edges[0] as number) <= 0)
  if (scale === 'log' && lowest !== undefined) {
    throw new InvalidOption(
      `plotHistograms: scale must be "linear" where edges are not above 0, as those of ${show(lowest[0])} are`
    )
  }
  const values = named.flatMap(([name, histogram]) => binsOf(words(name), histogram, scale))
  const names = named.map(([name]) => words(name))
  const low = values.reduce((least, { from }) => Math.min(least, from), Infinity)
  const high = values.reduce((most, { to }) => Math.max(most, to), -Infinity)
  const domain: Domain = values.length === 0 ? [scale === 'log' ? 0.1 : 0, 1] : [low, high]
  const top = values.reduce((most, { share }) => Math.max(most, share), 0)
  return {
    $schema: SCHEMA,
    title: titleOf(given.title, notesOf(named)),
    description: words(
      `${given.title}: ${names.length === 0 ? 'nothing to draw' : names.join(', ')}, in shares of all.`
    ),
    data: { values: values.map((bin): PictureRow => ({ ...bin })) },
    facet: { row: { field: 'series', type: 'nominal', title: null, sort: names } },
    spec: {
      width: given.width,
      height: given.height,
      mark: { type: 'rect', style: 'bin', clip: true, opacity: 1 },
      encoding: {
        x: position('from', given.quantity ?? null, scale, domain, 8),
        x2: { field: 'to' },
        y: position('share', 'share', 'linear', [0, top > 0 ? top : 1], 2, { format: '%' }),
        y2: { datum: 0 }
      }
    }
  }
}

const notesOf = (named: readonly (readonly [string, PlottedHistogram])[]): readonly string[] => {
  if (named.length === 0) return [NOTHING]
  const empty = named.filter(([, { counts }]) => counts.every((count) => count === 0))
  return empty.length === 0 ? [] : [`${empty.map(([name]) => name).join(', ')}: nothing was counted`]
}

const fitting = (all: readonly (readonly number[])[]): ScaleType => {
  const [first, last] = [
    Math.min(...all.map((edges) => edges[0] as number)),
    Math.max(...all.map((edges) => edges.at(-1) as number))
  ]
  return first > 0 && last >= 100 * first && all.length > 0 ? 'log' : 'linear'
}

interface Bin {
  readonly series: string
  readonly from: number
  readonly to: number
  readonly share: number
}

const binsOf = (series: string, { edges, counts }: PlottedHistogram, scale: ScaleType): readonly Bin[] => {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const [first, last] = [edges[0] as number, edges.at(-1) as number]
  const [second, beforeLast] = [edges[1], edges.at(-2)]
  const beyond = (edge: number, beside: number | undefined, sign: 1 | -1): number => {
    if (scale === 'log') return beside === undefined ? (sign > 0 ? edge * 10 : edge / 10) : edge * (edge / beside)
    return beside === undefined ? edge + sign * Math.max(1, Math.abs(edge)) : edge + (edge - beside)
  }
  const ends = [beyond(first, second, -1), ...edges, beyond(last, beforeLast, 1)]
  return counts.map((count, i) => ({
    series,
    from: ends[i] as number,
    to: ends[i + 1] as number,
    share: total > 0 ? count / total : 0
  }))
}

const aHistogram: Requirement = {
  what: 'edges that ascend, up to 1e150 and if small no closer to 0 than 1e-150, and finite counts ≥ 0, one more than edges',
  holds: (value) => {
    if (typeof value !== 'object' || value === null) return false
    const { edges, counts } = value as Partial<PlottedHistogram>
    return (
      Array.isArray(edges) &&
      Array.isArray(counts) &&
      edges.length > 0 &&
      counts.length === edges.length + 1 &&
      edges.every((edge, i) => isEdge(edge) && (i === 0 || edge > edges[i - 1])) &&
      counts.every((count) => typeof count === 'number' && count >= 0 && isDrawn(count))
    )
  }
}
const isEdge = (edge: unknown): boolean =>
  typeof edge === 'number' && (edge === 0 || (Math.abs(edge) <= 1e150 && Math.abs(edge) >= 1e-150))
