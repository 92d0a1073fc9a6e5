import {
  add,
  biasCorrection,
  cast,
  check,
  div,
  Expr,
  exp,
  type GradientTransformation,
  InvalidOption,
  mul,
  neg,
  nonNegative,
  type Operand,
  required,
  show,
  sqrt,
  type Tree,
  tanh,
  transformation,
  updateMoment,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * The weights of {@link learnedOptimizer}: a tree of numbers, or of lazy scalars where it is trained. Every row has a weight for each input and
 * one that is added.
 */
export interface LearnedWeights<W extends Operand = Operand> {
  /** A row for each hidden unit. */
  readonly hidden: readonly (readonly W[])[]
  /** What the direction and the logarithm of the size are made of: the hidden units. */
  readonly output: readonly (readonly W[])[]
  /** What is added to these two: the features as they are. */
  readonly direct: readonly (readonly W[])[]
}

/** Options of {@link learnedOptimizer}. */
export interface LearnedOptimizerOptions {
  /** The weights of the network: what {@link metaTrain} gives, or {@link learnedWeights} before. */
  readonly weights: LearnedWeights
  /** Added to the root of the second moment, against division by zero, ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number | undefined
}

/** State of {@link learnedOptimizer}. */
export interface LearnedOptimizerState {
  /** How many updates were seen. */
  readonly count: number
  /** The averages of the gradient, by how long they remember: each shaped like the params. */
  readonly momenta: readonly Tree[]
  /** The average of the squared gradient, shaped like the params. */
  readonly nu: Tree
}

const DECAYS = [0.5, 0.9, 0.99] as const
const SQUARES = 0.99
/** After how many steps a feature of the time is half way. */
const TIMES = [3, 30] as const
/** How many features the network sees. */
const FEATURES = 1 + DECAYS.length + TIMES.length

/**
 * An optimizer that was learnt: a small network says of each parameter which way to go and how far, from its gradient and its averages. It is
 * the same for all parameters, so that it takes params of any size.
 *
 * Elementwise, for the gradient g at step t = 1, 2, …, from mᵢ = v = 0, with β = 0.5, 0.9, 0.99:
 *
 *     mᵢ ← βᵢ mᵢ + (1 − βᵢ) g          v ← 0.99 v + 0.01 g²
 *     s = √(v / (1 − 0.99ᵗ)) + eps
 *     z = (g / s, mᵢ / ((1 − βᵢᵗ) s), t / (t + 3), t / (t + 30), 1)          features
 *     h = tanh(hidden z)
 *     (d, a) = output (h, 1) + direct z
 *     u = −d eᵃ
 *
 * The weights of {@link learnedWeights} make it Adam nearly; {@link metaTrain} makes it better than that on problems of one kind. On others it
 * may be worse than anything: it knows what it was trained on.
 *
 * Laws: elementwise; blind to the scale of the gradient when eps = 0; differentiable in its weights.
 *
 * @example
 * const tx = learnedOptimizer({ weights: learnedWeights(random.key(0), { learningRate: 0.1 }) })
 * const params = { w: new Float64Array([1, -1]) }
 * const [next] = step(tx, { w: new Float64Array([5, -0.2]) }, tx.init(params), params)
 * next.w.map((w) => Math.round(100 * w) / 100) // => Float64Array [0.9, -0.9]
 *
 * @throws InvalidOption at construction, when the weights have another form or eps is outside its range.
 * @see Andrychowicz et al. (2016), Learning to learn by gradient descent by gradient descent,
 * {@link https://arxiv.org/abs/1606.04474}; Metz et al. (2020), Tasks, stability, architecture, and compute: Training more
 * effective learned optimizers, and using them to train themselves, {@link https://arxiv.org/abs/2009.11243}, for small networks
 * of such features
 */
export const learnedOptimizer = (options: LearnedOptimizerOptions): GradientTransformation<LearnedOptimizerState> => {
  const { weights, eps } = withDefaults<Required<LearnedOptimizerOptions>>('learnedOptimizer', options, {
    weights: required,
    eps: 1e-8
  }) as { weights: LearnedWeights; eps: number }
  check('learnedOptimizer', { eps }, nonNegative)
  const units = Array.isArray(weights?.hidden) ? weights.hidden.length : 0
  const isFitting =
    isTable(weights?.hidden, units, FEATURES + 1) &&
    isTable(weights.output, 2, units + 1) &&
    isTable(weights.direct, 2, FEATURES + 1)
  if (!isFitting) {
    throw new InvalidOption(
      `learnedOptimizer: weights must be what learnedWeights or metaTrain gives, got ${show(weights)}`
    )
  }

  return transformation<LearnedOptimizerState>({
    origin: ['learnedOptimizer', { ...options }],
    init: (params) => {
      const zeros = tree.zerosLike(tree.widen(params))
      return { count: 0, momenta: DECAYS.map(() => zeros), nu: zeros }
    },
    update: (updates, state) => {
      const count = state.count + 1
      const momenta = DECAYS.map((decay, i) =>
        tree.map((g, m) => updateMoment(g, m, decay, 1), updates, state.momenta[i] as Tree)
      )
      const nu = tree.map((g, v) => updateMoment(g, v, SQUARES, 2), updates, state.nu)
      const times = TIMES.map((half) => count / (count + half))
      const emitted = tree.map(
        (g: Operand, v: Operand, ...own: Operand[]) => {
          const size = add(sqrt(biasCorrection(v, SQUARES, count)), eps)
          const scaled = own.map((m, i) => div(biasCorrection(m, DECAYS[i] as number, count), size))
          return emitted32(moved(weights, [div(g, size), ...scaled, ...times]), g)
        },
        updates,
        nu,
        ...momenta
      )
      return [
        emitted,
        {
          count,
          momenta: momenta.map((m, i) => tree.castLike(m, state.momenta[i] as Tree)),
          nu: tree.castLike(nu, state.nu)
        }
      ]
    }
  })
}

/** An update in the dtype in which the gradient is computed with. */
const emitted32 = (update: Operand, gradient: Operand): Operand =>
  gradient instanceof Expr && gradient.dtype !== 'float64' ? cast(update, 'float32') : update

/** What the network makes of the features. */
const moved = ({ hidden, output, direct }: LearnedWeights, features: readonly Operand[]): Value => {
  const units = hidden.map((row) => tanh(weighted(row, features)))
  const [direction, size] = [0, 1].map((i) =>
    add(weighted(output[i] as readonly Operand[], units), weighted(direct[i] as readonly Operand[], features))
  ) as [Value, Value]
  return neg(mul(direction, exp(size)))
}

/** The inputs times the weights of a row, and the one that is added. */
const weighted = (row: readonly Operand[], inputs: readonly Operand[]): Value =>
  inputs.reduce<Value>((sum, input, i) => add(sum, mul(row[i] as Operand, input)), row[inputs.length] as Value)

const isTable = (rows: unknown, count: number, width: number): boolean =>
  Array.isArray(rows) && rows.length === count && rows.every((row) => Array.isArray(row) && row.length === width)
