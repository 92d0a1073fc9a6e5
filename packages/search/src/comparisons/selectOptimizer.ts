import {
  type AnyGradientTransformation,
  callable,
  check,
  definitionOf,
  InvalidOption,
  type Leaf,
  optional,
  positiveInteger,
  read,
  required,
  step,
  type Tree,
  type Valid,
  type Value,
  valueAndGrad,
  withDefaults
} from '@gradchain/core'
import { isUsable } from '../internal/ranked.js'
import { aboveOne } from '../internal/requirements.js'
import { checkResources, powerOf, powersWithin, rungsOf } from '../internal/rungs.js'

/** Options of {@link selectOptimizer}. */
export interface SelectOptimizerOptions {
  /** How many steps the last optimizer that is left makes in all, at most: a whole number ≥ 1. */
  readonly steps: number
  /** How many each of them makes before the first are given up; `'exhaust'` is as many as leave all steps to the last. @defaultValue `'exhaust'` */
  readonly minSteps?: number | 'exhaust' | undefined
  /** One of how many goes on, to as many times as many steps: a number > 1. @defaultValue `3` */
  readonly factor?: number | undefined
  /** The loss that counts, such as one on data of their own; it may be a function of arrays. @defaultValue the loss that is optimized */
  readonly validate?: ((params: never) => Value) | undefined
}

/** An optimizer that came through. */
export interface SelectedOptimizer<Name extends string, P> {
  /** Its name. */
  readonly name: Name
  /** The params it has come to. */
  readonly params: P
  /** Its state, to go on with. */
  readonly state: unknown
  /** The loss of the params. */
  readonly loss: number
  /** The losses of all that were in each rung, by name, after so many steps; ∞ for those that failed. */
  readonly rungs: readonly { readonly steps: number; readonly losses: Readonly<Record<string, number>> }[]
}

/**
 * Finds out which of several optimizers is best for a loss, by successive halving: all make a few steps, the better part of them goes on from
 * where it was, until few are left. The cost is that of a few full runs, however many there are to choose from.
 *
 * The rungs are those of {@link successiveHalving}, with steps for the resource: of n optimizers ⌈n / f⌉ go on each time. One whose loss is no
 * finite number goes no further. Where the last rung has more than one, the best of it is chosen; equal ones in the order in which they were
 * given.
 *
 * Optimizers are told `value` besides, and `valueFn` of the step. What is tried here differs in the first steps, where a warm-up or a decay of
 * the learning rate look worse than they are: give each the schedule that it would have in the long run.
 *
 * Laws: one optimizer is its own choice; what comes out is what that optimizer would have come to alone.
 *
 * @param optimizers - by name.
 * @param loss - of params and the number of the step, so that it can take another batch each time.
 *
 * @example
 * const bowl = (w: Operand) => sum(mul(new Float64Array([1, 25]), square(w)))
 * const found = selectOptimizer(
 *   { slow: sgd(1e-3), fast: sgd(0.03), wild: sgd(0.1) },
 *   bowl,
 *   new Float64Array([1, 1]),
 *   { steps: 30 }
 * )
 * found.name // => 'fast'
 * found.rungs[0]?.steps // => 10
 *
 * @throws InvalidOption for no optimizers, for an option outside its range, and where all of them failed.
 * @see Jamieson and Talwalkar (2016), Non-stochastic Best Arm Identification and Hyperparameter Optimization,
 * {@link https://arxiv.org/abs/1502.07943}
 */
export const selectOptimizer = <const Name extends string, P>(
  optimizers: Readonly<Record<Name, AnyGradientTransformation>>,
  loss: (params: never, step: number) => Value,
  params: P & Valid<P>,
  options: SelectOptimizerOptions
): SelectedOptimizer<Name, P> => {
  const { steps, minSteps, factor, validate } = withDefaults<SelectOptimizerOptions>('selectOptimizer', options, {
    steps: required,
    minSteps: 'exhaust',
    factor: 3,
    validate: undefined
  }) as { steps: number; minSteps: number | 'exhaust'; factor: number; validate?: (params: never) => Value }
  check('selectOptimizer', { loss }, callable)
  check('selectOptimizer', { steps }, positiveInteger)
  check('selectOptimizer', { factor }, aboveOne)
  check('selectOptimizer', { validate }, optional(callable))
  if (minSteps !== 'exhaust') check('selectOptimizer', { minSteps }, positiveInteger)
  const names = Object.keys(optimizers) as Name[]
  if (names.length === 0) throw new InvalidOption('selectOptimizer: optimizers must be at least one, got none')
  const wanted = powersWithin(factor, names.length)
  const least = minSteps === 'exhaust' ? Math.max(1, Math.floor(steps / powerOf(factor, wanted))) : minSteps
  checkResources('selectOptimizer', least, steps)

  let runners = names.map((name): Runner<Name> => {
    const tx = optimizers[name]
    definitionOf(`selectOptimizer: ${name}`, tx)
    return { name, tx, params, state: tx.init(params), loss: Infinity, steps: 0 }
  })
  const rungs: { steps: number; losses: Record<string, number> }[] = []
  for (const { size, resource } of rungsOf(names.length, least, steps, factor, wanted)) {
    runners = runners.slice(0, size).map((runner) => advanced(runner, resource, loss, validate))
    rungs.push({ steps: resource, losses: Object.fromEntries(runners.map((one) => [one.name, one.loss])) })
    runners = runners.filter((one) => one.loss < Infinity).sort((a, b) => a.loss - b.loss)
  }
  const [best] = runners
  if (best === undefined)
    throw new InvalidOption('selectOptimizer: optimizers must reach a finite loss, got none that does')
  return { name: best.name, params: best.params as P, state: best.state, loss: best.loss, rungs }
}

interface Runner<Name> {
  readonly name: Name
  readonly tx: AnyGradientTransformation
  readonly params: unknown
  readonly state: unknown
  readonly loss: number
  readonly steps: number
}

/** A runner after so many steps in all. */
const advanced = <Name>(
  runner: Runner<Name>,
  steps: number,
  loss: (params: never, step: number) => Value,
  validate: ((params: never) => Value) | undefined
): Runner<Name> => {
  let { params, state } = runner
  for (let t = runner.steps; t < steps; t++) {
    const valueFn = (given: Tree): Value => loss(given as never, t)
    const [value, gradient] = valueAndGrad(valueFn)(params as Tree<Leaf>)
    ;[params, state] = step(runner.tx, gradient, state, params as Tree<Leaf>, { value, valueFn } as never) as readonly [
      unknown,
      unknown
    ]
  }
  const after = validate === undefined ? loss(params as never, steps) : validate(params as never)
  const value = read(after)
  return { ...runner, params, state, steps, loss: isUsable(value) ? value : Infinity }
}
