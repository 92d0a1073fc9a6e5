import {
  type Bound,
  check,
  type Differentiable,
  evaluatedLike,
  type Fitting,
  grad,
  type Key,
  keyOrSeed,
  type Like,
  optional,
  positive,
  positiveInteger,
  type Tree,
  type Value,
  withDefaults
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { type AttackNorm, checkAttack, steepest } from '../internal/attack.js'
import { projectionL2Ball } from '../projections/projectionL2Ball.js'
import { projectionLinfBall } from '../projections/projectionLinfBall.js'

/** Options of {@link pgd}. */
export interface PgdOptions {
  /** How far from the input the result may be, ε, finite and > 0. @defaultValue `0.1` */
  readonly epsilon?: number | undefined
  /** How far a step goes, α, finite and > 0. @defaultValue `2.5 * epsilon / steps` */
  readonly stepSize?: number | undefined
  /** How many steps there are, at least 1. @defaultValue `10` */
  readonly steps?: number | undefined
  /** The norm that measures both: the largest magnitude, or the Euclidean length of all leaves together. @defaultValue `'linf'` */
  readonly norm?: AttackNorm | undefined
  /** Which inputs there are, as a projection onto them, such as `(x) => projectionBox(x, 0, 1)`; by default all. */
  readonly projection?: ((x: Tree) => Tree) | undefined
  /** A key, or the seed of one, to start at random within ε; by default it starts at the input. */
  readonly key?: Key | number | undefined
}

/**
 * A function that finds an adversarial input by projected gradient ascent: steps to where the loss grows fastest, none of them leaving what
 * is allowed.
 *
 *     x₀ = x, or Π(x + ν)        xₖ₊₁ = Π(x + B(xₖ + α s(∇ₖ) − x))        x' = x_steps
 *
 * for the gradients ∇ₖ of the loss by its first argument, with s = sign and B the projection onto the ball of radius ε of the largest
 * magnitude, or s(∇) = ∇ / ‖∇‖ and the Euclidean ball; Π is the projection onto the inputs that there are. With a key the start ν is uniform
 * in the ball: in each element for the largest magnitude, else of a uniform direction and a length that makes it uniform. Other arguments of
 * the loss are handed on; what it gives has the form of the input.
 *
 * Laws: no element is farther than ε from the input, or the input as a whole, up to rounding, as long as Π is onto a convex set that has the
 * input; one step of α ≥ ε from the input is {@link fgsm}; the same key gives the same result.
 *
 * @param loss - a function of the input, a tree of expressions, and of whatever else, that gives a lazy scalar.
 *
 * @example
 * const loss = (x: Operand, target: number) => sumSquares(sub(x, target))
 * const attack = pgd(loss, { epsilon: 0.5, steps: 5 })
 * attack(new Float32Array([0.75, -0.25]), 0) // => Float32Array [1.25, -0.75]
 * const onPixels = pgd(loss, { epsilon: 0.5, steps: 5, projection: (x) => projectionBox(x, 0, 1), key: 7 })
 * onPixels(new Float32Array([0.75, 0.25]), 0) // => Float32Array [1, 0.75]
 *
 * @throws InvalidOption when an option is out of range or the loss no function; when called, as {@link grad}.
 * @see Madry et al. (2017), Towards Deep Learning Models Resistant to Adversarial Attacks, section 2.1,
 * {@link https://arxiv.org/abs/1706.06083}
 * @see fgsm
 */
export function pgd<A, Rest extends readonly unknown[]>(
  loss: Differentiable<A, Rest, Value>,
  options?: PgdOptions
): <P extends Bound<A>>(x: P & Fitting<P, A>, ...rest: Rest) => Like<P>
export function pgd(loss: unknown, options: PgdOptions = {}): unknown {
  const chosen = withDefaults<Chosen>('pgd', options, {
    epsilon: 0.1,
    stepSize: undefined,
    steps: 10,
    norm: 'linf',
    projection: undefined,
    key: undefined
  })
  checkAttack('pgd', loss, chosen)
  const { epsilon, steps, norm, key, projection = (x: Tree) => x } = chosen
  check('pgd', { steps }, positiveInteger)
  const { stepSize = (2.5 * epsilon) / steps } = chosen
  check('pgd', { stepSize }, positive)
  check('pgd', { key }, optional(keyOrSeed))
  // That it can be differentiated is seen when it is.
  const gradient = grad(loss as (x: Tree, ...rest: readonly unknown[]) => Value)
  const within = (offset: Tree): Tree =>
    norm === 'linf' ? projectionLinfBall(offset, epsilon) : projectionL2Ball(offset, epsilon)

  return (x: Tree, ...rest: readonly unknown[]): Tree =>
    evaluatedLike('pgd', x, (values) => {
      let at: Tree = values
      if (key !== undefined) {
        at = projection(
          tree.add(values, startIn(typeof key === 'number' ? random.key(key) : key, values, epsilon, norm))
        )
      }
      for (let step = 0; step < steps; step++) {
        const moved = tree.addScale(at, stepSize, steepest(gradient(at, ...rest), norm))
        at = projection(tree.add(values, within(tree.sub(moved, values))))
      }
      return at
    })
}

/** A random point of a ball. */
const startIn = (key: Key, like: Tree, epsilon: number, norm: AttackNorm): Tree => {
  if (norm === 'linf') {
    const sampler: tree.Sampler = (own, shape, { dtype }) =>
      random.uniform(own, shape, { dtype, minval: -epsilon, maxval: epsilon })
    return tree.randomLike(key, like, { sampler })
  }
  const [forDirection, forLength] = random.split(key)
  const direction = steepest(tree.randomLike(forDirection, like), norm)
  const share = random.uniform(forLength, [], { dtype: 'float64' }).data[0] as number
  return tree.scale(epsilon * pow(share, 1 / tree.size(like)), direction)
}

/** The options with their defaults. */
interface Chosen {
  readonly epsilon: number
  readonly stepSize: number | undefined
  readonly steps: number
  readonly norm: AttackNorm
  readonly projection: ((x: Tree) => Tree) | undefined
  readonly key: Key | number | undefined
}
