import {
  add,
  boolean,
  broadcast,
  callable,
  check,
  type DType,
  div,
  Expr,
  finite,
  type GradientTransformation,
  mean,
  mul,
  nonNegative,
  type Operand,
  positiveInteger,
  rsqrt,
  shapeOf,
  sqrt,
  square,
  sum,
  type Tree,
  transformation,
  updateMoment,
  type Value,
  withDefaults,
  zerosLike
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByFactoredRms}. */
export interface ScaleByFactoredRmsOptions {
  /** Whether large matrices are factored at all. @defaultValue `true` */
  readonly factored?: boolean
  /** The exponent c with which the decay rate nears 1, finite and ≥ 0. @defaultValue `0.8` */
  readonly decayRate?: number
  /** The step that counts as the first one for the decay rate, finite. @defaultValue `0` */
  readonly stepOffset?: number
  /** Arrays whose two longest axes are both at least this long are factored, a whole number ≥ 1. @defaultValue `128` */
  readonly minDimSizeToFactor?: number
  /** Added to each square, finite and ≥ 0. @defaultValue `1e-30` */
  readonly epsilon?: number
  /** The decay rate at a step 0, 1, 2, …, given c. @defaultValue `(step, c) => 1 - (step + 1) ** -c` */
  readonly decayRateFn?: (step: number, decayRate: number) => number
  /** The dtype in which the mean squares are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByFactoredRms}. What an array does not need is the number 0. */
export interface ScaleByFactoredRmsState {
  /** How many updates were seen. */
  readonly count: number
  /** Of factored arrays the mean squares R along the longest axis, which stays with length 1. */
  readonly vRow: Tree
  /** Of factored arrays the mean squares C along the second longest axis, which stays with length 1. */
  readonly vCol: Tree
  /** Of all other arrays the mean squares v. */
  readonly v: Tree
}

/**
 * Divides each update by the root of a running mean of its square, of which large matrices keep only the means of rows and of
 * columns: Adafactor without the learning rate, clipping and scaling.
 *
 * For the update g at step t = 0, 1, 2, …, β = decayRateFn(t − stepOffset, c), from R = C = v = 0, elementwise in a leaf that is
 * not factored:
 *
 *     v ← β v + (1 − β) (g² + epsilon)
 *     u = g / √v
 *
 * and in a factored one, with means along its longest axis and along its second longest:
 *
 *     R ← β R + (1 − β) mean(g² + epsilon)               along the longest
 *     C ← β C + (1 − β) mean(g² + epsilon)               along the second longest
 *     u = g / √(R C / mean(R))
 *
 * By default β = 1 − (t + 1)^−c is 0 at first: nothing is to be made up for. An m × n matrix needs m + n numbers.
 *
 * Laws: each leaf is treated as if it were alone; odd in the gradient; blind to its scale when epsilon = 0; at first u = ±1 where
 * nothing is factored; a leaf whose squares have rank 1 at all times has the same updates factored or not; rows and columns may
 * be permuted.
 *
 * Unlike Optax: β is computed in float64; before stepOffset it is that of step 0, where Optax has NaN.
 *
 * @example
 * const tx = scaleByFactoredRms({ minDimSizeToFactor: 2 })
 * const params = ndarray(new Float32Array(6), [2, 3])
 * const [u, state] = tx.update(ndarray([1, 1, 1, 2, 2, 2], [2, 3]), tx.init(params), params)
 * u.data // => Float32Array [1, 1, 1, 1, 1, 1]
 * state.vRow // => { dtype: 'float32', shape: [2, 1], data: Float32Array [1, 4] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what decayRateFn gives is no
 * number.
 * @see Shazeer and Stern (2018), algorithm 4, {@link https://arxiv.org/abs/1804.04235}
 * @see scaleByRms
 */
export const scaleByFactoredRms = (
  options: ScaleByFactoredRmsOptions = {}
): GradientTransformation<ScaleByFactoredRmsState> => {
  const chosen = withDefaults<Required<ScaleByFactoredRmsOptions>>('scaleByFactoredRms', options, {
    factored: true,
    decayRate: 0.8,
    stepOffset: 0,
    minDimSizeToFactor: 128,
    epsilon: 1e-30,
    decayRateFn: powerDecay,
    accumulatorDtype: undefined
  })
  const { factored, decayRate, stepOffset, minDimSizeToFactor, epsilon, decayRateFn, accumulatorDtype } = chosen
  check('scaleByFactoredRms', { factored }, boolean)
  check('scaleByFactoredRms', { decayRate, epsilon }, nonNegative)
  check('scaleByFactoredRms', { stepOffset }, finite)
  check('scaleByFactoredRms', { minDimSizeToFactor }, positiveInteger)
  check('scaleByFactoredRms', { decayRateFn }, callable)
  check('scaleByFactoredRms', { accumulatorDtype }, dtypeOption)
  const axesOf = (x: Operand): Axes | null => (factored ? longestAxes(shapeOf(x), minDimSizeToFactor) : null)
  const decayAt = (count: number): number =>
    valueAt('scaleByFactoredRms', (step) => decayRateFn(step, decayRate), Math.max(count - stepOffset, 0))

  return transformation<ScaleByFactoredRmsState>({
    origin: ['scaleByFactoredRms', { ...options }],
    init: (params) => ({
      count: 0,
      vRow: tree.map((p) => noMeans(p, axesOf(p)?.longest, accumulatorDtype), params),
      vCol: tree.map((p) => noMeans(p, axesOf(p)?.second, accumulatorDtype), params),
      v: tree.map((p) => (axesOf(p) === null ? zerosLike(p, accumulatorDtype) : 0), tree.widen(params))
    }),
    update: (updates, state) => {
      const decay = decayAt(state.count)
      const along = (axis: number | undefined, squares: Operand, means: Operand): Operand =>
        axis === undefined ? means : updateMoment(mean(squares, [axis]), means, decay, 1)
      const squares = tree.map((g) => add(square(g), epsilon), updates)
      const vRow = tree.map((s, r) => along(axesOf(s)?.longest, s, r), squares, state.vRow)
      const vCol = tree.map((s, c) => along(axesOf(s)?.second, s, c), squares, state.vCol)
      const v = tree.map((s, m) => (axesOf(s) === null ? updateMoment(s, m, decay, 1) : m), squares, state.v)
      const scaled = tree.map(
        (g: Operand, r: Operand, c: Operand, m: Operand): Operand => {
          const axes = axesOf(g)
          return emitLike(axes === null ? div(g, sqrt(m)) : unfactored(g, r, c, axes), g)
        },
        updates,
        vRow,
        vCol,
        v
      )
      const next = {
        count: state.count + 1,
        vRow: tree.castLike(vRow, state.vRow),
        vCol: tree.castLike(vCol, state.vCol),
        v: tree.castLike(v, state.v)
      }
      return [scaled, next]
    }
  })
}

interface Axes {
  readonly second: number
  readonly longest: number
}

const powerDecay = (step: number, decayRate: number): number => 1 - pow(step + 1, -decayRate)

/** The two longest axes, the later of equals being the longer; `null` when one of them is too short to be worth it. */
const longestAxes = (shape: readonly number[], least: number): Axes | null => {
  const order = shape.map((_, axis) => axis).sort((a, b) => (shape[a] as number) - (shape[b] as number))
  const [longest, second] = [order.at(-1), order.at(-2)]
  if (longest === undefined || second === undefined || (shape[second] as number) < least) return null
  return { second, longest }
}

// Of the sum only the shape is asked for.
const noMeans = (p: Operand, axis: number | undefined, dtype: DType | undefined): Value =>
  axis === undefined || !(p instanceof Expr) ? 0 : zerosLike(sum(p, [axis]), dtype)

const unfactored = (g: Operand, rows: Operand, columns: Operand, { second }: Axes): Value => {
  const shape = shapeOf(g)
  const ratio = div(rows, broadcast(mean(rows, [second]), shapeOf(rows)))
  return mul(mul(g, broadcast(rsqrt(ratio), shape)), broadcast(rsqrt(columns), shape))
}
