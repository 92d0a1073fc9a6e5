import {
  type AnyGradientTransformation,
  applyUpdates,
  check,
  type GradientTransformation,
  positive,
  type Requirement,
  withDefaults
} from '@gradchain/core'
import { adam } from '@gradchain/optimizers'
import { boundsOrNull, clipped, type SearchBounds } from '../internal/box.js'
import { normals } from '../internal/draws.js'
import type { SearchVector } from '../internal/flat.js'
import { type FlatStrategy, overTrees, type TreeSearchState } from '../internal/overTrees.js'
import { stillFlat } from '../internal/population.js'
import { revived, type SavedState, saved } from '../internal/saved.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'

/** Options of {@link openaiEs}. */
export interface OpenaiEsOptions {
  /** What makes a step out of the estimate of a gradient. @defaultValue `adam(0.05)` */
  readonly optimizer?: GradientTransformation<unknown> | undefined
  /** How far from the mean the candidates are in each element, σ, finite and > 0. @defaultValue `0.1` */
  readonly sigma?: number | undefined
  /** How many candidates there are in a generation, an even whole number ≥ 2. @defaultValue `32` */
  readonly populationSize?: number | undefined
  /** What the params are kept between. @defaultValue `null` */
  readonly bounds?: SearchBounds | null | undefined
}

/** What {@link openaiEs} keeps. */
export interface OpenaiEsInner {
  /** The mean. */
  readonly mean: SearchVector
  /** The state of the optimizer, its arrays as lists. */
  readonly optimizer: SavedState
  /** The directions ε that were drawn and are to be told, one for each pair. */
  readonly drawn: readonly SearchVector[]
  /** The first finite loss. */
  readonly first: number | null
  /** Whether all losses so far are the same. */
  readonly isFlat: boolean
  /** How many generations were told. */
  readonly generation: number
}

/** State of {@link openaiEs}. */
export type OpenaiEsState = TreeSearchState<OpenaiEsInner>

/**
 * The gradient of the loss of a noisy mean, estimated from pairs of candidates on both sides of it, and handed to any optimizer. For thousands of params and many
 * machines: what is told of a candidate is one number.
 *
 * With k pairs, εᵢ ~ N(0, I) and the centred rank r of a loss among all 2k, from −½ for the best to ½ for the worst, equal ones sharing the mean of theirs:
 *
 *     x⁺ = m + σ εᵢ,  x⁻ = m − σ εᵢ
 *     g = 1 / (2 k σ) Σ (r⁺ − r⁻) εᵢ
 *     m ← m + u,  with the update u of the optimizer for g
 *
 * The optimizer sees all params as one array of float64, `{ x }`. The mean is moved into the bounds after each step, and so are candidates. It does not stop by itself, but with
 * `'flat'` when the losses of ten generations were all the same.
 *
 * Laws: what keeps the order of losses changes nothing; a permutation of what is told changes nothing; a translated problem is searched alike, where the optimizer does not look at
 * the params.
 *
 * @example
 * const bowl = ({ w }: { w: Float32Array }) => w.reduce((total, x) => total + (x - 1) * (x - 1), 0)
 * const start = { w: new Float32Array(20) }
 * const found = search(bowl, start, openaiEs({ optimizer: adam(0.1) }), { key: 0, maxEvaluations: 10000, target: 0.2 })
 * found.reason // => 'target'
 *
 * @throws InvalidOption at construction, when an option is outside its range; of `init` when bounds do not fit the params.
 * @see Salimans et al. (2017), Evolution Strategies as a Scalable Alternative to Reinforcement Learning,
 * {@link https://arxiv.org/abs/1703.03864}
 */
export const openaiEs = <P>(options: OpenaiEsOptions = {}): SearchStrategy<P, OpenaiEsState> => {
  const { optimizer, sigma, populationSize, bounds } = withDefaults('openaiEs', options, {
    optimizer: adam(0.05) as GradientTransformation<unknown>,
    sigma: 0.1,
    populationSize: 32,
    bounds: null as SearchBounds | null
  })
  check('openaiEs', { optimizer }, aTransformation)
  check('openaiEs', { sigma }, positive)
  check('openaiEs', { populationSize }, even)
  check('openaiEs', { bounds }, boundsOrNull)
  const inner: AnyGradientTransformation = optimizer as AnyGradientTransformation

  const flat: FlatStrategy<OpenaiEsInner> = {
    asksStart: false,
    init: (start) => ({
      mean: start,
      optimizer: saved(inner.init({ x: Float64Array.from(start) })),
      drawn: [],
      first: null,
      isFlat: true,
      generation: 0
    }),
    ask: (state, key) => {
      const { mean } = state
      const n = mean.length
      const z = normals(key, (populationSize / 2) * n)
      const drawn = Array.from({ length: populationSize / 2 }, (_, k) => Array.from(z.subarray(k * n, (k + 1) * n)))
      const points = drawn.flatMap((direction) =>
        [sigma, -sigma].map((along) => mean.map((x, i) => x + along * (direction[i] as number)))
      )
      return [points, { ...state, drawn }]
    },
    tell: (state, _points, losses, box) => {
      const ranks = centredRanks(losses)
      const gradient = new Float64Array(state.mean.length)
      state.drawn.forEach((direction, k) => {
        const weight = ((ranks[2 * k] as number) - (ranks[2 * k + 1] as number)) / (populationSize * sigma)
        direction.forEach((z, i) => {
          gradient[i] = (gradient[i] as number) + weight * z
        })
      })
      const params = { x: Float64Array.from(state.mean) }
      const [updates, next] = inner.update({ x: gradient }, revived(state.optimizer), params)
      const { x } = applyUpdates(params, updates as { x: Float64Array })
      return {
        ...state,
        ...stillFlat(state, losses),
        mean: clipped(Array.from(x), box),
        optimizer: saved(next),
        drawn: [],
        generation: state.generation + 1
      }
    },
    stopped: ({ isFlat, generation }) => (isFlat && generation >= 10 ? 'flat' : null)
  }
  return overTrees('openaiEs', bounds, flat)
}

const even: Requirement = {
  what: 'an even whole number ≥ 2',
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 2 && (value as number) % 2 === 0
}

const aTransformation: Requirement = {
  what: 'a gradient transformation',
  holds: (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly init?: unknown }).init === 'function' &&
    typeof (value as { readonly update?: unknown }).update === 'function'
}

/** Ranks from −½ to ½; equal losses share the mean of theirs. */
const centredRanks = (losses: SearchVector): number[] => {
  const order = Array.from(losses, (_, i) => i).sort((i, j) => {
    const [a, b] = [losses[i] as number, losses[j] as number]
    return a === b ? 0 : a - b
  })
  const ranks = new Array<number>(losses.length)
  let from = 0
  while (from < order.length) {
    let to = from
    while (to + 1 < order.length && losses[order[to + 1] as number] === losses[order[from] as number]) to++
    for (let k = from; k <= to; k++) ranks[order[k] as number] = (from + to) / 2 / (losses.length - 1) - 0.5
    from = to + 1
  }
  return ranks
}
