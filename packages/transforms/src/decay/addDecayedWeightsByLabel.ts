import {
  add,
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
import type { AddDecayedWeightsState } from './addDecayedWeights.js'

/**
 * Adds to each update a share of the param it belongs to, the share of its label: weight decay of its own for parts of a model.
 *
 * For each leaf g of the updates with the params p and the label l, at step t = 0, 1, 2, …:
 *
 *     u = g + λ(t) p           λ = weightDecays[l]
 *     u = g                    where λ(t) = 0
 *
 * Labels are a tree shaped like the params or like a prefix of them, or a function of the params, as in {@link partition}. After
 * it comes the learning rate, whose sign makes the params shrink.
 *
 * Laws: elementwise; affine in g and in p; on the leaves of a label it is {@link addDecayedWeights} of its share; a number is its
 * constant schedule; with shares of 0 it is the identity.
 *
 * @param weightDecays - the share λ, a finite number or a schedule, for each label.
 * @param labels - the label of each leaf.
 *
 * @example
 * const tx = addDecayedWeightsByLabel({ kernel: 0.5, bias: 0 }, { w: 'kernel', b: 'bias' })
 * const params = { w: new Float32Array([2, 4]), b: 3 }
 * const grads = { w: new Float32Array([1, 1]), b: 1 }
 * tx.update(grads, tx.init(params), params)[0] // => { w: Float32Array [2, 3], b: 1 }
 *
 * @throws InvalidOption for a share that is none, and for a label without one; at init and update, InvalidTree where the labels do
 * not fit the params.
 * @see addDecayedWeights, scaleByLabel
 */
export const addDecayedWeightsByLabel = <P = Tree<Leaf>, const M = never>(
  weightDecays: Readonly<Record<string, ScalarOrSchedule>>,
  labels: Labels<P, M>
): GradientTransformation<AddDecayedWeightsState> => {
  const sharesAt = valuesByLabel('addDecayedWeightsByLabel', 'weightDecays', weightDecays, orSchedule(finite), labels)

  return transformation<AddDecayedWeightsState>({
    origin: ['addDecayedWeightsByLabel', { ...weightDecays }, labels],
    init: (params) => {
      // Only to have labels that do not fit refused before the first update.
      sharesAt(params, 0)
      return { count: 0 }
    },
    update: (updates, { count }, params) => {
      const shares = sharesAt(params, count)
      const decayed = tree.map((g, p, share) => (share === 0 ? g : add(g, mul(share, p))), updates, params, shares)
      return [decayed, { count: count + 1 }]
    }
  })
}
