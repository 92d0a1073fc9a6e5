import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  paramsAfter,
  positiveInteger,
  required,
  type StateOf,
  type Tree,
  transformation,
  updatesTo,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type SgdState, sgd } from '@gradchain/optimizers'
import type { Communicator } from '../communicators/communicator.js'
import { meanOverRanks } from '../internal/meanOverRanks.js'
import { aCommunicator } from '../internal/requirements.js'

/** Options of {@link diloco}. */
export interface DilocoOptions<Outer extends AnyGradientTransformation> {
  /** After how many steps ranks come together, H, a whole number ≥ 1. The paper makes 500. */
  readonly every: number
  /** What makes a step of where the ranks went. @defaultValue `sgd(0.7, { momentum: 0.9, nesterov: true })` */
  readonly outer?: Outer
}

/** State of {@link diloco}. */
export interface DilocoState<Inner, Outer> {
  /** State of the inner transformation, which stays that of this rank. */
  readonly innerState: Inner
  /** State of the outer transformation, the same on all ranks. */
  readonly outerState: Outer
  /** The params θ that all ranks last had in common; shaped like the params, float32 where they are 16-bit. */
  readonly common: Tree
  /** How many steps were made since then, less than `every`. */
  readonly stepsSinceSync: number
}

/**
 * Lets each rank train by itself for many steps, then takes what they have moved for a gradient, of which an outer optimizer makes a step.
 *
 * For the params pᵣ of the ranks r = 0 … n − 1, with the inner updates vᵣ, at step t = 1, 2, …, from θ = p:
 *
 *     pᵣ ← pᵣ + vᵣ                     in each step, and when H divides t:
 *     Δ = mean over ranks of θ − pᵣ      old − new: what the outer optimizer descends along
 *     θ ← θ + outer(Δ),   pᵣ ← θ
 *
 * The inner state is kept, neither averaged nor reset. The outer momentum lets H be in the hundreds, where {@link localSgd} bears some tens. What is said
 * there of ranks, data and the place in a chain holds here.
 *
 * With `outer` plain `sgd(1)` it is {@link localSgd}. With one rank it is Nesterov momentum over {@link lookahead}.
 *
 * Laws: the params of all ranks are equal after every H-th step, and those of `inner` before the first; with `sgd(1)` outside the mean of
 * the ranks' params, up to rounding.
 *
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * const tx = diloco(sgd(0.5), solo(), { every: 2 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * const path: number[] = []
 * for (let t = 0; t < 4; t++) {
 *   ;[params, state] = step(tx, { w: 2 }, state, params)
 *   path.push(Number(params.w.toFixed(3)))
 * }
 * path // => [7, 5.34, 4.34, 1.546]
 *
 * @throws InvalidOption at construction, for what is no communicator or an option out of range; at update, CommunicationError when ranks have
 * params of different forms, with rank and path, or one is late or lost.
 * @see Douillard et al. (2023), DiLoCo: Distributed Low-Communication Training of Language Models, algorithm 1, {@link https://arxiv.org/abs/2311.08105}
 */
export const diloco = <T extends AnyGradientTransformation, Outer extends AnyGradientTransformation = OuterSgd>(
  inner: T,
  comm: Communicator,
  options: DilocoOptions<Outer>
): GradientTransformation<DilocoState<StateOf<T>, StateOf<Outer>>, ExtraOf<T> & ExtraOf<Outer>> => {
  type State = DilocoState<StateOf<T>, StateOf<Outer>>
  const { init, update } = definitionOf('diloco', inner)
  const { every, outer } = withDefaults<Required<DilocoOptions<AnyGradientTransformation>>>('diloco', options, {
    every: required,
    outer: sgd(0.7, { momentum: 0.9, nesterov: true })
  })
  check('diloco', { comm }, aCommunicator)
  check('diloco', { every }, positiveInteger)
  const outside = definitionOf('diloco', outer)

  return transformation<State, ExtraOf<T> & ExtraOf<Outer>>({
    origin: ['diloco', inner, comm, { ...options }],
    init: (params) => {
      const common = tree.widen(params)
      return {
        innerState: init(params) as StateOf<T>,
        outerState: outside.init(common) as StateOf<Outer>,
        common,
        stepsSinceSync: 0
      }
    },
    update: (updates, state, params, extra) => {
      const [own, next] = update(updates, state.innerState, params, extra)
      const innerState = next as StateOf<T>
      const stepsSinceSync = (state.stepsSinceSync + 1) % every
      if (stepsSinceSync > 0) return [own, { ...state, innerState, stepsSinceSync }]

      const gradient = meanOverRanks(comm, tree.sub(state.common, tree.widen(paramsAfter(params, own))))
      const [way, outerState] = outside.update(gradient, state.outerState, state.common, extra)
      const common = tree.castLike(tree.add(state.common, way), state.common)
      return [
        updatesTo(params, common),
        { innerState, outerState: outerState as StateOf<Outer>, common, stepsSinceSync }
      ]
    }
  })
}

/** The outer optimizer of the paper. */
type OuterSgd = GradientTransformation<SgdState>
