import {
  add,
  check,
  type GradientTransformation,
  InvalidOption,
  max,
  mul,
  nonNegative,
  type Operand,
  oneOf,
  positive,
  show,
  sqrt,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { quotient } from '../internal/quotient.js'

/** Options of {@link scaleByDog}. */
export interface ScaleByDogOptions {
  /**
   * What the first step goes by, and how much of it, finite and > 0: a `'distance'`, a `'heuristic'` one, in units of 1 + ‖p₀‖, or
   * a `'learningRate'`. @defaultValue `['heuristic', 1e-6]`
   */
  readonly initStep?: readonly ['heuristic' | 'distance' | 'learningRate', number]
  /** Added to the sum of squares, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
}

/** State of {@link scaleByDog}. */
export interface ScaleByDogState {
  /** How many updates were seen. */
  readonly count: number
  /** The params at `init`. */
  readonly initParams: Tree
  /** The largest distance d from the first params so far, a number. */
  readonly maxDist: Operand
  /** The sum of squares G of all gradients so far, a number. */
  readonly sumSqNormGrads: Operand
}

/**
 * Makes each step as long as the params have come, over the root of the sum of squared gradients: DoG, a learning rate that nobody
 * has to choose.
 *
 * For the updates g, all leaves together, at step t = 1, 2, … with the params pₜ₋₁, from G₀ = 0:
 *
 *     dₜ = max(dₜ₋₁, ‖pₜ₋₁ − p₀‖)
 *     Gₜ = Gₜ₋₁ + ‖g‖²
 *     uₜ = dₜ / √(Gₜ + eps) · g
 *
 * where d₀ is r, or r (1 + ‖p₀‖) for the heuristic. With `['learningRate', r]` it is 0, and u₁ = r g: then d₂ is what that step
 * was long. Gradients that have always been zero give zeros, also when eps = 0. The authors recommend averaging the params, as
 * {@link polyakAverage} does.
 *
 * The distance and the sum are those of all leaves together; {@link scaleByDistanceOverGradients} has both for each leaf, which is
 * layer-wise DoG.
 *
 * Laws: odd in the history of gradients; blind to its scale when eps = 0, but for a first learning rate; ‖u‖ ≤ d; a tree and its
 * flattened vector agree.
 *
 * @example
 * const tx = scaleByDog({ initStep: ['heuristic', 0.5], eps: 0 })
 * const params = { w: new Float32Array([3]), b: 4 }
 * tx.update({ w: new Float32Array([6]), b: 8 }, tx.init(params), params)[0] // => { w: Float32Array [1.8…], b: 2.4… }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Ivgi, Hinder and Carmon (2023), algorithm 1, {@link https://arxiv.org/abs/2302.12022}
 * @see scaleByDowg
 */
export const scaleByDog = (options: ScaleByDogOptions = {}): GradientTransformation<ScaleByDogState> => {
  const { initStep, eps } = withDefaults<Required<ScaleByDogOptions>>('scaleByDog', options, {
    initStep: ['heuristic', 1e-6],
    eps: 1e-8
  })
  if (!Array.isArray(initStep)) {
    throw new InvalidOption(`scaleByDog: initStep must be a pair of a kind and a size, got ${show(initStep)}`)
  }
  const [kind, size] = initStep
  check('scaleByDog', { 'initStep[0]': kind }, oneOf('heuristic', 'distance', 'learningRate'))
  check('scaleByDog', { 'initStep[1]': size }, positive)
  check('scaleByDog', { eps }, nonNegative)

  return transformation<ScaleByDogState>({
    origin: ['scaleByDog', { ...options }],
    init: (params) => {
      const unit = kind === 'heuristic' ? add(1, tree.norm(params)) : 1
      return {
        count: 0,
        initParams: params,
        maxDist: kind === 'learningRate' ? 0 : mul(size, unit),
        sumSqNormGrads: 0
      }
    },
    update: (updates, state, params) => {
      const { initParams } = state
      const maxDist = max(state.maxDist, tree.norm(tree.sub(params, initParams)))
      const sumSqNormGrads = add(state.sumSqNormGrads, tree.squaredNorm(updates))
      const root = sqrt(add(sumSqNormGrads, eps))
      const isGiven = kind === 'learningRate' && state.count === 0
      const scaled = tree.map((g) => (isGiven ? mul(size, g) : mul(maxDist, quotient(g, root))), updates)
      return [scaled, { count: state.count + 1, initParams, maxDist, sumSqNormGrads }]
    }
  })
}
