import {
  type AnyGradientTransformation,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  paramsAfter,
  restated,
  type StateOf,
  type Tree,
  transformation,
  updatesTo
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { ofLength } from './ascent.js'
import { gradientAt } from './gradientAt.js'

/** The state of an optimizer that is given something made of two gradients. */
interface TwoGradientsState<Inner> {
  readonly stepsSinceSync: number
  readonly count: number
  readonly optState: Inner
  readonly cache: Tree
  readonly gradient: Tree
  readonly direction: Tree
}

/** What becomes of the two gradients: the first is of the params, the second from uphill. */
export interface TwoGradientsRule {
  /** The radius ρ at a step. */
  readonly radiusAt: (count: number) => number
  /** Whether a step goes uphill. */
  readonly looks: (count: number) => boolean
  /** Whether something shaped like the params is remembered from step to step. */
  readonly remembers: boolean
  /** What the optimizer is given in a step that went uphill, and what is remembered of it. */
  readonly merged: (first: Tree, second: Tree, remembered: Tree) => readonly [given: Tree, remembered: Tree]
  /** What it is given in a step that did not. */
  readonly plain: (first: Tree, remembered: Tree) => Tree
  /** What becomes of its updates in a step that went uphill. */
  readonly corrected: (steps: Tree, first: Tree, second: Tree, count: number) => Tree
}

/** An optimizer that is given what a rule makes of the gradient and of another one uphill. */
export const twoGradients = <T extends AnyGradientTransformation, Asked>(
  owner: string,
  optimizer: T,
  opaqueMode: boolean,
  rule: TwoGradientsRule
): GradientTransformation<TwoGradientsState<StateOf<T>>, ExtraOf<T> & Asked> => {
  const outer = definitionOf(owner, optimizer)
  type State = TwoGradientsState<StateOf<T>>

  return transformation<State, ExtraOf<T> & Asked>({
    init: (params) => {
      const zeros = (isThere: boolean): Tree => (isThere ? tree.zerosLike(tree.widen(params)) : null)
      return {
        stepsSinceSync: 0,
        count: 0,
        optState: outer.init(params),
        cache: opaqueMode ? null : params,
        gradient: zeros(!opaqueMode),
        direction: zeros(rule.remembers)
      }
    },
    update: (updates, state, params, extra) => {
      const { count, optState: before, direction: remembered } = state

      if (state.stepsSinceSync === 0 && !rule.looks(count)) {
        const [steps, optState] = outer.update(rule.plain(updates, remembered), before, params, extra)
        return [steps, { ...state, count: count + 1, optState }]
      }

      /** A step from params whose gradient is the first, with the second from uphill. */
      const stepFrom = (at: Tree, first: Tree, second: Tree): readonly [steps: Tree, state: State] => {
        const [given, direction] = rule.merged(first, second, remembered)
        const [steps, optState] = outer.update(given, before, at, extra)
        const next = { ...state, stepsSinceSync: 0, count: count + 1, optState, direction }
        return [rule.corrected(steps, first, second, count), next]
      }
      const uphill = (): Tree => ofLength(rule.radiusAt(count), updates)

      if (opaqueMode) {
        const [second] = gradientAt(owner, extra, params, uphill(), 0)
        return stepFrom(params, updates, second)
      }
      if (state.stepsSinceSync === 0) {
        return [
          uphill(),
          { ...state, stepsSinceSync: 1, cache: params, gradient: tree.castLike(updates, state.gradient) }
        ]
      }
      const cache = tree.castLike(state.cache, params)
      const [steps, next] = stepFrom(cache, state.gradient, updates)
      return [updatesTo(params, paramsAfter(cache, steps)), next]
    }
  })
}

/** What becomes of them where every step goes uphill and nothing is remembered. */
interface EveryStepRule extends Pick<TwoGradientsRule, 'radiusAt' | 'corrected'> {
  /** What the optimizer is given. */
  readonly merged: (first: Tree, second: Tree) => Tree
}

/** The same where every step goes uphill, with a state that has no place for what is remembered. */
export const twoGradientsEveryStep = <T extends AnyGradientTransformation, Asked>(
  owner: string,
  optimizer: T,
  opaqueMode: boolean,
  { merged, ...rule }: EveryStepRule
): GradientTransformation<Omit<TwoGradientsState<StateOf<T>>, 'direction'>, ExtraOf<T> & Asked> =>
  restated(
    owner,
    twoGradients<T, Asked>(owner, optimizer, opaqueMode, {
      ...rule,
      looks: () => true,
      remembers: false,
      merged: (first, second, nothing) => [merged(first, second), nothing],
      plain: (first) => first
    }),
    ({ direction: _, ...shown }) => shown,
    (shown) => ({ ...shown, direction: null })
  )
