import {
  callable,
  check,
  InvalidOption,
  nonNegativeInteger,
  type Requirement,
  required,
  show,
  withDefaults
} from '@gradchain/core'
import { curves } from '../internal/pictures/curves.js'
import { aScale, checkPicture, namedOf } from '../internal/pictures/options.js'
import type { LayeredPicture, PictureOptions } from './picture.js'

/** Options of {@link plotSchedule}. */
export interface PlotScheduleOptions extends PictureOptions {
  /** How many steps are shown, a whole number from 1 to 10,000,000. */
  readonly steps: number
  /** The first of them, a whole number ≥ 0. @defaultValue `0` */
  readonly from?: number
  /** The scale of the values. @defaultValue `'linear'` */
  readonly scale?: 'linear' | 'log'
}

/**
 * The values of a schedule, or of some beside each other, as a picture.
 *
 * Each step is looked at; where there are more than can be shown, of each stretch of them the least and the greatest value are. A value that is NaN
 * or infinite is a gap with a cross above it, and what is 0 or less lies at the lower end of a logarithmic scale; both are said above the picture.
 *
 * Laws: the least and the greatest value of each schedule are in the picture, however many steps there are.
 *
 * @param schedules - a schedule, or up to 8 by their names.
 *
 * @example
 * const schedule = warmupCosineDecaySchedule({ initValue: 0, peakValue: 0.1, warmupSteps: 20, decaySteps: 100 })
 * const picture = plotSchedule(schedule, { title: 'learning rate', steps: 101 })
 * toText(picture, { width: 40, height: 6 }).split('\n')
 * // => ['learning rate',
 * // '0.10 ┤     ⢀⠎⠉⠉⠉⠑⠲⠤⣀',
 * // '     │    ⢀⠇        ⠉⠲⠤⡀',
 * // '     │   ⢠⠃            ⠈⠓⢄⡀',
 * // '0.05 ┤  ⡠⠃                ⠉⠓⢄⡀',
 * // '     │ ⡠⠃                    ⠉⠒⢤⣀',
 * // '   0 ┤⡔⠁                        ⠈⠙⠒⠤⢄⣀⣀⣀',
 * // '     └┬────────────────┬───────────────┬',
 * // '      0                50            100',
 * // '                     step']
 *
 * @throws InvalidOption for an option outside its range, and for a schedule that gives what is no number.
 * @see toText; `toSvg` of `@gradchain/monitor/svg`
 */
export const plotSchedule = (
  schedules: ((step: number) => number) | Readonly<Record<string, (step: number) => number>>,
  options: PlotScheduleOptions
): LayeredPicture => {
  const given = withDefaults<Required<PlotScheduleOptions>>('plotSchedule', options, {
    title: 'schedule',
    width: 600,
    height: 260,
    steps: required,
    from: 0,
    scale: 'linear'
  })
  const { title, steps, from, scale } = given
  checkPicture('plotSchedule', given)
  check('plotSchedule', { steps }, someSteps)
  check('plotSchedule', { from }, nonNegativeInteger)
  check('plotSchedule', { scale }, aScale)
  const named =
    typeof schedules === 'function'
      ? [[title, schedules] as const]
      : namedOf('plotSchedule', 'schedules', schedules, callable)
  if (named.length === 0) throw new InvalidOption('plotSchedule: schedules must be one or more, got none')
  const xs = Float64Array.from({ length: steps }, (_, i) => from + i)
  const all = named.map(([name, schedule]) => ({ name, xs, ys: xs.map((step) => numberOf(name, schedule, step)) }))
  return curves(all, { ...given, xTitle: 'step', yTitle: null, xScale: 'linear', yScale: scale })
}

const numberOf = (name: string, schedule: (step: number) => unknown, step: number): number => {
  const value = schedule(step)
  if (typeof value === 'number') return value
  throw new InvalidOption(`plotSchedule: ${show(name)} must give a number at step ${step}, got ${show(value)}`)
}

const someSteps: Requirement = {
  what: 'a whole number from 1 to 10000000',
  holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1e7
}
