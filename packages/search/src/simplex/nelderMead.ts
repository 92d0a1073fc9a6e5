import { boolean, check, nonNegative, optional, positive, withDefaults } from '@gradchain/core'
import { boundsOrNull, clipped, type SearchBounds, type SearchBox } from '../internal/box.js'
import type { SearchVector } from '../internal/flat.js'
import { type FlatStrategy, overTrees, type TreeSearchState } from '../internal/overTrees.js'
import { type EvaluatedPoint, lossOf, memberOf } from '../internal/population.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'

/** Options of {@link nelderMead}. */
export interface NelderMeadOptions {
  /** How close in each element the corners must be to the best one before it stops, finite and ≥ 0. @defaultValue `1e-4` */
  readonly xatol?: number | undefined
  /** How close their losses must be besides, finite and ≥ 0. @defaultValue `1e-4` */
  readonly fatol?: number | undefined
  /** Whether the coefficients depend on the number of elements, which helps where there are many. @defaultValue `false` */
  readonly adaptive?: boolean | undefined
  /**
   * How far from the start the other corners are, each along one element, finite and > 0. @defaultValue 5 % of the element, or 0.00025
   * where that is 0
   */
  readonly initialStep?: number | undefined
  /** What the params are kept between. @defaultValue `null` */
  readonly bounds?: SearchBounds | null | undefined
}

/** What {@link nelderMead} keeps. */
export interface NelderMeadInner {
  /** The corners from the best to the worst; before they are told, as they are asked for. */
  readonly simplex: readonly EvaluatedPoint[]
  /** What is asked for: the corners, a reflection, an expansion, a contraction to one side or the other, or the corners after a shrink. */
  readonly phase: 'corners' | 'reflect' | 'expand' | 'outside' | 'inside' | 'shrink'
  /** The reflected corner, while an expansion or a contraction is asked for. */
  readonly reflected: EvaluatedPoint | null
  /** Whether all losses told so far are the same. */
  readonly isFlat: boolean
}

/** State of {@link nelderMead}. */
export type NelderMeadState = TreeSearchState<NelderMeadInner>

/**
 * The downhill simplex: n + 1 corners for n numbers, of which the worst is turned over to the other side of the rest, again and
 * again. For few params, up to ten or so, and losses that are not too noisy; it uses the order of losses alone.
 *
 * With the corners x₀ … xₙ from the best to the worst, x̄ the mean of all but the worst, and ρ = 1, χ = 2, ψ = σ = ½, or when adaptive
 * χ = 1 + 2/n, ψ = ¾ − 1/2n, σ = 1 − 1/n:
 *
 *     reflect      r = x̄ + ρ (x̄ − xₙ)          kept when it is better than xₙ₋₁ and not than x₀
 *     expand       x̄ + ρ χ (x̄ − xₙ)            when r is the best; the better of the two is kept
 *     contract     x̄ ± ψ (x̄ − xₙ)              otherwise, on the side of r when r is better than xₙ
 *     shrink       x₀ + σ (xᵢ − x₀)            when that was no better
 *
 * It asks for one candidate at a time, but for the corners at the start and after a shrink. Bounds: what is outside is moved to them.
 *
 * Stops with `'step'` when all corners are within `xatol` and their losses within `fatol`; with `'flat'` when moreover all losses ever told
 * are the same. It may stop at a point that is no minimum, as the corners may become flat; started once more from there it goes on.
 *
 * Laws: what keeps the order of losses changes nothing but the end; a permutation of what is told changes nothing; no key does; translated with
 * `initialStep`, it searches alike.
 *
 * @example
 * const rosenbrock = ([x = 0, y = 0]: readonly number[]) => 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x)
 * const found = search(rosenbrock, [-1.2, 1], nelderMead(), { key: 0 })
 * found.evaluations // => 159
 * found.reason // => 'step'
 * found.loss < 1e-8 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range; of `init` when bounds do not fit the params.
 * @see Nelder and Mead (1965), A simplex method for function minimization; for adaptive coefficients Gao and Han (2012),
 * Implementing the Nelder-Mead simplex algorithm with adaptive parameters, {@link https://doi.org/10.1007/s10589-010-9329-3}. The
 * numbers are SciPy's, evaluation for evaluation.
 */
export const nelderMead = <P>(options: NelderMeadOptions = {}): SearchStrategy<P, NelderMeadState> => {
  const { xatol, fatol, adaptive, initialStep, bounds } = withDefaults('nelderMead', options, {
    xatol: 1e-4,
    fatol: 1e-4,
    adaptive: false,
    initialStep: undefined as number | undefined,
    bounds: null as SearchBounds | null
  })
  check('nelderMead', { xatol, fatol }, nonNegative)
  check('nelderMead', { adaptive }, boolean)
  check('nelderMead', { initialStep }, optional(positive))
  check('nelderMead', { bounds }, boundsOrNull)

  const flat: FlatStrategy<NelderMeadInner> = {
    asksStart: true,
    init: (start, box) => ({
      simplex: cornersAround(start, initialStep, box).map((x) => ({ x, loss: null })),
      phase: 'corners',
      reflected: null,
      isFlat: true
    }),
    ask: (inner, _key, box) => [pointsOf(inner, adaptive).map((x) => clipped(x, box)), inner],
    tell: (inner, points, losses) => next(inner, points, losses),
    stopped: ({ simplex, phase, isFlat }) => {
      if (phase !== 'reflect' || !areClose(simplex, xatol, fatol)) return null
      return isFlat ? 'flat' : 'step'
    }
  }
  return overTrees('nelderMead', bounds, flat)
}

const cornersAround = (start: SearchVector, initialStep: number | undefined, box: SearchBox | null): SearchVector[] => [
  start,
  ...start.map((x, i) => {
    const moved = initialStep !== undefined ? x + initialStep : x === 0 ? 0.00025 : (1 + 0.05) * x
    const high = box?.upper[i] ?? Infinity
    // Into the inside: on the bound the corner might be the start.
    const inside = moved > high ? 2 * high - moved : moved
    return clipped(
      start.map((other, j) => (j === i ? inside : other)),
      box
    )
  })
]

/** What is asked for in a phase. */
const pointsOf = ({ simplex, phase }: NelderMeadInner, adaptive: boolean): SearchVector[] => {
  if (phase === 'corners') return simplex.map(({ x }) => x)
  const n = simplex.length - 1
  const [chi, psi, sigma] = adaptive ? [1 + 2 / n, 0.75 - 1 / (2 * n), 1 - 1 / n] : [2, 0.5, 0.5]
  const best = (simplex[0] as EvaluatedPoint).x
  if (phase === 'shrink') {
    return simplex
      .slice(1)
      .map(({ x }) => x.map((value, i) => (best[i] as number) + sigma * (value - (best[i] as number))))
  }
  const along = phase === 'reflect' ? 1 : phase === 'expand' ? chi : phase === 'outside' ? psi : -psi
  const worst = (simplex[n] as EvaluatedPoint).x
  return [
    worst.map((value, i) => {
      let mean = 0
      for (let k = 0; k < n; k++) mean += (simplex[k] as EvaluatedPoint).x[i] as number
      return (1 + along) * (mean / n) - along * value
    })
  ]
}

/** The simplex with its worst corner replaced, and what to ask for after it. */
const replaced = (inner: NelderMeadInner, corner: EvaluatedPoint): NelderMeadInner => ({
  ...inner,
  simplex: sorted([...inner.simplex.slice(0, -1), corner]),
  phase: 'reflect',
  reflected: null
})

const sorted = (corners: readonly EvaluatedPoint[]): readonly EvaluatedPoint[] =>
  [...corners].sort((a, b) => (lossOf(a) === lossOf(b) ? 0 : lossOf(a) - lossOf(b)))

const next = (before: NelderMeadInner, points: readonly SearchVector[], losses: SearchVector): NelderMeadInner => {
  const told = points.map((x, i) => memberOf(x, losses[i] as number))
  const first = before.phase === 'corners' ? (told[0] as EvaluatedPoint) : (before.simplex[0] as EvaluatedPoint)
  const inner = { ...before, isFlat: before.isFlat && told.every(({ loss }) => loss === first.loss) }
  const { simplex, phase, reflected } = inner
  if (phase === 'corners') return { ...inner, simplex: sorted(told), phase: 'reflect' }
  if (phase === 'shrink')
    return { ...inner, simplex: sorted([simplex[0] as EvaluatedPoint, ...told]), phase: 'reflect' }

  const corner = told[0] as EvaluatedPoint
  const loss = lossOf(corner)
  const n = simplex.length - 1
  const [best, second, worst] = [simplex[0], simplex[Math.max(0, n - 1)], simplex[n]].map((one) =>
    lossOf(one as EvaluatedPoint)
  ) as [number, number, number]
  if (phase === 'reflect') {
    if (loss < best) return { ...inner, phase: 'expand', reflected: corner }
    if (loss < second) return replaced(inner, corner)
    return { ...inner, phase: loss < worst ? 'outside' : 'inside', reflected: corner }
  }
  const other = reflected as EvaluatedPoint
  if (phase === 'expand') return replaced(inner, loss < lossOf(other) ? corner : other)
  const isBetter = phase === 'outside' ? loss <= lossOf(other) : loss < worst
  return isBetter ? replaced(inner, corner) : { ...inner, phase: 'shrink', reflected: null }
}

const areClose = (simplex: readonly EvaluatedPoint[], xatol: number, fatol: number): boolean => {
  const best = simplex[0] as EvaluatedPoint
  return simplex.every(
    (corner) =>
      Math.abs(lossOf(corner) - lossOf(best)) <= fatol &&
      corner.x.every((value, i) => Math.abs(value - (best.x[i] as number)) <= xatol)
  )
}
