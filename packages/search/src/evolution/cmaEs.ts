import { boolean, check, nonNegative, nonNegativeInteger, oneOf, orNull, positive, withDefaults } from '@gradchain/core'
import { boundsOrNull, type SearchBounds } from '../internal/box.js'
import { type CmaInner, cmaStrategy } from '../internal/cma/cmaStrategy.js'
import { overTrees, type TreeSearchState } from '../internal/overTrees.js'
import { aboveOne, atLeast } from '../internal/requirements.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'

/** Options of {@link cmaEs}. */
export interface CmaEsOptions {
  /** The step σ at the start, about a third of how far the minimum may be in each element, finite and > 0. @defaultValue `0.5` */
  readonly sigma?: number | undefined
  /** How many candidates λ there are in a generation, a whole number ≥ 2. @defaultValue ⌊4 + 3 ln n⌋ */
  readonly populationSize?: number | null | undefined
  /** Whether the worst candidates count against their directions. @defaultValue `true` */
  readonly active?: boolean | undefined
  /** How many times it begins anew after a run that stopped, a whole number ≥ 0; those of BIPOP with a small population do not count. @defaultValue `0` */
  readonly restarts?: number | undefined
  /**
   * How: `'ipop'` with a population that grows each time, `'bipop'` between such runs with small populations and steps, as often as
   * both have taken the same number of evaluations. @defaultValue `'ipop'`
   */
  readonly restartWith?: 'ipop' | 'bipop' | undefined
  /** By what factor the population grows, finite and > 1. @defaultValue `2` */
  readonly populationGrowth?: number | undefined
  /** A run stops when the losses of a generation, and the best ones of the last generations, are this close, finite and ≥ 0. @defaultValue `1e-11` */
  readonly tolFun?: number | undefined
  /** It stops when the best losses of the last ten or more generations are this close, finite and ≥ 0. @defaultValue `1e-12` */
  readonly tolFunHist?: number | undefined
  /** It stops when the step in each element is smaller, finite and ≥ 0. @defaultValue `1e-11` */
  readonly tolX?: number | undefined
  /** What the params are kept between. @defaultValue `null` */
  readonly bounds?: SearchBounds | null | undefined
}

/** State of {@link cmaEs}. */
export type CmaEsState = TreeSearchState<CmaInner>

/**
 * CMA-ES: candidates are drawn from a normal distribution whose mean, step and covariance learn from their order. It is the method of choice
 * without gradients, from 2 to some 100 numbers, where the loss is rugged, ill-conditioned or noisy.
 *
 * With weights w₁ > w₂ > … of the ranks, of which the positive ones add up to 1, and yᵢ = (xᵢ − m) / σ of the i-th best of λ candidates:
 *
 *     xᵢ = m + σ B D zᵢ,                zᵢ ~ N(0, I),  C = B D² Bᵀ
 *     m ← m + σ ȳ,                      ȳ = Σ wᵢ yᵢ over the positive weights
 *     pσ ← (1 − cσ) pσ + √(cσ (2 − cσ) μeff) C^(−½) ȳ
 *     pc ← (1 − cc) pc + h √(cc (2 − cc) μeff) ȳ          h = 0 while pσ is long, else 1
 *     C ← (1 − c₁ − cμ Σ wᵢ) C + c₁ pc pcᵀ + cμ Σ wᵢ yᵢ yᵢᵀ
 *     σ ← σ exp(cσ / dσ (|pσ| / χₙ − 1))
 *
 * where yᵢ with a negative weight is first scaled to the length √n of a usual one, and c₁ is smaller by 1 − cc (2 − cc) where h = 0. All constants
 * are those of pycma 4.5, and so is when a run stops: `'decrease'` by tolFun and tolFunHist, `'step'` by tolX or where the mean no longer
 * moves, `'condition'` beyond 1e14, `'diverged'` when σ grew a thousandfold, `'flat'`, `'stagnation'`, `'budget'` after 100 + 150 (n + 3)² / √λ generations.
 * Bounds are met by a map of all of space into them, the identity but near them.
 *
 * Other than pycma, it never mirrors candidates, gives no part in the mean to trials that failed, and halves σ where all of a generation did.
 *
 * Laws: what keeps the order of losses changes nothing but the end; a permutation of what is told changes nothing; a translated problem is searched
 * alike, and one that is scaled together with σ.
 *
 * @example
 * const ellipsoid = ({ w }: { w: Float64Array }) => w.reduce((total, x, i) => total + 10 ** i * x * x, 0)
 * const found = search(ellipsoid, { w: new Float64Array(4).fill(1) }, cmaEs(), { key: 0, target: 1e-10 })
 * found.reason // => 'target'
 * found.evaluations < 1500 // => true
 *
 * @example
 * // Many minima: begin anew with larger populations.
 * const wavy = (x: readonly number[]) => x.reduce((total, t) => total + t * t + 10 * (1 - Math.cos(2 * Math.PI * t)), 0)
 * const strategy = cmaEs<readonly number[]>({ sigma: 2, restarts: 9, restartWith: 'bipop' })
 * search(wavy, [3, 3], strategy, { key: 1, target: 1e-8 }).success // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range; of `init` when bounds do not fit the params.
 * @see Hansen (2016), The CMA Evolution Strategy: A Tutorial, {@link https://arxiv.org/abs/1604.00772}; Auger and Hansen (2005),
 * A restart CMA evolution strategy with increasing population size, for IPOP; Hansen (2009), Benchmarking a BI-population CMA-ES
 * on the BBOB-2009 function testbed, for BIPOP, {@link https://doi.org/10.1145/1570256.1570333}
 */
export const cmaEs = <P>(options: CmaEsOptions = {}): SearchStrategy<P, CmaEsState> => {
  const { sigma, populationSize, active, restarts, restartWith, populationGrowth, tolFun, tolFunHist, tolX, bounds } =
    withDefaults('cmaEs', options, {
      sigma: 0.5,
      populationSize: null as number | null,
      active: true,
      restarts: 0,
      restartWith: 'ipop' as 'ipop' | 'bipop',
      populationGrowth: 2,
      tolFun: 1e-11,
      tolFunHist: 1e-12,
      tolX: 1e-11,
      bounds: null as SearchBounds | null
    })
  check('cmaEs', { sigma }, positive)
  check('cmaEs', { populationSize }, orNull(atLeast(2)))
  check('cmaEs', { active }, boolean)
  check('cmaEs', { restarts }, nonNegativeInteger)
  check('cmaEs', { restartWith }, oneOf('ipop', 'bipop'))
  check('cmaEs', { populationGrowth }, aboveOne)
  check('cmaEs', { tolFun, tolFunHist, tolX }, nonNegative)
  check('cmaEs', { bounds }, boundsOrNull)

  return overTrees(
    'cmaEs',
    bounds,
    cmaStrategy({
      sigma,
      population: populationSize,
      restarts,
      restartWith,
      growth: populationGrowth,
      isActive: active,
      isDiagonal: false,
      tolFun,
      tolFunHist,
      tolX
    })
  )
}
