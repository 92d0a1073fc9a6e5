import { callable, check, InvalidOption, optional, type Requirement, show, withDefaults } from '@gradchain/core'
import { contours } from 'd3-contour'
import { colorOf, digits, line, numbered, position, SCHEMA, times, titleOf } from '../internal/pictures/curves.js'
import { checkPicture, namedOf, wholeUpTo } from '../internal/pictures/options.js'
import { type Domain, isDrawn, linearDomain } from '../internal/pictures/scale.js'
import { thinned } from '../internal/pictures/thinned.js'
import { aRange, words } from '../internal/pictures/words.js'
import type { LayeredPicture, PictureOptions, PictureRow } from './picture.js'

/** A place in the plane. */
export type PlottedPoint = readonly [x: number, y: number]

/** Options of {@link plotLandscape}. */
export interface PlotLandscapeOptions extends PictureOptions {
  /** The ways that some runs went, by their names, up to 8. @defaultValue none */
  readonly paths?: Readonly<Record<string, readonly PlottedPoint[]>>
  /** Where the lowest places are. @defaultValue none */
  readonly minimizers?: readonly PlottedPoint[]
  /** From where to where x is shown. @defaultValue as far as paths and minimizers go, and a bit further */
  readonly x?: readonly [from: number, to: number] | undefined
  /** The same of y. @defaultValue likewise */
  readonly y?: readonly [from: number, to: number] | undefined
  /** How many lines of equal height there are, a whole number from 1 to 64. @defaultValue `10` */
  readonly levels?: number
  /** At how many places along each axis the function is looked at, a whole number from 2 to 1024. @defaultValue `96` */
  readonly resolution?: number
}

/**
 * A function of two numbers from above, with lines of equal height, and the ways of some runs over it, as a picture.
 *
 * A line is drawn at the height below which the share ((i + 1) / (levels + 1))^1.5 of the places lies, so that lines are denser where it is low, and no
 * function is too steep to be seen.
 *
 * A path ends where a point of it is NaN or infinite, and goes on behind it; where the function is, there are no lines. Both are said above the picture,
 * and that the function is flat. Of points that are too many to be shown those furthest out of
 * each stretch are.
 *
 * Laws: a function whose heights are stretched by an increasing function has the same lines, but for how they are interpolated.
 *
 * @example
 * const picture = plotLandscape((x, y) => x ** 2 + 4 * y ** 2, {
 *   x: [-2, 2],
 *   y: [-1, 1],
 *   paths: { descent: Array.from({ length: 20 }, (_, k) => [1.8 * 0.8 ** k, 0.8 * (-0.2) ** k] as const) },
 *   minimizers: [[0, 0]],
 *   levels: 4
 * })
 * toText(picture, { width: 40, height: 10 }).split('\n')
 * // => ['landscape',
 * // ' 1.0 ┤       ····················     ●',
 * // '     │    ·························· ●',
 * // ' 0.5 ┤  ·· ···· ·············· ···· ·●',
 * // '     │ ·  ··  ··· ·········· ···· ··● ·',
 * // '     │·  ··  ·   ··    ●●● ●·●  ●● ·●  ·',
 * // '   0 ┤·  ··  ·   ··    ★●●●·● ●●· ●●·  ·',
 * // '     │··  ·· ···· ·········· ···· ··  ··',
 * // '-0.5 ┤  ·· ···· ·············· ···· ··',
 * // '     │    ··························',
 * // '-1.0 ┤       ····················',
 * // '     └┬────────────────┬───────────────┬',
 * // '      -2               0               2',
 * // '                       x',
 * // '● descent']
 *
 * @throws InvalidOption for an option outside its range, and where neither ranges nor paths say what to show.
 * @see toText; `toSvg` of `@gradchain/monitor/svg`
 */
export const plotLandscape = (
  f: (x: number, y: number) => number,
  options: PlotLandscapeOptions = {}
): LayeredPicture => {
  const given = withDefaults<Required<PlotLandscapeOptions>>('plotLandscape', options, {
    title: 'landscape',
    width: 600,
    height: 400,
    paths: {},
    minimizers: [],
    x: undefined,
    y: undefined,
    levels: 10,
    resolution: 96
  })
  const { minimizers, levels, resolution } = given
  checkPicture('plotLandscape', given)
  check('plotLandscape', { f }, callable)
  check('plotLandscape', { minimizers }, points)
  check('plotLandscape', { x: given.x, y: given.y }, optional(aRange))
  check('plotLandscape', { levels }, wholeUpTo(1, 64))
  check('plotLandscape', { resolution }, wholeUpTo(2, 1024))
  const paths = namedOf('plotLandscape', 'paths', given.paths, points)
  const places = [...paths.flatMap(([, path]) => path), ...minimizers]
  const xDomain =
    given.x ??
    domainOf(
      'x',
      places.map(([x]) => x)
    )
  const yDomain =
    given.y ??
    domainOf(
      'y',
      places.map(([, y]) => y)
    )
  const noGrid = { grid: false } as const
  const [x, y] = [position('x', 'x', 'linear', xDomain, 8, noGrid), position('y', 'y', 'linear', yDomain, 8, noGrid)]
  const names = paths.map(([name]) => words(name))
  const color = colorOf(names, true)
  const ways = paths.flatMap(([name, path]) => wayOf(words(name), path))
  const heights = heightsOf(f, xDomain, yDomain, resolution)
  return {
    $schema: SCHEMA,
    title: titleOf(given.title, [...heightNotes(heights), ...pathNotes(paths)]),
    description: words(
      `${given.title}: lines of equal height${names.length === 0 ? '' : `, and the ways of ${names.join(', ')}`}.`
    ),
    width: given.width,
    height: given.height,
    layer: [
      line(numbered(contourOf(heights, resolution, levels, xDomain, yDomain)), 'contour', x, y, undefined),
      ...(minimizers.length > 0
        ? [
            {
              data: { values: minimizers.filter(isPlace).map(([px, py]) => ({ x: px, y: py })) },
              mark: {
                type: 'point',
                style: 'target',
                shape: 'diamond',
                filled: true,
                size: 80,
                clip: true,
                opacity: 1
              },
              encoding: { x, y }
            } as const
          ]
        : []),
      ...(ways.length > 0 ? [line(numbered(ways), 'curve', x, y, color)] : []),
      ...(paths.length > 0
        ? [
            {
              data: { values: paths.flatMap(([name, path]) => startOf(words(name), path)) },
              mark: { type: 'point', style: 'dot', shape: 'circle', filled: true, size: 50, clip: true, opacity: 1 },
              encoding: { x, y, color }
            } as const
          ]
        : [])
    ]
  }
}

/** What of the heights cannot be seen in lines. */
const heightNotes = (heights: readonly number[]): readonly string[] => {
  const finite = heights.filter(Number.isFinite)
  const [first] = finite
  if (first === undefined) return ['f is NaN or infinite everywhere: there are no lines']
  return [
    ...(finite.length < heights.length
      ? [`f is NaN or infinite at ${heights.length - finite.length} of ${heights.length} places`]
      : []),
    ...(finite.every((height) => height === first)
      ? [`f is ${digits(first)} wherever it is finite: there are no lines`]
      : [])
  ]
}

const pathNotes = (paths: readonly (readonly [string, readonly PlottedPoint[]])[]): readonly string[] =>
  paths.flatMap(([name, path]) => {
    const lost = path.filter((at) => !isPlace(at)).length
    return lost === 0 ? [] : [`${name}: NaN or infinite ${times(lost)}`]
  })

const isPlace = ([x, y]: PlottedPoint): boolean => isDrawn(x) && isDrawn(y)

const domainOf = (name: string, values: readonly number[]): Domain => {
  const drawn = values.filter(isDrawn)
  if (drawn.length === 0) throw new InvalidOption(`plotLandscape: ${name} must be given where there are no paths`)
  const [low, high] = [least(drawn), -least(drawn.map((value) => -value))]
  const margin = 0.1 * (high - low)
  return linearDomain([low - margin, high + margin])
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity)

/** Heights at the places of a grid, row by row from the lowest y on; where there is none, it is out of reach. */
const heightsOf = (
  f: (x: number, y: number) => unknown,
  [x1, x2]: Domain,
  [y1, y2]: Domain,
  resolution: number
): readonly number[] =>
  Array.from({ length: resolution * resolution }, (_, k) => {
    const [i, j] = [k % resolution, Math.floor(k / resolution)]
    const at = [x1 + (i / (resolution - 1)) * (x2 - x1), y1 + (j / (resolution - 1)) * (y2 - y1)] as const
    const height = f(...at)
    if (typeof height === 'number') return Number.isNaN(height) ? Infinity : height
    throw new InvalidOption(`plotLandscape: f must give a number, got ${show(height)} at ${show(at)}`)
  })

const contourOf = (
  heights: readonly number[],
  resolution: number,
  levels: number,
  [x1, x2]: Domain,
  [y1, y2]: Domain
): readonly PictureRow[] => {
  const sorted = heights.filter(Number.isFinite).sort((a, b) => a - b)
  if (sorted.length === 0) return []
  const thresholds = Array.from({ length: levels }, (_, i) => {
    const share = (i + 1) / (levels + 1)
    return sorted[Math.floor(share * Math.sqrt(share) * (sorted.length - 1))] as number
  })
  const last = resolution - 0.5
  // d3 has its samples in the middle of squares; along the frame it closes what goes on beyond.
  const isInside = ([px, py]: readonly number[]): boolean =>
    (px as number) >= 0.5 && (px as number) <= last && (py as number) >= 0.5 && (py as number) <= last
  const place = (at: number, from: number, to: number): number => from + ((at - 0.5) / (resolution - 1)) * (to - from)
  return contours()
    .size([resolution, resolution])
    .thresholds([...new Set(thresholds)])([...heights])
    .flatMap(({ coordinates }) => coordinates.flat())
    .flatMap((ring) => [
      ...ring.map(
        (point): PictureRow =>
          isInside(point)
            ? { x: place(point[0] as number, x1, x2), y: place(point[1] as number, y1, y2) }
            : { x: x1, y: null }
      ),
      { x: x1, y: null }
    ])
}

const wayOf = (series: string, path: readonly PlottedPoint[]): readonly PictureRow[] => {
  const kept = thinned(
    path.length,
    4000,
    (i) => (path[i] as PlottedPoint)[0],
    (i) => (path[i] as PlottedPoint)[1]
  )
  const rows = kept.map((i): PictureRow => {
    const [x, y] = path[i] as PlottedPoint
    return isDrawn(x) && isDrawn(y) ? { x, y, series } : { x: 0, y: null, series }
  })
  return rows.length === 0 ? [] : [...rows, { x: 0, y: null, series }]
}

const startOf = (series: string, path: readonly PlottedPoint[]): readonly PictureRow[] => {
  const start = path.find(isPlace)
  return start === undefined ? [] : [{ x: start[0], y: start[1], series }]
}

const points: Requirement = {
  what: 'a list of places [x, y]',
  holds: (value) =>
    Array.isArray(value) &&
    value.every((at) => Array.isArray(at) && at.length === 2 && at.every((one) => typeof one === 'number'))
}
