import {
  add,
  boolean,
  callable,
  check,
  div,
  Expr,
  exp,
  force,
  type Key,
  type Leaf,
  mul,
  neg,
  type Operand,
  oneOf,
  positive,
  positiveInteger,
  square,
  stopGradient,
  sub,
  sum,
  type Tree,
  type Value,
  viewsOf,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { isObject } from '../internal/requirements.js'

/** A distribution of noise. */
export interface Noise {
  /** Draws numbers, as `random.normal` does. */
  readonly sampler: tree.Sampler
  /** The logarithm of the density at each number, but for a constant. */
  logProb(z: Operand): Operand
}

/** Options of {@link makePerturbedFun}. */
export interface MakePerturbedFunOptions {
  /** How many outputs are averaged. @defaultValue `1000` */
  readonly numSamples?: number
  /** The size σ of the noise, finite and > 0. @defaultValue `0.1` */
  readonly sigma?: number
  /** The distribution of the noise: by its name, or one of your own. @defaultValue `'gumbel'` */
  readonly noise?: 'gumbel' | 'normal' | Noise
  /** Whether what the function gives without noise is taken from what it gives with it, which makes derivatives less noisy. @defaultValue `true` */
  readonly useBaseline?: boolean
}

/** A smoothed function: a single array or number where the function gives one, otherwise a tree; lazy. */
export type PerturbedFun<Result> = (key: Key, inputs: Tree) => Result extends Operand ? Value : Tree

/**
 * Makes a function that can be differentiated out of one that cannot, such as the place of a maximum or an assignment: the mean of
 * what it gives at places nearby.
 *
 * For noise z with the density p, all leaves of the inputs x together:
 *
 *     f_σ(x) = E f(x + σ z) ≈ Σᵢ f(x + σ zᵢ) / numSamples
 *     ∇f_σ(x) ≈ Σᵢ (f(x + σ zᵢ) − f(x)) · (−∇ln p(zᵢ) / σ) / numSamples          without f(x) unless useBaseline
 *
 * so that of f only values are needed, and derivatives of any order are right on average. With `'gumbel'` noise the place of the largest
 * element, as a vector of zeros and a one, becomes softmax(x / σ).
 *
 * The function is called with arrays, numSamples times and once more for the baseline; its result is a tree of one structure. The noise
 * depends on the key alone and is that of Optax.
 *
 * Laws: the same key gives the same result; where f is linear f_σ is f, but for the mean of the noise; a constant has no derivative.
 *
 * @param fun - a pure function of a tree of arrays.
 *
 * @example
 * const largest = (x: Float64Array) => x.map((xi) => (xi === Math.max(...x) ? 1 : 0))
 * const soft = makePerturbedFun(largest, { numSamples: 200, sigma: 1 })
 * const shares = force(soft(random.key(0), new Float64Array([Math.log(3), 0]))) as Float64Array
 * Math.abs((shares[0] ?? 0) - 0.75) < 0.1 // => true
 *
 * @throws InvalidOption when an option is outside its range; when called, for what is no key.
 * @see Berthet et al. (2020), Learning with Differentiable Perturbed Optimizers, {@link https://arxiv.org/abs/2002.08676};
 * Foerster et al. (2018), DiCE: The Infinitely Differentiable Monte-Carlo Estimator, {@link https://arxiv.org/abs/1802.05098}
 */
export const makePerturbedFun = <Inputs, Result>(
  fun: (inputs: Inputs) => Result,
  options: MakePerturbedFunOptions = {}
): PerturbedFun<Result> => {
  const { numSamples, sigma, noise, useBaseline } = withDefaults<Required<MakePerturbedFunOptions>>(
    'makePerturbedFun',
    options,
    { numSamples: 1000, sigma: 0.1, noise: 'gumbel', useBaseline: true }
  )
  check('makePerturbedFun', { fun }, callable)
  check('makePerturbedFun', { numSamples }, positiveInteger)
  check('makePerturbedFun', { sigma }, positive)
  check('makePerturbedFun', { noise }, aNoise)
  check('makePerturbedFun', { useBaseline }, boolean)
  const { sampler, logProb } = typeof noise === 'string' ? NOISES[noise] : noise
  // What it is given is shaped like its inputs, and what it gives is a tree.
  const valueAt = (inputs: Tree<Leaf>): Tree<Leaf> => force(fun(inputs as Inputs) as unknown as Tree)

  const perturbed = (key: Key, inputs: Tree): Tree => {
    const at = viewsOf(inputs)
    const isLazy = tree.leaves<Operand>(inputs).some((x) => x instanceof Expr)
    const baseline = useBaseline && isLazy ? valueAt(copyOf(at)) : null
    const outputs = random.split(key, numSamples).map((own) => {
      const shifted = force(tree.addScale(at, sigma, tree.randomLike(own, at, { sampler })))
      const value = valueAt(copyOf(shifted))
      // Arrays have no derivative to be asked for.
      if (!isLazy) return value
      const drawn = tree.map((x, y) => div(sub(y, x), sigma), inputs, shifted)
      const box = boxOf(tree.sum(tree.map((z) => sum(logProb(z)), drawn)))
      if (baseline === null) return tree.map((v) => mul(box, v), value)
      return tree.map((v, b) => add(mul(box, v), mul(sub(1, box), b)), value, baseline)
    })
    const total = outputs.reduce<Tree>(
      (sums, output) => tree.map(add, sums, output),
      tree.zerosLike(outputs[0] as Tree)
    )
    return tree.map((x) => div(x, numSamples), total)
  }
  // A tree of a single leaf is that leaf.
  return perturbed as PerturbedFun<Result>
}

/** 1, with the derivative of x. */
const boxOf = (x: Value): Value => exp(sub(x, stopGradient(x)))

/** What a function of users may write to. */
const copyOf = (values: Tree<Leaf>): Tree<Leaf> =>
  tree.map((leaf: Leaf): Leaf => {
    if (typeof leaf === 'number') return leaf
    return 'shape' in leaf ? ({ ...leaf, data: leaf.data.slice() } as Leaf) : leaf.slice()
  }, values)

const NOISES: Readonly<Record<'gumbel' | 'normal', Noise>> = {
  gumbel: { sampler: random.gumbel, logProb: (z) => sub(neg(z), exp(neg(z))) },
  normal: { sampler: random.normal, logProb: (z) => mul(-0.5, square(z)) }
}

const NAMES = /* @__PURE__ */ oneOf('gumbel', 'normal')

const aNoise = {
  what: '"gumbel", "normal" or an object { sampler, logProb } of functions',
  holds: (value: unknown) =>
    NAMES.holds(value) ||
    (isObject(value) && typeof value['sampler'] === 'function' && typeof value['logProb'] === 'function')
}
