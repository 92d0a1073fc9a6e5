import {
  type AnyGradientTransformation,
  type Definition,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  neg,
  paramsAfter,
  type StateOf,
  type Tree,
  transformation,
  updatesTo
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { gradientAt } from './gradientAt.js'

/** The state of an optimizer with an adversary. */
interface SamWithState<Inner, Adversary> {
  readonly stepsSinceSync: number
  readonly optState: Inner
  readonly advState: Adversary
  readonly cache: Tree
}

/** How an optimizer and an adversary take turns. */
interface Turns {
  readonly syncPeriod: number
  readonly resetState: boolean
  readonly opaqueMode: boolean
}

/** An optimizer that is given the last of some gradients, each uphill of the one before by what an adversary turned around says. */
export const samWith = <T extends AnyGradientTransformation, Adversary, AdvExtra, Asked>(
  owner: string,
  optimizer: T,
  uphill: Definition<Adversary, AdvExtra>,
  { syncPeriod, resetState, opaqueMode }: Turns
): GradientTransformation<SamWithState<StateOf<T>, Adversary>, ExtraOf<T> & AdvExtra & Asked> => {
  const outer = definitionOf(owner, optimizer)

  return transformation<SamWithState<StateOf<T>, Adversary>, ExtraOf<T> & AdvExtra & Asked>({
    init: (params) => ({
      stepsSinceSync: 0,
      optState: outer.init(params),
      advState: uphill.init(params),
      cache: opaqueMode ? null : params
    }),
    update: (updates, state, params, extra) => {
      if (opaqueMode) {
        let [grads, advState, at]: [Tree, Adversary, Tree] = [updates, state.advState, params]
        for (let i = 0; i < syncPeriod - 1; i++) {
          const [downhill, next] = uphill.update(grads, advState, at, extra)
          advState = next
          ;[grads, at] = gradientAt(owner, extra, at, tree.map(neg, downhill), i)
        }
        const [steps, optState] = outer.update(grads, state.optState, params, extra)
        return [steps, { ...state, optState, advState: resetState ? uphill.init(params) : advState }]
      }

      const isFirst = state.stepsSinceSync === 0
      const cache = isFirst ? params : tree.castLike(state.cache, params)
      if (state.stepsSinceSync < syncPeriod - 1) {
        const [downhill, advState] = uphill.update(updates, state.advState, params, extra)
        return [tree.map(neg, downhill), { ...state, stepsSinceSync: state.stepsSinceSync + 1, advState, cache }]
      }
      const [steps, optState] = outer.update(updates, state.optState, cache, extra)
      const advState = resetState ? uphill.init(params) : state.advState
      const emitted = isFirst ? steps : updatesTo(params, paramsAfter(cache, steps))
      return [emitted, { stepsSinceSync: 0, optState, advState, cache }]
    }
  })
}
