import {
  type Bound,
  type Differentiable,
  evaluatedLike,
  type Fitting,
  grad,
  type Like,
  type Tree,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type AttackNorm, checkAttack, steepest } from '../internal/attack.js'

/** Options of {@link fgsm}. */
export interface FgsmOptions {
  /** How far from the input the result may be, ε, finite and > 0. @defaultValue `0.1` */
  readonly epsilon?: number | undefined
  /** The norm that measures it: the largest magnitude, or the Euclidean length of all leaves together. @defaultValue `'linf'` */
  readonly norm?: AttackNorm | undefined
  /** Which inputs there are, as a projection onto them, such as `(x) => projectionBox(x, 0, 1)`; by default all. */
  readonly projection?: ((x: Tree) => Tree) | undefined
}

/**
 * A function that finds an adversarial input: one step to where the loss grows fastest, as far as allowed.
 *
 *     x' = Π(x + ε sign ∇)                by the largest magnitude
 *     x' = Π(x + ε ∇ / ‖∇‖)               by the Euclidean length; x' = x where ∇ = 0
 *
 * for the gradient ∇ of the loss by its first argument, the input, and the projection Π. Other arguments, such as params and labels, are
 * handed on. What it gives has the form of the input; train on it in place of the input, or beside it. Of a batch, the steps by the largest
 * magnitude are those of its examples; by the Euclidean length it is one vector.
 *
 * Laws: no element is farther than ε from the input, or the input as a whole; a linear loss grows by as much as any such step can make it,
 * where there is no projection; a loss times a positive number changes nothing for signs.
 *
 * @param loss - a function of the input, a tree of expressions, and of whatever else, that gives a lazy scalar.
 *
 * @example
 * const loss = (x: Operand, w: Float32Array) => dot(x, w)
 * fgsm(loss, { epsilon: 0.5 })(new Float32Array([1, 1, 1]), new Float32Array([3, -4, 0])) // => Float32Array [1.5, 0.5, 1]
 * fgsm(loss, { epsilon: 0.5, norm: 'l2' })(new Float64Array([1, 1, 1]), new Float32Array([3, -4, 0])) // => Float64Array [1.3, 0.6, 1]
 *
 * @throws InvalidOption when an option is out of range or the loss no function; when called, as {@link grad}.
 * @see Goodfellow, Shlens and Szegedy (2014), Explaining and Harnessing Adversarial Examples, section 4,
 * {@link https://arxiv.org/abs/1412.6572}
 * @see pgd
 */
export function fgsm<A, Rest extends readonly unknown[]>(
  loss: Differentiable<A, Rest, Value>,
  options?: FgsmOptions
): <P extends Bound<A>>(x: P & Fitting<P, A>, ...rest: Rest) => Like<P>
export function fgsm(loss: unknown, options: FgsmOptions = {}): unknown {
  const chosen = withDefaults<Chosen>('fgsm', options, { epsilon: 0.1, norm: 'linf', projection: undefined })
  checkAttack('fgsm', loss, chosen)
  const { epsilon, norm, projection = (x: Tree) => x } = chosen
  // That it can be differentiated is seen when it is.
  const gradient = grad(loss as (x: Tree, ...rest: readonly unknown[]) => Value)

  return (x: Tree, ...rest: readonly unknown[]): Tree =>
    evaluatedLike('fgsm', x, (values: Tree) => {
      const direction = steepest(gradient(values, ...rest), norm)
      return projection(tree.addScale(values, epsilon, direction))
    })
}

/** The options with their defaults. */
interface Chosen {
  readonly epsilon: number
  readonly norm: AttackNorm
  readonly projection: ((x: Tree) => Tree) | undefined
}
