import {
  div,
  type EmptyState,
  type GradientTransformation,
  InvalidOption,
  less,
  mul,
  sub,
  type Tree,
  transformation,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { besideLike } from '../internal/besideOf.js'
import { quotient } from '../internal/quotient.js'

/** What the update of {@link agem} needs to be told. */
export interface AgemExtra {
  /** The gradients on examples of the tasks before, from a memory of some: a tree like the params; `null` for what a mask around leaves out. */
  readonly memoryGradients: Tree
}

/**
 * Keeps what is learned now from undoing what was learned before: averaged gradient episodic memory, A-GEM. It stands in front of
 * any optimizer.
 *
 * For the gradients g, all leaves together, and those m of the loss on examples that were kept of earlier tasks:
 *
 *     u = g − ⟨g, m⟩ / ‖m‖² · m       where ⟨g, m⟩ < 0
 *     u = g                           elsewhere
 *
 * So to first order no step makes the loss on those examples grow. {@link pcGrad} changes both gradients and adds them up; here the memory only
 * forbids.
 *
 * Laws: ⟨u, m⟩ ≥ 0, up to rounding; ‖u‖ ≤ ‖g‖; the length of m does not matter; odd in g and m together; where m = 0, u = g.
 *
 * @example
 * const tx = agem()
 * const params = { w: [0, 0] }
 * const [u] = tx.update({ w: [2, 1] }, tx.init(params), params, { memoryGradients: { w: [-4, 0] } })
 * u // => { w: [0, 1] }
 *
 * @throws InvalidOption at update, without the gradients of the memory; InvalidTree for some that do not fit the params.
 * @see Chaudhry et al. (2019), Efficient Lifelong Learning with A-GEM, equation 11, {@link https://arxiv.org/abs/1812.00420}
 * @see pcGrad
 */
export const agem = (): GradientTransformation<EmptyState, AgemExtra> =>
  transformation<EmptyState, AgemExtra>({
    origin: ['agem'],
    init: () => ({}),
    update: (updates, state, _params, extra) => {
      const given = tree.widen(updates)
      const memory = memoryOf(given, extra?.memoryGradients)
      const length = tree.norm(memory)
      const product = tree.vdot(given, memory)
      // Along the direction of the memory, whose length may have no square.
      const against = where(less(product, 0), div(product, length), 0)
      return [tree.map((g, m) => sub(g, mul(against, quotient(m, length))), given, memory), state]
    }
  })

/** The gradients of the memory, in the dtypes of those at hand. */
const memoryOf = (like: Tree, given: unknown): Tree => {
  if (given === undefined) {
    throw new InvalidOption('agem: memoryGradients must be a tree like the params, got undefined')
  }
  return besideLike({ owner: 'agem', name: 'memoryGradients', likeName: 'grads' }, given, like)
}
