import type {
  LayeredPicture,
  PictureColor,
  PictureDash,
  PictureLayer,
  PicturePosition,
  PictureRow
} from '../../plot/picture.js'
import { type Domain, isDrawn, linearDomain, logDomain, placeOf, type ScaleType, ticksOf } from './scale.js'
import { thinned } from './thinned.js'
import { words } from './words.js'

export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json'

/** Numbers over numbers, under a name. */
export interface Curve {
  readonly name: string
  readonly xs: ArrayLike<number>
  readonly ys: ArrayLike<number>
  /** Whether it lies behind what matters. */
  readonly isFaint?: boolean
}

/** A place on the lower axis that has a name. */
export interface MarkedPlace {
  readonly name: string
  readonly x: number
}

interface CurvesOptions {
  readonly title: string
  readonly width: number
  readonly height: number
  readonly xTitle: string
  readonly yTitle: string | null
  readonly xScale: ScaleType
  /** `undefined` where the numbers decide. */
  readonly yScale: ScaleType | undefined
  readonly marks?: readonly MarkedPlace[]
}

/** How many points a curve has at most: two for each pixel of a wide picture. */
const MOST_POINTS = 1200

/** From this factor between numbers on their differences are seen on a logarithmic scale only. */
const LOGARITHMIC_FROM = 100

/** Curves over one another. */
export const curves = (all: readonly Curve[], options: CurvesOptions): LayeredPicture => {
  const yScale = options.yScale ?? fitting(all)
  const drawn = drawnOf(all, ({ ys }) => ys)
  const marks = (options.marks ?? []).filter(({ x }) => isDrawn(x) && (options.xScale === 'linear' || x > 0))
  const xDomain = xDomainOf([...drawnOf(all, ({ xs }) => xs), ...marks.map(({ x }) => x)], options.xScale)
  const yDomain = yScale === 'log' ? logDomain([...drawn]) : linearDomain(drawn)
  const isWhole =
    all.every(({ xs }) => Array.prototype.every.call(xs, Number.isInteger)) && xDomain.every(Number.isInteger)
  const x = position('x', options.xTitle, options.xScale, xDomain, 8, isWhole ? { tickMinStep: 1 } : {})
  const y = position('y', options.yTitle, yScale, yDomain, 6)
  const color = colorOf(all.map(({ name }) => words(name)))
  const pieces = all.map((curve) => ({ ...pieceOf(curve, yScale, yDomain), isFaint: curve.isFaint === true }))
  const lost = pieces.flatMap((piece) => piece.lost)
  const dots = pieces.flatMap((piece) => (piece.isFaint ? [] : piece.dots))
  const lines = (isFaint: boolean): readonly PictureRow[] =>
    numbered(pieces.filter((piece) => piece.isFaint === isFaint).flatMap((piece) => piece.rows))
  return {
    $schema: SCHEMA,
    title: titleOf(options.title, drawn.length + lost.length > 0 ? notesOf(all, yScale, options.xTitle) : [NOTHING]),
    description: describe(options, all, drawn),
    width: options.width,
    height: options.height,
    layer: [
      ...(pieces.some(({ isFaint }) => isFaint) ? [line(lines(true), 'faint', x, y, color)] : []),
      line(lines(false), 'curve', x, y, color),
      ...(dots.length > 0 ? [dotLayer(dots, x, y, color)] : []),
      ...(lost.length > 0 ? [lostLayer(lost, x)] : []),
      ...marks.flatMap((mark, i) => markLayers(mark, i, x, options.width))
    ]
  }
}

/** Numbers of a logarithmic axis as `labelsOf` writes them. */
const SHORT = "format(datum.value, datum.value < 1e-3 || datum.value >= 1e6 ? '~e' : '~f')"

/** A position on an axis. */
export const position = (
  field: string,
  title: string | null,
  type: ScaleType,
  domain: Domain,
  tickCount: number,
  more: Pick<PicturePosition['axis'], 'tickMinStep' | 'format' | 'grid'> = {}
): PicturePosition => ({
  field,
  type: 'quantitative',
  title: title === null ? null : words(title),
  scale: { type, domain, nice: false, ...(type === 'linear' ? { zero: false } : {}) },
  axis: {
    tickCount,
    ...more,
    ...(type === 'log' ? { values: ticksOf(type, domain, tickCount), labelExpr: SHORT } : {})
  }
})

/** Colours for names; those that come twice have one. What is what is said from two names on, unless it always is. */
export const colorOf = (names: readonly string[], isAlwaysSaid = false): PictureColor => {
  const domain = [...new Set(names)]
  const legend = isAlwaysSaid || domain.length > 1 ? {} : { legend: null }
  return { field: 'series', type: 'nominal', title: null, scale: { domain }, ...legend }
}

/** The lines of curves. To those who see few colours the fifth and those behind it look like one of the first four. */
const DASHES = [...new Array<[number, number]>(4).fill([1, 0]), [6, 3], [6, 3], [2, 2], [2, 2]] as const

const SOLID = 4

const dashOf = ({ scale, ...color }: PictureColor): PictureDash => ({
  ...color,
  scale: { ...scale, range: DASHES.slice(0, scale.domain.length) }
})

/** What stands above a picture in which nothing is. */
export const NOTHING = 'there is nothing to draw'

/** What stands above a picture. */
export const titleOf = (text: string, notes: readonly string[]): LayeredPicture['title'] => ({
  text: words(text),
  ...(notes.length > 0 ? { subtitle: notes.map(words) } : {}),
  anchor: 'start'
})

/** Rows with their place in the order in which they are joined. */
export const numbered = (rows: readonly PictureRow[]): readonly PictureRow[] => rows.map((row, i) => ({ ...row, i }))

/** A layer of lines, broken where a row has no y. */
export const line = (
  values: readonly PictureRow[],
  style: 'curve' | 'faint' | 'contour',
  x: PicturePosition,
  y: PicturePosition,
  color: PictureColor | undefined
): PictureLayer => ({
  data: { values },
  mark: {
    type: 'line',
    style,
    clip: true,
    opacity: { curve: 1, faint: 0.35, contour: 0.6 }[style],
    strokeWidth: style === 'curve' ? 2 : 1,
    invalid: 'break-paths-show-domains'
  },
  encoding: {
    x,
    y,
    ...(color === undefined ? {} : { color }),
    ...(color !== undefined && color.scale.domain.length > SOLID ? { strokeDash: dashOf(color) } : {}),
    order: { field: 'i', type: 'quantitative' }
  }
})

const dotLayer = (
  values: readonly PictureRow[],
  x: PicturePosition,
  y: PicturePosition,
  color: PictureColor
): PictureLayer => ({
  data: { values },
  mark: { type: 'point', style: 'dot', shape: 'circle', filled: true, size: 30, clip: false, opacity: 1 },
  encoding: { x, y, color }
})

const lostLayer = (values: readonly PictureRow[], x: PicturePosition): PictureLayer => ({
  data: { values },
  mark: { type: 'point', style: 'lost', shape: 'cross', filled: true, size: 40, clip: false, opacity: 1 },
  encoding: { x, y: { value: 6 } }
})

const markLayers = (
  { name, x: at }: MarkedPlace,
  i: number,
  x: PicturePosition,
  width: number
): readonly PictureLayer[] => {
  const data = { values: [{ x: at, series: words(name) }] }
  // On the left where there is no room on the right, at about six pixels for a character.
  const right = width * (1 - placeOf(at, x.scale.type, x.scale.domain))
  const beside =
    right < 6 * name.length + 4 ? ({ align: 'right', dx: -4 } as const) : ({ align: 'left', dx: 4 } as const)
  return [
    { data, mark: { type: 'rule', style: 'mark', clip: true, opacity: 1, strokeDash: [4, 3] }, encoding: { x } },
    {
      data,
      mark: { type: 'text', style: 'mark', clip: false, opacity: 1, ...beside, baseline: 'top' },
      encoding: { x, y: { value: 4 + 15 * i }, text: { field: 'series', type: 'nominal' } }
    }
  ]
}

const drawnOf = (all: readonly Curve[], numbersOf: (curve: Curve) => ArrayLike<number>): Float64Array => {
  const total = all.reduce((sum, curve) => sum + numbersOf(curve).length, 0)
  const drawn = new Float64Array(total)
  let count = 0
  for (const curve of all) {
    const numbers = numbersOf(curve)
    for (let i = 0; i < numbers.length; i++) {
      const value = numbers[i] as number
      if (isDrawn(value)) drawn[count++] = value
    }
  }
  return drawn.subarray(0, count)
}

/** The scale on which numbers are seen best. */
const fitting = (all: readonly Curve[]): ScaleType => {
  let [least, most] = [Infinity, 0]
  for (const value of drawnOf(all, ({ ys }) => ys)) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return least > 0 && most >= LOGARITHMIC_FROM * least && least < Infinity ? 'log' : 'linear'
}

/** The lower axis ends where its numbers do, unless there is one alone. */
const xDomainOf = (values: readonly number[], type: ScaleType): Domain => {
  if (type === 'log') return logDomain(values)
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return high - low > 1e-8 * Math.max(-low, high) ? [low, high] : linearDomain(values)
}

interface Piece {
  readonly rows: readonly PictureRow[]
  /** Points that no line reaches. */
  readonly dots: readonly PictureRow[]
  /** Where there is no number. */
  readonly lost: readonly PictureRow[]
}

const pieceOf = ({ name, xs, ys }: Curve, type: ScaleType, [from]: Domain): Piece => {
  const series = words(name)
  const places = thinned(ys.length, MOST_POINTS, (i) => ys[i] as number)
  const isThere = (place: number | undefined): boolean => place !== undefined && isDrawn(ys[place] as number)
  const rowAt = (i: number): PictureRow => {
    const value = ys[i] as number
    return { x: xs[i] as number, y: isDrawn(value) ? (type === 'log' ? Math.max(value, from) : value) : null, series }
  }
  const isAlone = (place: number, i: number): boolean =>
    isThere(place) && !isThere(places[i - 1]) && !isThere(places[i + 1])
  // The next curve begins anew.
  const last = places.at(-1)
  const end = last === undefined ? [] : [{ x: xs[last] as number, y: null, series }]
  return {
    rows: [...places.map(rowAt), ...end],
    dots: places.filter(isAlone).map(rowAt),
    lost: places.filter((place) => !isThere(place)).map((place) => ({ x: xs[place] as number }))
  }
}

/** What cannot be seen in the picture, in words. */
const notesOf = (all: readonly Curve[], type: ScaleType, xTitle: string): readonly string[] => {
  const found = all.filter(({ isFaint }) => isFaint !== true).map((curve) => ({ ...curve, ...missesOf(curve, type) }))
  const lost = found.filter((one) => one.lost > 0)
  const low = found.filter((one) => one.low > 0)
  const listOf = (some: readonly { readonly name: string }[]): string => some.map(({ name }) => name).join(', ')
  const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
  return [
    ...(lost.length > 0
      ? [
          `${listOf(lost)}: NaN or infinite ${times(sumOf(lost.map((one) => one.lost)))}, first at ${xTitle} ${Math.min(...lost.map((one) => one.firstLost))}`
        ]
      : []),
    ...(low.length > 0
      ? [`${listOf(low)}: 0 or less ${times(sumOf(low.map((one) => one.low)))}, drawn at the lower end`]
      : [])
  ]
}

/** How many numbers of a curve have no place of their own, and where the first is lost. */
const missesOf = (
  { xs, ys }: Curve,
  type: ScaleType
): { readonly lost: number; readonly firstLost: number; readonly low: number } => {
  let [lost, firstLost, low] = [0, Infinity, 0]
  for (let i = 0; i < ys.length; i++) {
    const value = ys[i] as number
    if (!isDrawn(value)) {
      if (lost++ === 0) firstLost = xs[i] as number
    } else if (type === 'log' && value <= 0) low++
  }
  return { lost, firstLost, low }
}

/** How often. */
export const times = (n: number): string => (n === 1 ? 'once' : `${n} times`)

const describe = (options: CurvesOptions, all: readonly Curve[], drawn: Float64Array): string => {
  const names = [...new Set(all.map(({ name }) => name))]
  if (drawn.length === 0) return words(`${options.title}: nothing to draw.`)
  const [low, high] = drawn.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity])
  return words(`${options.title}: ${names.join(', ')} over ${options.xTitle}, from ${digits(low)} to ${digits(high)}.`)
}

/** A number in three digits. */
export const digits = (value: number): string => String(Number(value.toPrecision(3)))
