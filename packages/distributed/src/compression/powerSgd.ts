import {
  add,
  castLike,
  check,
  Expr,
  type GradientTransformation,
  type Key,
  keyOrSeed,
  matmul,
  type NdArray,
  ndarray,
  nonNegativeInteger,
  type Operand,
  opaque,
  positive,
  positiveInteger,
  reshape,
  shapeOf,
  sub,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { hasElements } from '../internal/kept.js'
import { meanOverRanks } from '../internal/meanOverRanks.js'
import { orthonormal } from '../internal/orthonormal.js'
import { aCommunicator } from '../internal/requirements.js'

/** Options of {@link powerSgd}. */
export interface PowerSgdOptions {
  /** How many columns P and Q have, r, a whole number ≥ 1; no more than there are rows or columns. @defaultValue `1` */
  readonly rank?: number
  /** By how much P and Q must be smaller than a matrix, or else its mean is taken whole; finite and > 0. @defaultValue `2` */
  readonly minCompressionRate?: number
  /** In how many steps, at first, whole gradients are averaged, a whole number ≥ 0. @defaultValue `0` */
  readonly warmup?: number
  /** Where the first directions come from, the same on all ranks: a key, or a whole number for the key of that seed. @defaultValue `0` */
  readonly key?: Key | number
}

/** State of {@link powerSgd}. */
export interface PowerSgdState {
  /** How many updates were seen. */
  readonly count: number
  /** What was held back so far on this rank, E, shaped like the params, float32 where they are 16-bit; 0 for what is not compressed. */
  readonly residual: Tree
  /** The directions Q, orthonormal columns, the same on all ranks: of a matrix of n columns `[n, r]`; 0 for what is not compressed. */
  readonly q: Tree
}

/**
 * The mean of the gradients of all ranks, matrices of them by two thin factors: one step of power iteration towards their r largest directions. What a
 * rank holds back is added to its next gradient. It stands in place of {@link allReduceMean}.
 *
 * For the gradient Gᵣ of m × n on each rank, from Eᵣ = 0 and a random Q of n × r with orthonormal columns, where means are over ranks:
 *
 *     Mᵣ = Gᵣ + Eᵣ
 *     P  = mean of Mᵣ Q, its columns made orthonormal
 *     R  = mean of Mᵣᵀ P
 *     u  = P Rᵀ                      the same on all ranks
 *     Eᵣ ← Mᵣ − u
 *     Q  ← R, its columns made orthonormal      one of zeros stays what it was
 *
 * (m + n) r numbers are sent instead of m n. Compressed is what gets smaller by more than the least rate, (m + n) · r · minCompressionRate < m n; the first axis
 * of an array stands against all others. Of all else, such as vectors, the mean is sent.
 *
 * A single update may be further from the mean than zeros are, as what was held back comes later: it is sums that agree. NaN stays in the residual for ever.
 *
 * **Every rank must make the same steps**, as for {@link allReduceMean}.
 *
 * Laws: the sum of all updates and of the mean residual is the sum of mean gradients, up to rounding; a mean of rank r goes through unchanged, up to rounding,
 * when nothing is held back from before; of zeros it is zeros.
 *
 * Unlike PyTorch: no whole gradients at first unless `warmup` says so, there 1000 steps; a direction that gradients do not have becomes no NaN.
 *
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * const tx = powerSgd(solo(), { minCompressionRate: 1 })
 * const params = { w: ndarray(new Float64Array(9), [3, 3]) }
 * const grads = { w: ndarray(new Float64Array([1, 2, 3, 2, 4, 6, 0, 0, 0]), [3, 3]) }
 * const [u] = tx.update(grads, tx.init(params), params)
 * Array.from(u.w.data, (x) => x.toFixed(3)).join(' ') // => '1.000 2.000 3.000 2.000 4.000 6.000 0.000 0.000 0.000'
 *
 * @throws InvalidOption at construction, for what is no communicator or an option out of range; at update, CommunicationError when ranks have
 * gradients of different forms, with rank and path, or one is late or lost.
 * @see Vogels et al. (2019), PowerSGD: Practical Low-Rank Gradient Compression for Distributed Optimization, algorithms 1 and 2, {@link https://arxiv.org/abs/1905.13727}
 */
export const powerSgd = (comm: Communicator, options: PowerSgdOptions = {}): GradientTransformation<PowerSgdState> => {
  const { rank, minCompressionRate, warmup, key } = withDefaults<Required<PowerSgdOptions>>('powerSgd', options, {
    rank: 1,
    minCompressionRate: 2,
    warmup: 0,
    key: 0
  })
  check('powerSgd', { comm }, aCommunicator)
  check('powerSgd', { rank }, positiveInteger)
  check('powerSgd', { minCompressionRate }, positive)
  check('powerSgd', { warmup }, nonNegativeInteger)
  check('powerSgd', { key }, keyOrSeed)
  const first = typeof key === 'number' ? random.key(key) : key

  /** How many columns the factors of a leaf have; 0 where it is sent whole. */
  const columnsFor = (x: Operand): number => {
    if (!hasElements(x) || shapeOf(x).length < 2) return 0
    const [m, n] = sidesOf(x)
    const columns = Math.min(rank, m, n)
    return (m + n) * columns * minCompressionRate < m * n ? columns : 0
  }

  return transformation<PowerSgdState>({
    origin: ['powerSgd', comm, { ...options }],
    init: (params) => {
      let place = 0
      const drawn = (p: Operand): Operand => {
        const own = random.foldIn(first, place++)
        const columns = columnsFor(p)
        return columns === 0 ? 0 : directions(own, sidesOf(p)[1], columns, isDouble(p))
      }
      const q = tree.map(drawn, params)
      const residual = tree.map((p) => (columnsFor(p) === 0 ? 0 : tree.zerosLike(tree.widen(p) as Operand)), params)
      return { count: 0, residual: residual as Tree, q }
    },
    update: (updates, state) => {
      const count = state.count + 1
      if (count <= warmup) return [meanOverRanks(comm, updates), { ...state, count }]

      const wanted = tree.map((g, e, q) => (isFactor(q) ? add(g, e) : g), updates, state.residual, state.q)
      const left = meanOverRanks(
        comm,
        tree.map((m, q) => (isFactor(q) ? matmul(asMatrix(m), q) : m), wanted, state.q)
      )
      const p = tree.map((x, q) => (isFactor(q) ? madeOrthonormal(x) : 0), left, state.q)
      const right = meanOverRanks(
        comm,
        tree.map((m, x) => (isFactor(x) ? matmul(asMatrix(m), x, { transposeA: true }) : 0), wanted, p)
      )
      const sent = tree.map(
        (g, whole, x, r) =>
          isFactor(x) ? castLike(reshape(matmul(x, r, { transposeB: true }), shapeOf(g)), g) : whole,
        updates,
        left,
        p,
        right
      )
      const residual = tree.map((m, u, q) => (isFactor(q) ? sub(m, u) : 0), wanted, sent, state.q)
      const q = tree.map((r, old) => (isFactor(old) ? madeOrthonormal(r, old) : 0), right, state.q)
      return [sent, { count, residual: tree.castLike(residual, state.residual), q: tree.castLike(q, state.q) }]
    }
  })
}

/** Whether a leaf of Q, or of P, is a factor, and not the 0 that stands for what is not compressed. */
const isFactor = (x: Operand): boolean => typeof x !== 'number' && !(x instanceof Expr && x.isScalar)

/** How many rows and columns a leaf has as a matrix: its first axis against all others. */
const sidesOf = (x: Operand): readonly [number, number] => {
  const [rows = 1, ...others] = shapeOf(x)
  return [rows, others.reduce((product, length) => product * length, 1)]
}

const asMatrix = (x: Operand): Expr => reshape(x, sidesOf(x))

const isDouble = (x: Operand): boolean => hasElements(x) && x.dtype === 'float64'

/** Random orthonormal columns. */
const directions = (key: Key, rows: number, columns: number, isWide: boolean): NdArray => {
  const drawn = random.normal(key, [rows, columns], { dtype: isWide ? 'float64' : 'float32' })
  const elements = orthonormal(drawn.data, columns)
  return isWide ? ndarray(elements, [rows, columns]) : ndarray(Float32Array.from(elements), [rows, columns])
}

/** A matrix with its columns made orthonormal; one that is no direction is that of another matrix, or zeros. */
const madeOrthonormal = (x: Operand, instead?: Operand): Expr =>
  opaque(
    function orthonormalColumns(matrix, other) {
      const out = matrix.data.slice()
      out.set(orthonormal(matrix.data, matrix.shape[1] as number, other?.data))
      return out
    },
    instead === undefined ? [x] : [x, instead],
    { like: x }
  )
