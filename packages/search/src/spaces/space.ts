import { axesOf } from '../internal/axes.js'
import type { ConfigOf, Fields, Space, Variants } from './types.js'

/**
 * The space of configurations that a search goes through: hyperparameters by name, nested as one likes. Its type says what a
 * configuration looks like, and so what the candidates of a search are.
 *
 * @example
 * const small = space({
 *   learningRate: logUniform(1e-4, 1e-1),
 *   model: { layers: integer(1, 4), activation: choice(['relu', 'tanh']) }
 * })
 * const strategy = randomSearch(small)
 * const [[config]] = strategy.ask(strategy.init(), random.key(0))
 * config // => { learningRate: 0.081…, model: { layers: 2, activation: 'tanh' } }
 *
 * @throws InvalidOption for what is no hyperparameter, with its path, and for no hyperparameters at all.
 * @see uniform, logUniform, integer, choice, variants
 */
export const space = <const F extends Fields | Variants>(fields: F): Space<ConfigOf<F>> => {
  // What is no hyperparameter is refused here.
  axesOf('space', { fields })
  return { fields }
}
