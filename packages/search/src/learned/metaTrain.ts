import {
  add,
  applyUpdates,
  callable,
  chain,
  check,
  definitionOf,
  type GradientTransformation,
  grad,
  type Key,
  keyOrSeed,
  type Leaf,
  log,
  mul,
  positiveInteger,
  random,
  required,
  step,
  type Tree,
  type Value,
  valueAndGrad,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { adam } from '@gradchain/optimizers'
import { clipByGlobalNorm } from '@gradchain/transforms'
import { type LearnedOptimizerState, type LearnedWeights, learnedOptimizer } from './learnedOptimizer.js'

/** A problem that an optimizer is trained on, or several side by side in the params of one. */
export interface LearningTask {
  /** Where it begins. */
  readonly params: Tree<Leaf>
  /** The loss whose gradient the optimizer is given: a lazy scalar. */
  readonly loss: (params: Tree) => Value
  /** What is to fall by training; the logarithm of the loss, where nothing is said. */
  readonly score?: ((params: Tree) => Value) | undefined
}

/** Options of {@link metaTrain}. */
export interface MetaTrainOptions {
  /** The weights to begin with: those of `learnedWeights`, or of a training before. */
  readonly weights: LearnedWeights<number>
  /** Where the problems come from: a key, or the seed of one. */
  readonly key: Key | number
  /** How many steps on a problem are looked at, a whole number ≥ 1. @defaultValue `20` */
  readonly unroll?: number | undefined
  /** How many times the weights are updated, a whole number ≥ 1. @defaultValue `100` */
  readonly steps?: number | undefined
  /** What updates the weights. @defaultValue `chain(clipByGlobalNorm(1), adam(0.02))` */
  readonly optimizer?: GradientTransformation<unknown> | undefined
}

/** What comes out of {@link metaTrain}. */
export interface MetaTrained {
  /** The weights, of the form of those it began with. */
  readonly weights: LearnedWeights<number>
  /** What was to fall, on the problem of each update. */
  readonly scores: readonly number[]
}

/**
 * Trains a {@link learnedOptimizer} on problems of one kind: by the derivative, by its weights, of what it comes to, through all the updates that it
 * makes on the way.
 *
 * For each update of the weights w, with a problem drawn with a key of its own, its score s and T = unroll steps x₁, …, x_T of
 * `learnedOptimizer({ weights: w })` on its loss from its params
 *
 *     J(w) = ½ s(x_T) + ½ mean over t = 1 … T of s(xₜ)        s = log(loss), where nothing else is said
 *     w ← w + optimizer(∇J)
 *
 * The logarithm counts every factor alike by which a loss falls, on the way and in the end; the loss must be above 0 then. A gradient of the weights
 * that is not finite is left out. As the network works elementwise, one problem may be many side by side: params with one row for each, a
 * loss that is their sum, and a score that is the mean of their logarithms.
 *
 * Laws: the same arguments give the same bits; the weights keep their form.
 *
 * @param family - a problem out of a key.
 *
 * @example
 * const family = (key: Key): LearningTask => {
 *   const scales = random.uniform(key, [3], { dtype: 'float64', minval: 0.1, maxval: 1 }).data
 *   return { params: { x: new Float64Array([1, 1, 1]) }, loss: (p) => sum(mul(scales, square((p as { x: Operand }).x))) }
 * }
 * const weights = learnedWeights(random.key(0), { learningRate: 0.01, hidden: 2 })
 * const { scores } = metaTrain(family, { weights, key: 1, unroll: 3, steps: 8 })
 * const [first = 0, , , , , last = 0] = scores
 * last < first // => true
 *
 * @throws InvalidOption when an option is outside its range or a loss is no lazy scalar.
 * @see Andrychowicz et al. (2016), {@link https://arxiv.org/abs/1606.04474}
 */
export const metaTrain = (family: (key: Key) => LearningTask, options: MetaTrainOptions): MetaTrained => {
  const given = withDefaults<Required<MetaTrainOptions>>('metaTrain', options, {
    weights: required,
    key: required,
    unroll: 20,
    steps: 100,
    optimizer: chain(clipByGlobalNorm(1), adam(0.02)) as GradientTransformation<unknown>
  }) as { [K in keyof MetaTrainOptions]-?: NonNullable<MetaTrainOptions[K]> }
  const { key, unroll, steps, optimizer } = given
  check('metaTrain', { family }, callable)
  check('metaTrain', { key }, keyOrSeed)
  check('metaTrain', { unroll, steps }, positiveInteger)
  definitionOf('metaTrain: optimizer', optimizer)
  const root = typeof key === 'number' ? random.key(key) : key

  let weights = given.weights as unknown as Tree<Leaf>
  let state = optimizer.init(weights)
  const scores: number[] = []
  for (let t = 0; t < steps; t++) {
    const task = family(random.foldIn(root, t))
    const [value, gradient] = valueAndGrad((w: Tree) => unrolled(w as unknown as LearnedWeights, task, unroll))(weights)
    scores.push(value)
    if (!isFiniteTree(gradient)) continue
    ;[weights, state] = step(optimizer, gradient, state, weights)
  }
  return { weights: weights as unknown as LearnedWeights<number>, scores }
}

/** What the optimizer of some weights comes to on a problem. */
const unrolled = (
  weights: LearnedWeights,
  { params, loss, score = (p) => log(loss(p)) }: LearningTask,
  steps: number
): Value => {
  const tx = learnedOptimizer({ weights })
  let current: Tree = params
  let state = tx.init(params)
  let total: Value = 0
  let last: Value = 0
  for (let t = 0; t < steps; t++) {
    const gradient: Tree = grad(loss)(current)
    const [updates, next]: readonly [Tree, LearnedOptimizerState] = tx.update(gradient, state, current)
    current = applyUpdates(current, updates)
    state = next
    last = score(current)
    total = add(total, last)
  }
  return add(mul(0.5, last), mul(0.5 / steps, total))
}

const isFiniteTree = (gradient: Tree<Leaf>): boolean =>
  tree.leaves(gradient).every((leaf) => {
    if (typeof leaf === 'number') return Number.isFinite(leaf)
    return Array.from('shape' in leaf ? leaf.data : leaf).every(Number.isFinite)
  })
