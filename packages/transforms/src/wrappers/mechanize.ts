import {
  type AnyGradientTransformation,
  abs,
  add,
  check,
  definitionOf,
  div,
  type ExtraOf,
  type GradientTransformation,
  max,
  min,
  mul,
  neg,
  nonNegative,
  type Operand,
  positive,
  positiveInteger,
  type StateOf,
  sqrt,
  square,
  sub,
  type Tree,
  transformation,
  updatesTo,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link mechanize}. */
export interface MechanizeOptions {
  /** Share λ of a decay of the params that the scale is learned with, finite and ≥ 0. @defaultValue `0.01` */
  readonly weightDecay?: number
  /** Added to divisors, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The first scale, finite and > 0. @defaultValue `1e-6` */
  readonly sInit?: number
  /** How many rates of forgetting n there are, 0.9, 0.99, …; a whole number ≥ 1. @defaultValue `6` */
  readonly numBetas?: number
}

/** State of {@link mechanize}. */
export interface MechanizeState<Inner> {
  /** State of the inner transformation. */
  readonly baseOptimizerState: Inner
  /** How many updates were seen. */
  readonly count: number
  /** What each rate has won, numbers. */
  readonly r: readonly Operand[]
  /** The largest win that each rate remembers, numbers. */
  readonly m: readonly Operand[]
  /** The sum of squared wins that each rate remembers, numbers. */
  readonly v: readonly Operand[]
  /** The scale that each rate has, numbers; their sum is that of the updates. */
  readonly s: readonly Operand[]
  /** The params before the first update. */
  readonly x0: Tree
}

/**
 * Learns how large the updates of another transformation should be: Mechanic. Its learning rate is to be 1, or a schedule that is 1 at
 * its highest.
 *
 * For the gradients g, all leaves together, the params p and the updates v of `inner`, at each step, with the scale S = Σ sᵢ and
 * βᵢ = 1 − 0.1ⁱ for i = 1, …, n, from r = m = v = s = 0:
 *
 *     Δ  = (p₀ − p) / (S + eps)                      what the updates so far add up to, turned around
 *     h  = ⟨g + λ S ‖g‖ / (‖p‖ + eps) p, Δ⟩
 *     rᵢ ← βᵢ rᵢ + sᵢ · (h between −mᵢ and mᵢ)
 *     mᵢ ← max(βᵢ mᵢ, |h| + eps)
 *     vᵢ ← βᵢ² vᵢ + h²
 *     sᵢ ← (sInit / n · mᵢ + max(rᵢ, 0)) / (√vᵢ + eps)
 *     u  = p₀ − Σ sᵢ (Δ − v) − p
 *
 * p₀ are the params at the first update. The authors advise against it around what normalises its updates, such as LARS and LAMB.
 *
 * Laws: a tree and its flattened vector agree where they do with `inner`.
 *
 * @example
 * const tx = mechanize(scale(-1), { sInit: 0.5, weightDecay: 0 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * const path: string[] = []
 * for (const w of [4, 4, 4]) {
 *   ;[params, state] = step(tx, { w }, state, params)
 *   path.push(params.w.toFixed(4))
 * }
 * path // => ['6.0000', '4.0000', '-0.0791']
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Cutkosky, Defazio and Mehta (2023), Mechanic: A Learning Rate Tuner, algorithm 1, {@link https://arxiv.org/abs/2306.00144}
 */
export const mechanize = <T extends AnyGradientTransformation>(
  inner: T,
  options: MechanizeOptions = {}
): GradientTransformation<MechanizeState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('mechanize', inner)
  const { weightDecay, eps, sInit, numBetas } = withDefaults('mechanize', options, {
    weightDecay: 0.01,
    eps: 1e-8,
    sInit: 1e-6,
    numBetas: 6
  })
  check('mechanize', { weightDecay }, nonNegative)
  check('mechanize', { eps, sInit }, positive)
  check('mechanize', { numBetas }, positiveInteger)
  const betas = Array.from({ length: numBetas }, (_, i) => 1 - 1 / Number(`1e${i + 1}`))

  return transformation<MechanizeState<StateOf<T>>, ExtraOf<T>>({
    origin: ['mechanize', inner, { ...options }],
    init: (params) => {
      const zeros = betas.map(() => 0)
      return { baseOptimizerState: init(params), count: 0, r: zeros, m: zeros, v: zeros, s: zeros, x0: params }
    },
    update: (updates, state, params, extra) => {
      const [steps, baseOptimizerState] = update(updates, state.baseOptimizerState, params, extra)
      // Params that were loaded after `init` are where it starts from.
      const x0 = state.count === 0 ? params : state.x0
      const scale = total(state.s)
      const decay = mul(mul(weightDecay, scale), div(tree.norm(updates), add(tree.norm(params), eps)))
      const before = tree.map((p, start) => div(sub(start, p), add(scale, eps)), params, x0)
      const h = tree.vdot(
        tree.map((g, p) => add(g, mul(decay, p)), updates, params),
        before
      )

      const learned = betas.map((beta, i) => {
        const [r0, m0, v0, s0] = [at(state.r, i), at(state.m, i), at(state.v, i), at(state.s, i)]
        const r = add(mul(beta, r0), mul(max(neg(m0), min(h, m0)), s0))
        const m = max(mul(beta, m0), add(abs(h), eps))
        const v = add(mul(beta * beta, v0), square(h))
        return { r, m, v, s: div(add(mul(sInit / numBetas, m), max(r, 0)), add(sqrt(v), eps)) }
      })
      const [r, m, v, s] = [
        learned.map((rate) => rate.r),
        learned.map((rate) => rate.m),
        learned.map((rate) => rate.v),
        learned.map((rate) => rate.s)
      ]
      const size = total(s)
      const targets = tree.map((start, d, step) => sub(start, mul(size, sub(d, step))), x0, before, steps)
      return [updatesTo(params, targets), { baseOptimizerState, count: state.count + 1, r, m, v, s, x0 }]
    }
  })
}

/** Of a state each rate has its number. */
const at = (numbers: readonly Operand[], i: number): Operand => numbers[i] ?? 0

const total = (numbers: readonly Operand[]): Value => numbers.reduce<Value>((sum, x) => add(sum, x), 0)
