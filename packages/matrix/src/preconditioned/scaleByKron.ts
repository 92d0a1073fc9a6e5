import {
  abs,
  add,
  biasCorrection,
  boolean,
  broadcast,
  callable,
  check,
  div,
  Expr,
  fullLike,
  type GradientTransformation,
  inClosedUnitInterval,
  inPositiveUnitInterval,
  inUnitInterval,
  type Key,
  keyOrSeed,
  matmul,
  maxOf,
  min,
  mul,
  norm,
  type Operand,
  oneOf,
  optional,
  orSchedule,
  positive,
  positiveInteger,
  pow,
  reshape,
  rms,
  shapeOf,
  square,
  sub,
  sum,
  type Tree,
  transformation,
  updateMoment,
  type Value,
  withDefaults
} from '@gradchain/core'
import { exp, pow as power } from '@gradchain/core/numbers'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import type { WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { type Folding, fold, foldingsOf, gramAlong, productAlong, unfold } from '../internal/folding.js'
import { identities } from '../internal/identities.js'
import { KRON } from '../internal/kronDefaults.js'
import { mapPlaced, mapPlaces, type Places, placesIn } from '../internal/mapPlaced.js'
import { normLowerBound, solvedAlong, upper } from '../internal/triangular.js'
import { someDimensionNumbers } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleByKron}; the key must be given. */
export interface ScaleByKronOptions {
  /** Where probes come from: a key, or a whole number for the key of that seed. */
  readonly key: Key | number
  /** Decay rate β₁ of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /**
   * How often the factors learn, in `(0, 1]`, or a schedule: after every 1 / p steps. @defaultValue `(step) => exp(−0.001 (step − 500))`, at most 1
   * and at least 0.03
   */
  readonly preconditionerUpdateProbability?: ScalarOrSchedule | undefined
  /** The longest axis that has a triangular factor, a whole number ≥ 1; longer ones have a diagonal. @defaultValue `2048` */
  readonly maxSizeTriangular?: number
  /** The fewest axes of a leaf with triangular factors, a whole number ≥ 1. @defaultValue `2` */
  readonly minNdimTriangular?: number
  /**
   * Which factors are diagonal to save memory: that of the longest axis, `'oneDiag'`; that of the longest, where there is one,
   * `'smartOneDiag'`; all of them, `'allDiag'`. @defaultValue none of them
   */
  readonly memorySaveMode?: 'oneDiag' | 'smartOneDiag' | 'allDiag' | undefined
  /** Whether the factors learn from the momentum in place of the gradient. @defaultValue `true` */
  readonly momentumIntoPrecondUpdate?: boolean
  /** Learning rate of the factors, finite and > 0. @defaultValue `0.1` */
  readonly precondLr?: number
  /** Factor of the first preconditioner's root, finite and > 0. @defaultValue `1` */
  readonly precondInitScale?: number
  /** The largest root mean square of the update of a leaf, finite and > 0. @defaultValue `1.1` */
  readonly maxRms?: number
  /** How often the factors of a leaf are given equal sizes, in `[0, 1]`, when they learn. @defaultValue `0.01` */
  readonly balanceProbability?: number
  /** What draws the probes: `random.normal`, or a function of the same form. @defaultValue `random.normal` */
  readonly sampler?: tree.Sampler | undefined
  /** How leaves are seen as matrices or stacks of them. @defaultValue every axis of every leaf has a factor */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByKron}. */
export interface ScaleByKronState {
  /** How many updates were seen. */
  readonly count: number
  /** How many updates the factors have not learned from since they last did. */
  readonly updateCount: number
  /** The momentum m, shaped like the params. */
  readonly mu: Tree
  /**
   * A tree for each axis i: of each leaf the factor Qᵢ, upper triangular `[d, d]` or the diagonal of one `[d]`, with the length of a stack in front; a
   * number has its factor in the first; 0 where a leaf has no such axis.
   */
  readonly q: readonly Tree[]
  /** The key for the probes to come. */
  readonly rngKey: Key
}

/**
 * PSGD with Kronecker factors: learns, along each axis, a triangular factor of a preconditioner that makes the momentum white.
 *
 * For the gradient G of a leaf with axes i at step t = 1, 2, …, with M̂ its mean of decay β₁ made up for its start, from Qᵢ = s I with
 * sᵏ = precondInitScale for k axes:
 *
 *     A = M̂ with every axis i multiplied by Qᵢ                (G in place of M̂ without momentumIntoPrecondUpdate)
 *     B = a normal probe with every axis i multiplied by Qᵢ⁻ᵀ
 *     T = A₍ᵢ₎ A₍ᵢ₎ᵀ, S = B₍ᵢ₎ B₍ᵢ₎ᵀ                            rows are the slices across axis i
 *     Qᵢ ← Qᵢ − precondLr · triu(T − S) Qᵢ / ‖T + S‖           a diagonal factor has diagonals of T and S
 *     U = M̂ with every axis i multiplied by Qᵢᵀ Qᵢ
 *     u = U · min(1, maxRms / rms(U))
 *
 * ‖·‖ is a lower bound of the spectral norm. The factors learn when as many steps have passed as 1 / preconditionerUpdateProbability, at the
 * first step too; with balanceProbability they are scaled then to have equal largest elements, which does not change their product. The probes
 * are a function of the key, the step and the place of a leaf.
 *
 * An axis of m with a triangular factor keeps m² numbers. Axes of length 1, those longer than maxSizeTriangular and those of vectors have a diagonal; so
 * a vector keeps as much as in Adam. The numbers are those of timm's Kron, whose own probes and balancing come from other generators.
 *
 * Laws: rms(u) ≤ maxRms; the preconditioner ⊗ Qᵢᵀ Qᵢ is symmetric and positive, so ⟨u, M̂⟩ ≥ 0; Qᵢ stays upper triangular; odd in the
 * gradient; the same key gives the same updates.
 *
 * Of zeros the update is zero, and the factors grow. A NaN or infinity stays in m and Qᵢ: skip such gradients, with `skipNotFinite`.
 *
 * @example
 * const tx = scaleByKron({ key: 0, preconditionerUpdateProbability: 0.5 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([3, 0, 0, 0.1]), [2, 2]) }
 * const [u, state] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [2.1…, 0, 0, 0.07…]
 * state.updateCount // => 1
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range; at update, when a schedule gives no probability.
 * @see Li (2015), Preconditioned Stochastic Gradient Descent, {@link https://arxiv.org/abs/1512.04202}; Li (2022),
 * {@link https://arxiv.org/abs/2211.04422}
 */
export const scaleByKron = (options: ScaleByKronOptions): GradientTransformation<ScaleByKronState> => {
  const chosen = withDefaults<Required<ScaleByKronOptions>>('scaleByKron', options, KRON)
  const { key, b1, preconditionerUpdateProbability, maxSizeTriangular, minNdimTriangular, memorySaveMode } = chosen
  const { momentumIntoPrecondUpdate, precondLr, precondInitScale, maxRms, balanceProbability, sampler } = chosen
  const { weightDimensionNumbers } = chosen
  check('scaleByKron', { key }, keyOrSeed)
  check('scaleByKron', { b1 }, inUnitInterval)
  check('scaleByKron', { preconditionerUpdateProbability }, optional(orSchedule(inPositiveUnitInterval)))
  check('scaleByKron', { maxSizeTriangular, minNdimTriangular }, positiveInteger)
  check('scaleByKron', { memorySaveMode }, optional(oneOf('oneDiag', 'smartOneDiag', 'allDiag')))
  check('scaleByKron', { momentumIntoPrecondUpdate }, boolean)
  check('scaleByKron', { precondLr, precondInitScale, maxRms }, positive)
  check('scaleByKron', { balanceProbability }, inClosedUnitInterval)
  check('scaleByKron', { sampler }, optional(callable))
  check('scaleByKron', { weightDimensionNumbers }, someDimensionNumbers)
  const first = typeof key === 'number' ? random.key(key) : key
  const forms: FormOptions = { maxSizeTriangular, minNdimTriangular, memorySaveMode }

  const probabilityAt = (step: number): number => {
    if (preconditionerUpdateProbability === undefined) return annealed(step)
    if (typeof preconditionerUpdateProbability === 'number') return preconditionerUpdateProbability
    const probability = preconditionerUpdateProbability(step)
    check('scaleByKron', { 'preconditionerUpdateProbability(step)': probability }, inPositiveUnitInterval)
    return probability
  }
  const factorsIn = (params: Tree): Places<Factors> =>
    mapPlaces(
      (folding) => ({ folding, isDiagonal: diagonalsOf(folding.lengths, forms) }),
      foldingsOf('scaleByKron', { weightDimensionNumbers, mergeUpTo: 0 }, params)
    )

  const learned = (all: Places<Factors>, q: readonly Tree[], seen: Tree, probes: Tree): readonly Tree[] => {
    const terms = mapPlaced((factors, x, ...own) => along(x, factors, own, multiplied), all, seen, ...q)
    const others = mapPlaced((factors, x, ...own) => along(x, factors, own, divided), all, probes, ...q)
    return q.map((factor, axis) =>
      mapPlaced((factors, own, a, b) => learnedFactor(factors, axis, own, a, b, precondLr), all, factor, terms, others)
    )
  }

  return transformation<ScaleByKronState>({
    origin: ['scaleByKron', { ...options }],
    init: (params) => {
      const all = factorsIn(params)
      const most = placesIn(all).reduce((found, { isDiagonal }) => Math.max(found, isDiagonal.length), 0)
      const q = Array.from({ length: most }, (_, axis) =>
        mapPlaced((factors, p) => firstFactor(factors, axis, p, precondInitScale), all, tree.widen(params))
      )
      return { count: 0, updateCount: 0, mu: tree.zerosLike(tree.widen(params)), q, rngKey: first }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const [rngKey, probing, balancing] = random.split(state.rngKey, 3) as [Key, Key, Key]
      const isDue = state.updateCount + 1 >= 1 / probabilityAt(state.count)
      const all = factorsIn(params)
      const folded = (x: Tree): Tree => mapPlaced(({ folding }, leaf) => fold(leaf, folding), all, x)
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const mean = folded(tree.map((m) => biasCorrection(m, b1, count), mu))
      let { q } = state
      if (isDue) {
        const [drawn] = random.uniform(balancing, [], { dtype: 'float64' }).data
        if ((drawn as number) < balanceProbability) q = balanced(all, q)
        const probes = tree.randomLike(probing, tree.widen(updates), sampler === undefined ? {} : { sampler })
        q = learned(all, q, momentumIntoPrecondUpdate ? mean : folded(updates), folded(probes))
      }
      const scaled = mapPlaced(
        (factors, m, g, ...own) => {
          const u = along(along(m, factors, own, multiplied), factors, own, multipliedBack)
          return unfold(capped(u, factors.folding, maxRms), factors.folding, g)
        },
        all,
        mean,
        updates,
        ...q
      )
      const next = { count, updateCount: isDue ? 0 : state.updateCount + 1, mu: tree.castLike(mu, state.mu), q, rngKey }
      return [scaled, next]
    }
  })
}

/** Added to norms that are divided by: the smallest normal number of bfloat16. */
const TINY = 2 ** -126

type FormOptions = Pick<Required<ScaleByKronOptions>, 'maxSizeTriangular' | 'minNdimTriangular' | 'memorySaveMode'>

/** A leaf and the forms of its factors; a number has one, of no axis. */
interface Factors {
  readonly folding: Folding
  readonly isDiagonal: readonly boolean[]
}

const annealed = (step: number): number => Math.min(1, Math.max(0.03, exp(-0.001 * (step - 500))))

const diagonalsOf = (lengths: readonly number[], options: FormOptions): readonly boolean[] => {
  const { maxSizeTriangular, minNdimTriangular, memorySaveMode } = options
  if (lengths.length === 0) return [true]
  const longest = Math.max(...lengths)
  const isShared = lengths.indexOf(longest) !== lengths.lastIndexOf(longest)
  return lengths.map((length, axis) => {
    if (length === 1 || length > maxSizeTriangular || lengths.length < minNdimTriangular) return true
    if (memorySaveMode === 'allDiag') return true
    if (memorySaveMode === undefined || axis !== lengths.lastIndexOf(longest)) return false
    return memorySaveMode === 'oneDiag' || (lengths.length > 1 && !isShared)
  })
}

const firstFactor = ({ folding, isDiagonal }: Factors, axis: number, p: Operand, initScale: number): Operand => {
  const { batch, lengths } = folding
  const form = isDiagonal[axis]
  if (form === undefined) return 0
  if (lengths.length === 0) return fullLike(p, initScale)
  const length = lengths[axis] as number
  const share = power(initScale, 1 / lengths.length)
  return form
    ? fullLike(zeros([...batch, length], wideDtype(p)), share)
    : identities([...batch, length, length], wideDtype(p), share)
}

type Along = (x: Operand, factors: Factors, axis: number, q: Operand) => Operand

/** What a function makes of an array along each of its axes. */
const along = (x: Operand, factors: Factors, own: readonly Operand[], f: Along): Operand =>
  factors.isDiagonal.reduce<Operand>((y, _, axis) => f(y, factors, axis, own[axis] as Operand), x)

const multiplied: Along = (x, factors, axis, q) =>
  factors.isDiagonal[axis] ? mul(x, spread(q, x, factors, axis)) : productAlong(x, factors.folding, axis, q)

const multipliedBack: Along = (x, factors, axis, q) =>
  factors.isDiagonal[axis] ? mul(x, spread(q, x, factors, axis)) : productAlong(x, factors.folding, axis, q, true)

const divided: Along = (x, factors, axis, q) =>
  factors.isDiagonal[axis]
    ? div(x, spread(q, x, factors, axis))
    : solvedAlong('scaleByKron', x, factors.folding, axis, q)

/** A diagonal, repeated along all other axes of an array. */
const spread = (q: Operand, x: Operand, { folding }: Factors, axis: number): Operand => {
  const { batch, lengths } = folding
  if (lengths.length === 0 || !(x instanceof Expr)) return q
  if (lengths.length === 1 && batch.length === 0) return reshape(q, x.shape)
  const alone = [...batch, ...lengths.map((length, i) => (i === axis ? length : 1))]
  return broadcast(reshape(q, alone), [...batch, ...lengths])
}

/** A factor after one step of learning. */
const learnedFactor = (
  { folding, isDiagonal }: Factors,
  axis: number,
  q: Operand,
  a: Operand,
  b: Operand,
  precondLr: number
): Operand => {
  const form = isDiagonal[axis]
  if (form === undefined) return 0
  const { batch, lengths } = folding
  const stepOf = (t: Operand, s: Operand, size: Operand): Value => div(mul(precondLr, sub(t, s)), add(size, TINY))
  if (lengths.length === 0) {
    const [t, s] = [square(a), square(b)]
    return sub(q, mul(stepOf(t, s, add(t, s)), q))
  }
  const length = lengths[axis] as number
  if (form) {
    const shape = [...batch, length]
    const others = lengths.map((_, i) => batch.length + i).filter((i) => i !== batch.length + axis)
    const diagonal = (x: Operand): Operand => reshape(others.length === 0 ? square(x) : sum(square(x), others), shape)
    const [t, s] = [diagonal(a), diagonal(b)]
    const total = add(t, s)
    const most = batch.length === 0 ? maxOf(total) : broadcast(maxOf(total, [1]), shape)
    return sub(q, mul(stepOf(t, s, most), q))
  }
  const [t, s] = [gramAlong(a, folding, axis), gramAlong(b, folding, axis)]
  const bound = broadcast(normLowerBound('scaleByKron', add(t, s)), [...batch, length, length])
  return sub(q, matmul(upper(stepOf(t, s, bound)), q))
}

/** The factors of leaves with several, scaled so that their largest elements are alike. */
const balanced = (all: Places<Factors>, q: readonly Tree[]): readonly Tree[] =>
  q.map((factor, axis) =>
    mapPlaced(
      ({ folding, isDiagonal }, own, ...every) => {
        const { batch, lengths } = folding
        if (lengths.length < 2 || axis >= lengths.length) return own
        const sizes = isDiagonal.map((isVector, i) => largest(every[i] as Operand, batch, isVector))
        const product = sizes.reduce((total, size) => mul(total, size))
        const factorOf = div(pow(product, 1 / lengths.length), sizes[axis] as Operand)
        if (batch.length === 0) return mul(factorOf, own)
        const ones = isDiagonal[axis] ? [...batch, 1] : [...batch, 1, 1]
        return mul(broadcast(reshape(factorOf, ones), shapeOf(own)), own)
      },
      all,
      factor,
      ...q
    )
  )

/** The largest magnitude, or that of each of a stack. */
const largest = (q: Operand, batch: readonly number[], isVector: boolean | undefined): Value =>
  batch.length === 0 ? maxOf(abs(q)) : reshape(maxOf(abs(q), isVector ? [1] : [1, 2]), batch)

/** An array whose root mean square is no more than that, as a whole or each of a stack. */
const capped = (u: Operand, { batch, lengths }: Folding, maxRms: number): Operand => {
  const factorOf = (size: Operand): Value => min(1, div(maxRms, add(size, 1e-8)))
  if (batch.length === 0) return mul(factorOf(rms(u)), u)
  const axes = lengths.map((_, axis) => axis + 1)
  const count = lengths.reduce((n, length) => n * length, 1)
  return mul(broadcast(factorOf(div(norm(u, axes), Math.sqrt(count))), shapeOf(u)), u)
}
