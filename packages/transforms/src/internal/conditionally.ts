import {
  type AnyGradientTransformation,
  boolean,
  callable,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  type StateOf,
  type Tree,
  transformation
} from '@gradchain/core'
import type { Condition } from '../wrappers/condition.js'

/** The state of a transformation under a condition. */
interface ConditionalState<Inner> {
  readonly step: number
  readonly innerState: Inner
}

/** The inner transformation where a condition holds, something without a state elsewhere. */
export const conditionally = <T extends AnyGradientTransformation, Extra>(
  owner: string,
  inner: T,
  condition: Condition<Extra>,
  otherwise: (updates: Tree) => Tree
): GradientTransformation<ConditionalState<StateOf<T>>, ExtraOf<T> & Extra> => {
  const { init, update } = definitionOf(owner, inner)
  check(owner, { condition }, callable)

  return transformation<ConditionalState<StateOf<T>>, ExtraOf<T> & Extra>({
    origin: [owner, inner, condition],
    init: (params) => ({ step: 0, innerState: init(params) }),
    update: (updates, state, params, extra) => {
      const holds = condition(state.step, extra)
      check(owner, { [`condition(${state.step})`]: holds }, boolean)
      const [transformed, innerState] = holds
        ? update(updates, state.innerState, params, extra)
        : [otherwise(updates), state.innerState]
      return [transformed, { step: state.step + 1, innerState }]
    }
  })
}
