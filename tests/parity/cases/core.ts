import {
  add,
  addDecayedWeights,
  chain,
  clip,
  clipByGlobalNorm,
  div,
  type EmptyState,
  ema,
  identity,
  mul,
  namedChain,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleByRms,
  setToZero,
  stateless,
  trace,
  transformation,
  tree
} from 'gradchain'
import { type Cases, cosine, type WithValue } from './shared.js'

/** Multiplies the updates by the extra argument `value`. */
const scaleByValue = () =>
  transformation<EmptyState, WithValue>({
    init: () => ({}),
    update: (updates, state, _, { value }) => [tree.map((g) => mul(value, g), updates), state]
  })

/** What transformations are made of. */
export const core: Cases = {
  identity: () => identity(),
  set_to_zero: () => setToZero(),
  stateless: () =>
    stateless((updates, params) => tree.map((g, p) => div(mul(3, g), add(1, mul(p, p))), updates, params)),
  stateless_with_tree_map: () => stateless((updates, params) => tree.map(mul, updates, params)),
  chain: () => chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(0.01), scaleByLearningRate(cosine)),
  'chain/one': () => chain(trace(0.9)),
  'chain/nested': () => chain(chain(clip(1), trace(0.8)), chain(ema(0.5), scale(-0.1))),
  'chain/three_norms': () =>
    chain(clipByGlobalNorm(2), trace(0.9), clipByGlobalNorm(1), scaleByRms(), clipByGlobalNorm(0.5), scale(-1)),
  'chain/extra_args': () => chain(scale(-0.1), scaleByValue(), trace(0.5)),
  named_chain: () => namedChain({ clip: clipByGlobalNorm(1), adam: scaleByAdam(), scale: scale(-0.1) })
}
