import {
  finite,
  type GradientTransformation,
  type Leaf,
  mul,
  orSchedule,
  type Tree,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { valuesByLabel } from '../internal/byLabel.js'
import type { Labels } from '../selection/partition.js'

/** State of {@link scaleByLabel}. */
export interface ScaleByLabelState {
  /** How many updates were seen; schedules are asked for the value at this step. */
  readonly count: number
}

/**
 * Multiplies the updates of each leaf by the factor of its label: learning rates of their own for parts of a model.
 *
 * For each leaf g of the updates with the label l, at step t = 0, 1, 2, …:
 *
 *     u = factors[l](t) g
 *
 * Labels are a tree shaped like the params or like a prefix of them, or a function of the params, as in {@link partition}. Unlike
 * there all leaves go through the same transformations, with one state and one global norm. It may stand anywhere after what
 * normalises updates, such as `scaleByAdam`; the sign of a learning rate is not changed here.
 *
 * Laws: elementwise; linear; on the leaves of a label it is `scaleBySchedule` of its factor; a number is its constant schedule; a
 * factor of 1 is the identity.
 *
 * @param factors - a finite number, or a schedule, for each label.
 * @param labels - the label of each leaf.
 *
 * @example
 * const tx = chain(scaleByLabel({ slow: 0.1, fast: 1 }, { backbone: 'slow', head: 'fast' }), scaleByLearningRate(0.5))
 * const params = { backbone: [0, 0], head: { kernel: 0, bias: 0 } }
 * const grads = { backbone: [10, 20], head: { kernel: 4, bias: 8 } }
 * tx.update(grads, tx.init(params), params)[0] // => { backbone: [-0.5, -1], head: { kernel: -2, bias: -4 } }
 *
 * @throws InvalidOption for a factor that is none, and for a label without one; at init and update, InvalidTree where the labels do
 * not fit the params.
 * @see layerwiseLrDecay, partition
 */
export const scaleByLabel = <P = Tree<Leaf>, const M = never>(
  factors: Readonly<Record<string, ScalarOrSchedule>>,
  labels: Labels<P, M>
): GradientTransformation<ScaleByLabelState> => {
  const factorsAt = valuesByLabel('scaleByLabel', 'factors', factors, orSchedule(finite), labels)

  return transformation<ScaleByLabelState>({
    origin: ['scaleByLabel', { ...factors }, labels],
    init: (params) => {
      // Only to have labels that do not fit refused before the first update.
      factorsAt(params, 0)
      return { count: 0 }
    },
    update: (updates, { count }, params) => [
      tree.map((g, factor) => mul(factor, g), updates, factorsAt(params, count)),
      { count: count + 1 }
    ]
  })
}
