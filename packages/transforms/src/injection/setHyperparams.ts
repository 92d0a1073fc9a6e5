import { aNumber, check, InvalidOption, InvalidState, show } from '@gradchain/core'
import { isObject } from '../internal/requirements.js'
import type { InjectHyperparamsState } from './injectHyperparams.js'

/** New values for some of the hyperparameters that are numbers; those that follow a schedule cannot be set. */
export type SettableHyperparams<H> = {
  readonly [K in keyof H]?: number extends H[K] ? number : never
}

/**
 * The state of an {@link injectHyperparams} with other hyperparameters, for the updates to come. The given state stays as it is.
 *
 * In a chain it is the part that is exchanged: `[clipState, setHyperparams(adamState, { learningRate: 1e-4 })]`.
 *
 * Laws: setting what is there already changes nothing; what is set last counts; reading gives what was set.
 *
 * @example
 * const tx = injectHyperparams(({ learningRate }) => scaleByLearningRate(learningRate), { learningRate: 0.5 })
 * const params = { w: 0 }
 * const state = setHyperparams(tx.init(params), { learningRate: 0.25 })
 * state.hyperparams // => { learningRate: 0.25 }
 * tx.update({ w: 4 }, state, params)[0] // => { w: -1 }
 *
 * @throws InvalidOption for a hyperparameter that there is not, for one that follows a schedule, which would overwrite it,
 * and for what is no number; InvalidState for the state of something else.
 * @see injectHyperparams
 */
export const setHyperparams = <H, Inner>(
  state: InjectHyperparamsState<H, Inner>,
  values: SettableHyperparams<NoInfer<H>>
): InjectHyperparamsState<H, Inner> => {
  if (!isInjected(state)) {
    throw new InvalidState(`setHyperparams: state must be that of an injectHyperparams, got ${show(state)}`)
  }
  const states: Readonly<Record<string, unknown>> = state.hyperparamsStates
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(states, name)) {
      const names = Object.keys(states).join(', ')
      throw new InvalidOption(`setHyperparams: there is no hyperparameter ${name}; there are ${names}`)
    }
    if (states[name] !== null) {
      throw new InvalidOption(`setHyperparams: ${name} follows a schedule, which would overwrite it`)
    }
    check('setHyperparams', { [name]: value }, aNumber)
  }
  return { ...state, hyperparams: { ...state.hyperparams, ...values } }
}

const isInjected = (state: unknown): boolean =>
  isObject(state) && isObject(state['hyperparams']) && isObject(state['hyperparamsStates'])
