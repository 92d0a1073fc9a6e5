import {
  type Given,
  mul,
  type Operand,
  square,
  sub,
  type Tree,
  type Valid,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { beside } from '../internal/beside.js'

/** Options of {@link ewcPenalty}. */
export interface EwcPenaltyOptions {
  /**
   * How much each param matters, ≥ 0: a tree like the params, or a prefix of one, where a number stands for all that is below its place.
   * It is the diagonal of the Fisher information of what was learned, as `diagonalFisher` gives it. @defaultValue `1`
   */
  readonly importance?: Tree | undefined
}

/**
 * How far params have gone from where they were good, to be added to a loss: what keeps a model from forgetting what it learned before,
 * elastic weight consolidation.
 *
 *     ½ Σ F (p − p*)²        its gradient is F (p − p*)
 *
 * for the params p, what they were p* and their importance F. A lazy scalar, 0 for an empty tree. Multiply it by the λ of the paper. For
 * several tasks add one penalty for each, or keep one with the F of all added up and the last p*. With the importance 1 it is L2-SP, for
 * fine-tuning.
 *
 * Laws: ≥ 0, and 0 at p*; linear in F; with F = 1 and p* = 0 it is `l2Penalty`; a tree and its flattened vector have the same, up to
 * rounding.
 *
 * @param params - the params p.
 * @param anchor - what they were p*: a tree like the params, or a prefix of one.
 *
 * @example
 * const anchor = { w: new Float32Array([1, 1]) }
 * const importance = { w: new Float32Array([10, 0]) }
 * read(ewcPenalty({ w: new Float32Array([2, 9]) }, anchor, { importance })) // => 5
 * grad((params: { w: Operand }) => ewcPenalty(params, anchor, { importance }))({ w: new Float32Array([2, 9]) }) // => { w: Float32Array [10, 0] }
 *
 * @throws InvalidTree for what is no tree of arrays, and for an anchor or an importance that does not fit it, with the path.
 * @see Kirkpatrick et al. (2017), Overcoming catastrophic forgetting in neural networks, equation 3,
 * {@link https://arxiv.org/abs/1612.00796}
 * @see Li, Grandvalet and Davoine (2018), Explicit Inductive Bias for Transfer Learning with Convolutional Networks, equation 2,
 * {@link https://arxiv.org/abs/1802.01483}
 * @see l2Penalty, diagonalFisher
 */
export const ewcPenalty = <P>(
  params: Valid<P>,
  anchor: NoInfer<Given<P>> | Tree,
  options: EwcPenaltyOptions = {}
): Value => {
  const { importance } = withDefaults<{ importance: Tree }>('ewcPenalty', options, { importance: 1 })
  // What is valid is a tree, and so is what is given like it.
  const values = params as Tree
  const start = beside('ewcPenalty', 'anchor', anchor as Tree, values, 'params')
  const matters = beside('ewcPenalty', 'importance', importance, values, 'params')
  const squares = tree.map(
    (p: Operand, at: Operand, weight: Operand): Value => mul(weight, square(sub(p, at))),
    values,
    start,
    matters
  )
  return mul(0.5, tree.sum(squares))
}
