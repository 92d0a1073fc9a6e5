import { check, nonNegative, nonNegativeInteger, orNull, positive, withDefaults } from '@gradchain/core'
import { boundsOrNull, type SearchBounds } from '../internal/box.js'
import { type CmaInner, cmaStrategy } from '../internal/cma/cmaStrategy.js'
import { overTrees, type TreeSearchState } from '../internal/overTrees.js'
import { atLeast } from '../internal/requirements.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'

/** Options of {@link sepCmaEs}. */
export interface SepCmaEsOptions {
  /** The step σ at the start, about a third of how far the minimum may be in each element, finite and > 0. @defaultValue `0.5` */
  readonly sigma?: number | undefined
  /** How many candidates λ there are in a generation, a whole number ≥ 2. @defaultValue ⌊4 + 3 ln n⌋ */
  readonly populationSize?: number | null | undefined
  /** How many times it begins anew with twice the population after a run that stopped, a whole number ≥ 0. @defaultValue `0` */
  readonly restarts?: number | undefined
  /** A run stops when the losses of a generation, and the best ones of the last generations, are this close, finite and ≥ 0. @defaultValue `1e-11` */
  readonly tolFun?: number | undefined
  /** It stops when the best losses of the last ten or more generations are this close, finite and ≥ 0. @defaultValue `1e-12` */
  readonly tolFunHist?: number | undefined
  /** It stops when the step in each element is smaller, finite and ≥ 0. @defaultValue `1e-11` */
  readonly tolX?: number | undefined
  /** What the params are kept between. @defaultValue `null` */
  readonly bounds?: SearchBounds | null | undefined
}

/** State of {@link sepCmaEs}. */
export type SepCmaEsState = TreeSearchState<CmaInner>

/**
 * CMA-ES with a diagonal covariance: each element has a step of its own and no element knows of another. It learns n times faster and keeps
 * n numbers in place of n², which is for hundreds of params and more, and for losses that are nearly sums over them.
 *
 * As {@link cmaEs}, with the path and zᵢ = D⁻¹ yᵢ where the axes have the length 1, and for the length dⱼ of the j-th axis
 *
 *     dⱼ ← dⱼ exp(½ ln 2 (c₁ (pⱼ² − 1) + cμ Σ wᵢ (zᵢⱼ² − 1)))
 *
 * so that no axis becomes negative. The constants are those of pycma with `CMA_diagonal`.
 *
 * Laws: those of {@link cmaEs}; scaling one element changes nothing.
 *
 * @example
 * const ellipsoid = ({ w }: { w: Float64Array }) => w.reduce((total, x, i) => total + 10 ** (i / 4) * x * x, 0)
 * const found = search(ellipsoid, { w: new Float64Array(20).fill(1) }, sepCmaEs(), { key: 0, target: 1e-6 })
 * found.reason // => 'target'
 *
 * @throws InvalidOption at construction, when an option is outside its range; of `init` when bounds do not fit the params.
 * @see Ros and Hansen (2008), A Simple Modification in CMA-ES Achieving Linear Time and Space Complexity,
 * {@link https://doi.org/10.1007/978-3-540-87700-4_30}
 */
export const sepCmaEs = <P>(options: SepCmaEsOptions = {}): SearchStrategy<P, SepCmaEsState> => {
  const { sigma, populationSize, restarts, tolFun, tolFunHist, tolX, bounds } = withDefaults('sepCmaEs', options, {
    sigma: 0.5,
    populationSize: null as number | null,
    restarts: 0,
    tolFun: 1e-11,
    tolFunHist: 1e-12,
    tolX: 1e-11,
    bounds: null as SearchBounds | null
  })
  check('sepCmaEs', { sigma }, positive)
  check('sepCmaEs', { populationSize }, orNull(atLeast(2)))
  check('sepCmaEs', { restarts }, nonNegativeInteger)
  check('sepCmaEs', { tolFun, tolFunHist, tolX }, nonNegative)
  check('sepCmaEs', { bounds }, boundsOrNull)

  const strategy = cmaStrategy({
    sigma,
    population: populationSize,
    restarts,
    restartWith: 'ipop',
    growth: 2,
    isActive: true,
    isDiagonal: true,
    tolFun,
    tolFunHist,
    tolX
  })
  return overTrees('sepCmaEs', bounds, strategy)
}
