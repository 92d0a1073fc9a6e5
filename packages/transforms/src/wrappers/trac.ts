import {
  type AnyGradientTransformation,
  add,
  castLike,
  check,
  definitionOf,
  div,
  type ExtraOf,
  type GradientTransformation,
  InvalidOption,
  inUnitInterval,
  max,
  mul,
  type OpaqueFunction,
  type Operand,
  opaque,
  positive,
  type StateOf,
  show,
  sqrt,
  square,
  sub,
  sum,
  type Tree,
  transformation,
  updatesTo,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { erfi } from '../internal/erfi.js'

/** Options of {@link trac}. */
export interface TracOptions {
  /** The rates βⱼ at which the tuners forget, each in `[0, 1)`. @defaultValue `[0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999]` */
  readonly betas?: readonly number[]
  /** The scale ε that each tuner begins with, in effect; finite and > 0. @defaultValue `1e-8` */
  readonly sInit?: number
  /** Added to divisors, and where the sums of the tuners begin; finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
}

/** State of {@link trac}. */
export interface TracState<Inner> {
  /** State of the inner transformation. */
  readonly baseOptimizerState: Inner
  /** How many updates were seen. */
  readonly count: number
  /** What each tuner has won, a vector. */
  readonly sigma: Operand
  /** The sum of squared wins that each tuner remembers, a vector. */
  readonly variance: Operand
  /** The scale S, a number. */
  readonly scale: Operand
  /** Where the inner transformation has got to from the first params, before it is scaled, shaped like the params. */
  readonly offset: Tree
  /** The params before the first update. */
  readonly x0: Tree
}

/**
 * Learns how far from where it began another optimizer may go, and takes it back when that stops paying: TRAC, for problems that
 * change while they are learned. There is nothing to tune.
 *
 * For the gradients g, all leaves together, the params p, p₀ at the first update, and the updates v of `inner`, from Δ = 0, V = 0
 * and σ = eps, with a tuner for each βⱼ:
 *
 *     h  = ⟨g, Δ⟩
 *     Vⱼ ← βⱼ² Vⱼ + h²
 *     σⱼ ← βⱼ σⱼ − h
 *     S  = max(Σⱼ sInit / erfi(1/√2) · erfi(σⱼ / (√(2 Vⱼ) + eps)), 0)
 *     u  = p₀ + S (Δ + v) − p
 *     Δ  ← S / (S + eps) (Δ + v)
 *
 * So while going on in the direction of Δ lessens the loss the scale grows, exponentially when it does so for long; when it does not
 * the params fall back to p₀. `inner` keeps its own learning rate.
 *
 * Laws: params lie on the line from p₀ through p₀ + Δ + v; a tree and its flattened vector agree where they do with `inner`.
 *
 * It computes what the authors' code does, which has Δ from the params, (p − p₀) / (S + eps): in float32 params of the size of 1
 * are too coarse for a scale that begins at 1e-8, and it would never get away. Here Δ is in the state.
 *
 * @example
 * const tx = trac(scale(-0.1), { sInit: 0.5 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * const path: string[] = []
 * for (let t = 0; t < 3; t++) {
 *   ;[params, state] = step(tx, { w: 1 }, state, params)
 *   path.push(params.w.toFixed(4))
 * }
 * path // => ['7.4971', '7.4000', '6.5899']
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Muppidi, Zhang and Yang (2024), Fast TRAC: A Parameter-Free Optimizer for Lifelong Reinforcement Learning, algorithms 1
 * and 2, {@link https://arxiv.org/abs/2405.16642}
 * @see mechanize
 */
export const trac = <T extends AnyGradientTransformation>(
  inner: T,
  options: TracOptions = {}
): GradientTransformation<TracState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('trac', inner)
  const { betas, sInit, eps } = withDefaults<Required<TracOptions>>('trac', options, {
    betas: [0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999],
    sInit: 1e-8,
    eps: 1e-8
  })
  if (!Array.isArray(betas) || betas.length === 0 || !betas.every(inUnitInterval.holds)) {
    throw new InvalidOption(`trac: betas must be a list of numbers in [0, 1), at least one, got ${show(betas)}`)
  }
  check('trac', { sInit, eps }, positive)
  const rates = Float64Array.from(betas)
  const unit = sInit / erfi(Math.SQRT1_2)

  return transformation<TracState<StateOf<T>>, ExtraOf<T>>({
    origin: ['trac', inner, { ...options }],
    init: (params) => ({
      baseOptimizerState: init(params),
      count: 0,
      sigma: rates.map(() => eps),
      variance: rates.map(() => 0),
      scale: 0,
      offset: tree.zerosLike(tree.widen(params)),
      x0: params
    }),
    update: (updates, state, params, extra) => {
      const [steps, baseOptimizerState] = update(updates, state.baseOptimizerState, params, extra)
      // Params that were loaded after `init` are where it starts from.
      const x0 = state.count === 0 ? params : state.x0
      const h = tree.vdot(updates, state.offset)
      const variance = add(mul(square(rates), state.variance), square(h))
      const sigma = sub(mul(rates, state.sigma), h)
      const argument = div(sigma, add(sqrt(mul(2, variance)), eps))
      const shares = opaque(imaginaryErf, [argument], { like: argument })
      const scale = max(mul(unit, sum(shares)), 0)

      const reached = tree.map((d, v) => castLike(add(d, v), d), state.offset, steps)
      const targets = tree.map((start: Operand, d: Operand): Value => add(start, mul(scale, d)), x0, reached)
      const kept = div(scale, add(scale, eps))
      const offset = tree.map((d: Operand): Value => castLike(mul(kept, d), d), reached)
      const next = { baseOptimizerState, count: state.count + 1, sigma, variance, scale, offset, x0 }
      return [updatesTo(params, targets), next]
    }
  })
}

const imaginaryErf: OpaqueFunction = ({ data }) => Float64Array.from(data, erfi)
