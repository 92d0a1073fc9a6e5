import { type CgOptions, truncatedCg } from './truncatedCg.js'
import { addScaled, dotOf, largestOf, times } from './vectors.js'

/** A loss around some params, as a function of the step from there. */
export interface Surface {
  /** The loss at the params. */
  readonly value: number
  readonly gradient: Float64Array
  /** The loss after a step; `Infinity` where it is NaN or infinite. */
  readonly valueAfter: (d: Float64Array) => number
  /** The product of the matrix of curvature at the params with a direction. */
  readonly product: (v: Float64Array) => Float64Array
}

/** What is remembered from one step to the next. */
export interface HessianFreeMemory {
  readonly damping: number
  /** What conjugate gradients found. */
  readonly direction: Float64Array
}

/** How a step is made. */
export interface HessianFreeRule extends CgOptions {
  /** What the damping is multiplied or divided by. */
  readonly dampingFactor: number
  /** How much of the last direction the next begins with. */
  readonly warmStart: number
  /** How often the step is halved at the most. */
  readonly maxBacktracking: number
}

/** A step, and what is remembered of it. */
export interface HessianFreeStep extends HessianFreeMemory {
  /** The step; zeros where none led down. */
  readonly d: Float64Array
  /** The loss after it. */
  readonly value: number
  /** By how much the loss fell, beside what the quadratic model said; NaN where that had no fall. */
  readonly ratio: number
  /** Which share of the direction it is. */
  readonly rate: number
  readonly iterations: number
}

/** The least share of the fall along the slope. */
const ENOUGH = 1e-4

/** One step: conjugate gradients on the damped quadratic model, backwards along what they came by, and shorter until the loss falls. */
export const hessianFreeStep = (
  surface: Surface,
  memory: HessianFreeMemory,
  rule: HessianFreeRule
): HessianFreeStep => {
  const { value, gradient, valueAfter, product } = surface
  const { damping } = memory
  const damped = (v: Float64Array): Float64Array => addScaled(product(v), damping, v)
  const start = rule.warmStart === 0 ? null : times(rule.warmStart, memory.direction)
  const { last, earlier, iterations, isIndefinite } = truncatedCg(damped, gradient, start, rule)

  let chosen = last
  let after = valueAfter(last.d)
  for (const before of [...earlier].reverse()) {
    const found = valueAfter(before.d)
    if (after < Infinity && found >= after) break
    ;[chosen, after] = [before, found]
  }
  const fall = chosen.value - 0.5 * damping * dotOf(chosen.d, chosen.d)
  const ratio = fall < 0 ? (after - value) / fall : Number.NaN
  // Where the model was left at its first direction, that leads down; any other that does not is left for the steepest.
  const isDown = dotOf(gradient, chosen.d) < 0
  const along = isDown ? chosen.d : times(-1, gradient)
  const slope = dotOf(gradient, along)
  let rate = 1
  let found = isDown ? after : valueAfter(along)
  for (let i = 0; i < rule.maxBacktracking && !isEnough(found, value, rate * slope); i++) {
    rate /= 2
    found = valueAfter(times(rate, along))
  }
  const direction = last.d
  // Of no gradient, or of NaN, nothing is learnt: at a minimum the damping would grow for ever.
  const hasGradient = largestOf(gradient) > 0
  const next = hasGradient ? dampingAfter(damping, ratio, isIndefinite, rule.dampingFactor) : damping
  if (!isEnough(found, value, rate * slope)) {
    return { d: times(0, direction), value, ratio, rate: 0, iterations, damping: next, direction: times(0, direction) }
  }
  return { d: times(rate, along), value: found, ratio, rate, iterations, damping: next, direction }
}

const isEnough = (after: number, before: number, slope: number): boolean =>
  after < Infinity && slope < 0 && after <= before + ENOUGH * slope

/** Less where the model said what came, more where it did not, and no less where it had no minimum. */
const dampingAfter = (damping: number, ratio: number, isIndefinite: boolean, factor: number): number => {
  if (ratio > 0.75 && !isIndefinite) return damping / factor
  return ratio >= 0.25 ? damping : damping * factor
}
