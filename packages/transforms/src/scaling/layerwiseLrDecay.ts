import {
  callable,
  check,
  type EmptyState,
  finite,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  required,
  transformation,
  withDefaults
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'

/** Options of {@link layerwiseLrDecay}. */
export interface LayerwiseLrDecayOptions {
  /** Factor γ from a layer to the one below it, in `[0, 1]`. */
  readonly decay: number
  /** The depth of the layer that a leaf belongs to, given its path such as `.layers[1].kernel`: larger is nearer the output. */
  readonly depthOf: (path: string) => number
}

/**
 * Scales the updates of each layer by its distance from the top: the lower a layer, the smaller its steps. For fine-tuning, where
 * what is near the input needs to change least.
 *
 * For each leaf g of the updates at the depth d, D being the largest depth of all leaves:
 *
 *     u = γ^(D − d) g
 *
 * It may stand anywhere after what normalises updates, such as `scaleByAdam`. Depths are those of the leaves it sees: inside
 * {@link masked} or {@link partition}, of these alone.
 *
 * Laws: elementwise; linear; the top layer is unchanged, bit for bit; adding a constant to all depths changes nothing; with
 * γ = 1 it is the identity.
 *
 * @example
 * const tx = layerwiseLrDecay({
 *   decay: 0.5,
 *   depthOf: (path) => (path.startsWith('.layers') ? Number(/\d+/.exec(path)) : path === '.embedding' ? -1 : 2)
 * })
 * const params = { embedding: 0, layers: [0, { kernel: 0, bias: 0 }], head: 0 }
 * const grads = { embedding: 8, layers: [8, { kernel: 8, bias: 8 }], head: 8 }
 * tx.update(grads, tx.init(params), params)[0] // => { embedding: 1, layers: [2, { kernel: 4, bias: 4 }], head: 8 }
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range; at init and update, when a depth is
 * not a finite number.
 * @see Howard and Ruder (2018), Universal Language Model Fine-tuning for Text Classification, section 3.2,
 * {@link https://arxiv.org/abs/1801.06146}
 * @see Clark et al. (2020), ELECTRA: Pre-training Text Encoders as Discriminators Rather Than Generators, appendix A,
 * {@link https://arxiv.org/abs/2003.10555}
 * @see scaleByLabel
 */
export const layerwiseLrDecay = (options: LayerwiseLrDecayOptions): GradientTransformation<EmptyState> => {
  const { decay, depthOf } = withDefaults<LayerwiseLrDecayOptions>('layerwiseLrDecay', options, {
    decay: required,
    depthOf: required
  })
  check('layerwiseLrDecay', { decay }, inClosedUnitInterval)
  check('layerwiseLrDecay', { depthOf }, callable)
  const depthAt = (path: string): number => {
    const depth = depthOf(path)
    check('layerwiseLrDecay', { [`depthOf('${path}')`]: depth }, finite)
    return depth
  }

  return transformation<EmptyState>({
    origin: ['layerwiseLrDecay', { ...options }],
    init: (params) => {
      // Only to have a depth that is none refused before the first update.
      tree.paths(params).forEach(depthAt)
      return {}
    },
    update: (updates, state) => {
      const depths = tree.paths(updates).map(depthAt)
      const top = depths.reduce((a, b) => Math.max(a, b), -Infinity)
      const factors = tree.unflatten(
        updates,
        depths.map((depth) => pow(decay, top - depth))
      )
      return [tree.map((g, factor) => mul(factor, g), updates, factors), state]
    }
  })
}
