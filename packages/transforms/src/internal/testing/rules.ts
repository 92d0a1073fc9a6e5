// Rules against what their papers say, written as a loop over steps: it remembers what it needs, and is given one gradient after the other.
import { type AnyGradientTransformation, step } from '@gradchain/core'
import { type Course, emitted, near } from './courses.js'

/** Fourteen steps of five elements of different sizes, with zeros among them. */
export const FOURTEEN: Course = {
  params: [1, -2, 0.5, 0.25, -3],
  gradients: Array.from({ length: 14 }, (_, t) => [
    Math.cos(1.3 * t) + 0.25,
    -2 * Math.cos(0.7 * t + 1),
    t % 4 === 0 ? 0 : 3 * Math.sin(t),
    1e-3 * Math.sin(2 * t + 1),
    t < 3 ? 0 : -40 / t
  ])
}

/** A rule for a whole leaf: the update of each step out of its gradient, t = 1, 2, … */
export type LeafRule = (params: readonly number[]) => (g: readonly number[], t: number) => readonly number[]

/** A rule for one element. */
export type ElementRule = (param: number) => (g: number, t: number) => number

/** Every element on its own. */
export const each =
  (rule: ElementRule): LeafRule =>
  (params) => {
    const rules = params.map(rule)
    return (g, t) => g.map((x, i) => (rules[i] as ReturnType<ElementRule>)(x, t))
  }

/** Compares updates with those of a rule, up to 1e-12 of the larger of 1 and the update: the order of operations may differ. */
export const expectRule = (tx: AnyGradientTransformation, rule: LeafRule, course: Course = FOURTEEN): void => {
  const next = rule(course.params)
  emitted(tx, course).forEach((row, t) => {
    compare(row, next(course.gradients[t] as readonly number[], t + 1), t)
  })
}

/** A rule whose next params depend on those before: the params after each step, t = 1, 2, … */
export type ParamsRule = (start: readonly number[]) => (g: readonly number[], t: number) => readonly number[]

/** Compares params, step after step, with those of a rule. */
export const expectParams = (tx: AnyGradientTransformation, rule: ParamsRule, course: Course = FOURTEEN): void => {
  const next = rule(course.params)
  let params = Float64Array.from(course.params)
  // What form of tree it is, is not known to the types here.
  let state = (tx.init as (params: unknown) => unknown)(params)
  course.gradients.forEach((g, t) => {
    ;[params, state] = (step as unknown as (...args: unknown[]) => [Float64Array<ArrayBuffer>, unknown])(
      tx,
      Float64Array.from(g),
      state,
      params
    )
    compare([...params], next(g, t + 1), t)
  })
}

const compare = (found: readonly number[], wanted: readonly number[], t: number): void => {
  found.forEach((x, i) => {
    const y = wanted[i] as number
    if (!near(x, y, Math.max(1, Math.abs(y)))) throw new Error(`step ${t}, element ${i}: ${x}, the rule says ${y}`)
  })
}
