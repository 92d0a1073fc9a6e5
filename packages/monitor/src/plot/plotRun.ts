import {
  check,
  InvalidOption,
  inUnitInterval,
  oneOf,
  optional,
  type Requirement,
  show,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import { type Curve, curves } from '../internal/pictures/curves.js'
import { aScale, checkPicture } from '../internal/pictures/options.js'
import { isDrawn } from '../internal/pictures/scale.js'
import { aText, MOST_SERIES } from '../internal/pictures/words.js'
import type { LayeredPicture, PictureOptions } from './picture.js'

/** Options of {@link plotRun}. */
export interface PlotRunOptions extends PictureOptions {
  /** The names of what is shown, from 1 to 8, each of which some row has. @defaultValue all that some row has as a number */
  readonly y?: readonly string[] | undefined
  /** The name of what it is shown over. @defaultValue `'step'` where some row has it, else rows are counted from 0 */
  readonly x?: string | undefined
  /** The scale of the values. @defaultValue `'log'` where all are above 0 and the greatest is 100 times the least or more, else `'linear'` */
  readonly scale?: 'linear' | 'log' | undefined
  /** Decay rate of an average that is drawn over the numbers, in `[0, 1)`. @defaultValue `0`, none */
  readonly smoothing?: number
}

/**
 * What a run was like, step by step, as a picture: the history of `fitLoop`, or rows of a log.
 *
 * A row that has no number under a name is passed over, as where a validation loss is computed now and then. NaN and infinite numbers are gaps with
 * a cross above them, and what is 0 or less lies at the lower end of a logarithmic scale; both are said above the picture. Of more rows than can be
 * shown the least and the greatest number of each stretch are. Where there is no row yet, the picture says so.
 *
 *     smoothedₖ = mₖ / (1 − βᵏ),   mₖ = β mₖ₋₁ + (1 − β) yₖ,   over the finite y alone
 *
 * Laws: the least and the greatest number of each name are in the picture, however many rows there are.
 *
 * @example
 * const history = Array.from({ length: 60 }, (_, step) => ({ step, loss: 2 * 0.9 ** step, accuracy: step / 60 }))
 * const picture = plotRun(history, { title: 'loss', y: ['loss'] })
 * toText(picture, { width: 40, height: 6 }).split('\n')
 * // => ['loss',
 * // '   1 ┤⠉⠑⠒⠤⠤⣀',
 * // '     │      ⠉⠑⠒⠢⠤⣀⡀',
 * // '     │            ⠈⠉⠒⠒⠤⢄⡀',
 * // '     │                  ⠈⠉⠑⠒⠤⢄⣀',
 * // '0.01 ┤                         ⠉⠉⠒⠢⢄⣀⡀',
 * // '     │                               ⠈⠉⠒',
 * // '     └┬──────────┬───────────┬──────────',
 * // '      0          20          40',
 * // '                     step']
 *
 * @throws InvalidOption for an option outside its range, for a name that no row has, and for what is no number under a name that was asked for.
 * @see toText; `toSvg` of `@gradchain/monitor/svg`
 */
export const plotRun = (rows: readonly object[], options: PlotRunOptions = {}): LayeredPicture => {
  const given = withDefaults<Required<PlotRunOptions>>('plotRun', options, {
    title: 'run',
    width: 600,
    height: 260,
    y: undefined,
    x: undefined,
    scale: undefined,
    smoothing: 0
  })
  checkPicture('plotRun', given)
  check('plotRun', { rows }, listOfObjects)
  check('plotRun', { y: given.y }, optional(names))
  check('plotRun', { x: given.x }, optional(aText))
  check('plotRun', { scale: given.scale }, aScale)
  check('plotRun', { smoothing: given.smoothing }, inUnitInterval)
  const table = rows as readonly Readonly<Record<string, unknown>>[]
  const columns = [...new Set(table.flatMap(Object.keys))]
  // Of rows that are still to come nothing is known.
  if (columns.length > 0) {
    const named = Object.fromEntries((given.y ?? []).map((name, i) => [`y[${i}]`, name]))
    check('plotRun', { ...named, ...(given.x === undefined ? {} : { x: given.x }) }, oneOf(...columns))
  }
  const x = given.x ?? (table.some((row) => isNumber(own(row, 'step'))) ? 'step' : undefined)
  const shown = given.y ?? numbersIn(table).filter((name) => name !== x)
  if (shown.length === 0 && columns.length > 0) {
    const besides = x === undefined ? '' : ` besides ${show(x)}`
    throw new InvalidOption(`plotRun: rows must have numbers${besides} under some name, got ${show(columns)}`)
  }
  if (shown.length > MOST_SERIES) {
    throw new InvalidOption(
      `plotRun: y must name at most ${MOST_SERIES} of what the rows have, which is ${shown.length}`
    )
  }
  const all = shown.map((name) => curveOf(table, name, x))
  const { smoothing } = given
  const drawn =
    smoothing === 0
      ? all
      : [...all.map((curve) => ({ ...curve, isFaint: true })), ...all.map((curve) => smoothed(curve, smoothing))]
  const yTitle = shown.length === 1 ? (shown[0] as string) : null
  return curves(drawn, { ...given, xTitle: x ?? 'step', yTitle, xScale: 'linear', yScale: given.scale })
}

const own = (row: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(row, name) ? row[name] : undefined

const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'

/** The names under which some row has a number, in the order in which they first come. */
const numbersIn = (table: readonly Readonly<Record<string, unknown>>[]): readonly string[] => [
  ...new Set(table.flatMap((row) => Object.keys(row).filter((name) => isNumber(row[name]))))
]

const curveOf = (table: readonly Readonly<Record<string, unknown>>[], name: string, x: string | undefined): Curve => {
  const [xs, ys]: [number[], number[]] = [[], []]
  for (const [i, row] of table.entries()) {
    const value = own(row, name)
    if (value === undefined || value === null) continue
    if (!isNumber(value)) throw new InvalidOption(`plotRun: rows[${i}].${name} must be a number, got ${show(value)}`)
    const at = x === undefined ? i : own(row, x)
    if (!isNumber(at) || !isDrawn(Number(at))) {
      throw new InvalidOption(`plotRun: rows[${i}].${x} must be a number up to 1e300, got ${show(at)}`)
    }
    xs.push(Number(at))
    ys.push(Number(value))
  }
  return { name, xs, ys }
}

const smoothed = ({ name, xs, ys }: Curve, decay: number): Curve => {
  let [average, count] = [0, 0]
  const values = Array.from(ys, (y) => {
    if (!Number.isFinite(y)) return y
    count++
    average = decay * average + (1 - decay) * y
    return average / (1 - integerPower(decay, count))
  })
  return { name, xs, ys: values }
}

const listOfObjects: Requirement = {
  what: 'a list of objects',
  holds: (value) => Array.isArray(value) && value.every((row) => typeof row === 'object' && row !== null)
}

const names: Requirement = {
  what: 'a list of different names, at least one',
  holds: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((name) => typeof name === 'string') &&
    new Set(value).size === value.length
}
