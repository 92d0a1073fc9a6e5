import {
  abs,
  add,
  castLike,
  check,
  div,
  equal,
  type GradientTransformation,
  inUnitInterval,
  less,
  mul,
  nonNegative,
  type Operand,
  orSchedule,
  sqrt,
  sub,
  type Tree,
  transformation,
  updateMoment,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { emitLike } from '../internal/emitLike.js'
import { quotient } from '../internal/quotient.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleBySwats}. */
export interface ScaleBySwatsOptions {
  /** Decay rate β₁ of the first moment, and momentum after the switch; in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment and of the mean rate, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-9` */
  readonly eps?: number
  /** How near to its mean the projected rate must be for the switch, finite and ≥ 0. @defaultValue `1e-9` */
  readonly tolerance?: number
}

/** State of {@link scaleBySwats}. */
export interface ScaleBySwatsState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, the velocity v after the switch; shaped like the params. */
  readonly mu: Tree
  /** Second raw moment, shaped like the params. */
  readonly nu: Tree
  /** The mean λ of the projected rates, each over α, a number. */
  readonly projected: Operand
  /** The rate Λ over α that it switched to, a number; 0 before that. */
  readonly switched: Operand
}

/**
 * Adam until it has found out which learning rate gradient descent would need, and from then on gradient descent with momentum: SWATS,
 * before the sign is turned.
 *
 * For the gradient g at step k = 1, 2, …, from m = a = λ = 0, in the first phase, which is that of Adam:
 *
 *     m ← β₁ m + (1 − β₁) g
 *     a ← β₂ a + (1 − β₂) g²
 *     u = α √(1 − β₂ᵏ) / (1 − β₁ᵏ) m / (√a + eps)
 *     γ = ⟨u, u⟩ / ⟨u, g⟩                     all leaves together; the step along −g whose projection on u is u
 *     λ ← β₂ λ + (1 − β₂) γ                   both only where ⟨u, g⟩ ≠ 0
 *
 * and once k > 1 and |λ / (1 − β₂ᵏ) − γ| < tolerance, with Λ = λ / (1 − β₂ᵏ) > 0, from the next step on, from v = 0:
 *
 *     v ← β₁ v + g
 *     u = (1 − β₁) Λ v
 *
 * For a schedule α(k − 1), γ and Λ are kept over α: after the switch the rate goes on as the schedule does. The state says which
 * phase it is: `switched` is 0 in the first.
 *
 * Laws: before the switch it is `scaleByAdam` in the form whose eps is added to √a; odd in the gradient; a tree and its flattened vector
 * agree.
 *
 * Unlike in the paper a negative Λ, which would climb, is no reason to switch.
 *
 * @param learningRate - the rate α of Adam, a finite number ≥ 0, or a schedule; 0.001 by default.
 *
 * @example
 * const tx = scaleBySwats(0.5, { b1: 0, b2: 0.5, eps: 0 })
 * const params = { w: 0 }
 * let state = tx.init(params)
 * const emitted: string[] = []
 * for (const w of [2, 2, 3]) {
 *   const [u, next] = tx.update({ w }, state, params)
 *   emitted.push(u.w.toFixed(6))
 *   state = next
 * }
 * // α g / √a, twice; both projected rates are 1/4.
 * emitted // => ['0.500000', '0.500000', '0.750000']
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number.
 * @see Keskar and Socher (2017), algorithm 1, {@link https://arxiv.org/abs/1712.07628}
 * @see switchTransform
 */
export const scaleBySwats = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: ScaleBySwatsOptions = {}
): GradientTransformation<ScaleBySwatsState> => {
  const { b1, b2, eps, tolerance } = withDefaults('scaleBySwats', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-9,
    tolerance: 1e-9
  })
  check('scaleBySwats', { learningRate }, orSchedule(nonNegative))
  check('scaleBySwats', { b1, b2 }, inUnitInterval)
  check('scaleBySwats', { eps, tolerance }, nonNegative)
  const rateAt = asSchedule(learningRate)

  return transformation<ScaleBySwatsState>({
    origin: ['scaleBySwats', learningRate, { ...options }],
    init: (params) => {
      const zeros = (): Tree => tree.zerosLike(tree.widen(params))
      return { count: 0, mu: zeros(), nu: zeros(), projected: 0, switched: 0 }
    },
    update: (updates, state) => {
      const count = state.count + 1
      const rate = valueAt('scaleBySwats', rateAt, state.count)
      const weight = 1 - integerPower(b2, count)
      const correction = Math.sqrt(weight) / (1 - integerPower(b1, count))
      const hasSwitched = less(0, state.switched)

      const share = where(hasSwitched, 1, 1 - b1)
      const mu = tree.map((g, m) => add(mul(b1, m), mul(share, g)), updates, state.mu)
      const nu = tree.map((g, a) => updateMoment(g, a, b2, 2), updates, state.nu)
      // Over α; after the switch nobody asks for them.
      const adaptive = tree.map((m, a) => mul(correction, quotient(m, add(sqrt(a), eps))), mu, nu)
      const along = tree.vdot(adaptive, updates)
      const isAlong = sub(1, equal(along, 0))
      const gamma = div(tree.squaredNorm(adaptive), where(isAlong, along, 1))
      const projected = where(isAlong, updateMoment(gamma, state.projected, b2, 1), state.projected)
      const found = div(projected, weight)
      const isNear = less(mul(rate, abs(sub(found, gamma))), tolerance)
      const switches = count === 1 ? 0 : mul(mul(isAlong, isNear), less(0, found))
      const switched = where(hasSwitched, state.switched, where(switches, found, 0))

      // Where it switches now the velocity begins at 0.
      const restarts = mul(sub(1, hasSwitched), less(0, switched))
      const emitted = tree.map(
        (g, m, d) => emitLike(mul(rate, where(hasSwitched, mul(mul(1 - b1, state.switched), m), d)), g),
        updates,
        mu,
        adaptive
      )
      const kept = tree.map(
        (m: Operand, before: Operand): Value => castLike(where(restarts, 0, m), before),
        mu,
        state.mu
      )
      return [emitted, { count, mu: kept, nu: tree.castLike(nu, state.nu), projected, switched }]
    }
  })
}
