import {
  boolean,
  check,
  div,
  equal,
  type GradientTransformation,
  greater,
  isFinite,
  min,
  mul,
  type Operand,
  positiveInteger,
  sub,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link scaleByLbfgs}. */
export interface ScaleByLbfgsOptions {
  /** How many pairs m of past steps and changes of the gradient are kept, a whole number ≥ 1. @defaultValue `10` */
  readonly memorySize?: number
  /** Whether the inverse Hessian starts from γ times the identity, rather than from the identity. @defaultValue `true` */
  readonly scaleInitPrecond?: boolean
}

/** State of {@link scaleByLbfgs}. */
export interface ScaleByLbfgsState {
  /** How many updates were seen. */
  readonly count: number
  /** The params of the last update, zeros before the first. */
  readonly params: Tree
  /** The gradients of the last update, zeros before the first. */
  readonly updates: Tree
  /** The last m differences s of the params, each shaped like them; that between updates k − 1 and k stands at k − 1 mod m. */
  readonly diffParamsMemory: readonly Tree[]
  /** The differences y of the gradients, at the same places. */
  readonly diffUpdatesMemory: readonly Tree[]
  /** The weights ρ = 1 / ⟨y, s⟩ of the pairs, numbers, at the same places; 0 for a pair that does not count. */
  readonly weightsMemory: readonly Operand[]
}

/**
 * Multiplies the gradient by an estimate of the inverse Hessian, made of the last m steps: L-BFGS, without the step size.
 *
 * For the gradient g and the params x at step k = 0, 1, 2, …, all leaves together, with sₖ = xₖ − xₖ₋₁ and yₖ = gₖ − gₖ₋₁:
 *
 *     q = g
 *     αᵢ = ρᵢ ⟨sᵢ, q⟩,   q ← q − αᵢ yᵢ                 for the pairs i from the last to the oldest
 *     q ← γ q                                          γ = ⟨y, s⟩ / ⟨y, y⟩ of the last pair
 *     q ← q + (αᵢ − ρᵢ ⟨yᵢ, q⟩) sᵢ                     for the pairs i from the oldest to the last
 *     u = q                                            ρᵢ = 1 / ⟨yᵢ, sᵢ⟩
 *
 * In the first step γ = min(1, 1 / ‖g‖), so that the step is no longer than 1; without `scaleInitPrecond` γ = 1 always. A pair with
 * ⟨y, s⟩ = 0 does not count. One with ⟨y, s⟩ < 0 does, as in Optax: then u need not descend. A line search that keeps to the condition of
 * Wolfe, such as {@link scaleByZoomLinesearch}, gives no such pairs.
 *
 * Unlike Optax: where the params have not moved since the last update, as after a line search that found nothing, the pairs are
 * forgotten, and the next direction is that of the first step. 16-bit params have their pairs in float32.
 *
 * A step reads each pair twice and writes one. The others stay where they are: their arrays go from state to state.
 *
 * Laws: u = H g for a symmetric H with H y = s for the last pair; on a quadratic of n variables with exact steps it is at the minimum after
 * n of them, m ≥ n; powers of two times the loss change nothing from the second step on; a tree and its flattened vector agree.
 *
 * @example
 * const tx = scaleByLbfgs()
 * // f = 2 w²
 * const [first, state] = tx.update({ w: 4 }, tx.init({ w: 1 }), { w: 1 })
 * first // => { w: 1 }
 * tx.update({ w: 2 }, state, { w: 0.5 })[0] // => { w: 0.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Nocedal (1980), Updating quasi-Newton matrices with limited storage,
 * {@link https://doi.org/10.1090/S0025-5718-1980-0572855-7}
 * @see Nocedal and Wright (2006), algorithm 7.4
 * @see lbfgs, scaleByZoomLinesearch
 */
export const scaleByLbfgs = (options: ScaleByLbfgsOptions = {}): GradientTransformation<ScaleByLbfgsState> => {
  const { memorySize, scaleInitPrecond } = withDefaults('scaleByLbfgs', options, {
    memorySize: 10,
    scaleInitPrecond: true
  })
  check('scaleByLbfgs', { memorySize }, positiveInteger)
  check('scaleByLbfgs', { scaleInitPrecond }, boolean)

  return transformation<ScaleByLbfgsState>({
    origin: ['scaleByLbfgs', { ...options }],
    init: (params) => {
      const zeros = () => tree.zerosLike(tree.widen(params))
      return {
        count: 0,
        params: tree.zerosLike(params),
        updates: zeros(),
        diffParamsMemory: Array.from({ length: memorySize }, zeros),
        diffUpdatesMemory: Array.from({ length: memorySize }, zeros),
        weightsMemory: Array.from({ length: memorySize }, () => 0)
      }
    },
    update: (updates, state, params) => {
      const { count } = state
      const grads = tree.widen(updates)
      const cap = scaleInitPrecond ? min(1, div(1, tree.norm(grads))) : 1
      const memory = count === 0 ? { ...state, scale: cap } : withPair(state, grads, params, cap)
      const { scale, diffParamsMemory, diffUpdatesMemory, weightsMemory } = memory
      const next = { count: count + 1, params, updates: grads, diffParamsMemory, diffUpdatesMemory, weightsMemory }
      return [product(grads, memory, scaleInitPrecond ? scale : 1, count), next]
    }
  })
}

/** The pairs, and the scale of the identity that the estimate starts from. Numbers may be lazy. */
interface Memory {
  readonly diffParamsMemory: readonly Tree[]
  readonly diffUpdatesMemory: readonly Tree[]
  readonly weightsMemory: readonly Operand[]
  readonly scale: Value
}

/** The memory with the last step in it; without any pair, where there was none. */
const withPair = (state: ScaleByLbfgsState, grads: Tree, params: Tree, cap: Value): Memory => {
  const { count, weightsMemory: weights } = state
  const at = (count - 1) % weights.length
  const s = tree.sub(tree.widen(params), tree.widen(state.params))
  const y = tree.sub(grads, state.updates)
  const product = tree.vdot(y, s)
  const square = tree.squaredNorm(y)
  const hasMoved = greater(tree.squaredNorm(s), 0)
  const weight = div(1, product)
  const ratio = div(product, square)
  return {
    diffParamsMemory: weights.map((_, i) => (i === at ? s : (state.diffParamsMemory[i] as Tree))),
    diffUpdatesMemory: weights.map((_, i) => (i === at ? y : (state.diffUpdatesMemory[i] as Tree))),
    weightsMemory: weights.map((old, i) => where(hasMoved, i === at ? where(isFinite(weight), weight, 0) : old, 0)),
    scale: where(hasMoved, where(equal(square, 0), 1, where(isFinite(ratio), ratio, 1)), cap)
  }
}

/** The estimate of the inverse Hessian times the gradient. */
const product = (grads: Tree, memory: Memory, scale: Value, count: number): Tree => {
  const { diffParamsMemory, diffUpdatesMemory, weightsMemory } = memory
  const size = weightsMemory.length
  const pairs = Math.min(count, size)
  const oldestFirst = Array.from({ length: pairs }, (_, i) => {
    const at = (count - pairs + i) % size
    const weight = weightsMemory[at] as Operand
    return { s: diffParamsMemory[at] as Tree, y: diffUpdatesMemory[at] as Tree, weight }
  })
  let q = grads
  const alphas: Value[] = []
  for (const { s, y, weight } of oldestFirst.toReversed()) {
    const alpha = mul(weight, tree.vdot(s, q))
    alphas.unshift(alpha)
    q = tree.addScale(q, mul(-1, alpha), y)
  }
  q = tree.scale(scale, q)
  oldestFirst.forEach(({ s, y, weight }, i) => {
    const beta = mul(weight, tree.vdot(y, q))
    q = tree.addScale(q, sub(alphas[i] as Value, beta), s)
  })
  return q
}
