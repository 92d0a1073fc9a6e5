import { definitionOf, transformation } from './transformation.js'
import type { AnyGradientTransformation, Definition, ExtraOf, GradientTransformation, StateOf, Tree } from './types.js'

/** The states of the parts of a chain, in order. */
export type ChainState<T extends readonly AnyGradientTransformation[]> = { readonly [K in keyof T]: StateOf<T[K]> }

/** All that any part needs: the intersection. */
export type ChainExtra<T extends readonly AnyGradientTransformation[]> = T extends readonly [
  infer First extends AnyGradientTransformation,
  ...infer Rest extends readonly AnyGradientTransformation[]
]
  ? ExtraOf<First> & ChainExtra<Rest>
  : unknown

/**
 * Runs transformations one after the other: the updates of each are the gradients of the next. The state is the tuple of
 * their states.
 *
 * However long the chain, all of it is evaluated in one go, in one pass over memory for each array where nothing has to be
 * summed in between. A part may be a user's own `{ init, update }` on raw arrays; at that link what is pending is computed
 * and arrays are handed over.
 *
 * Laws: `chain` is associative, up to the nesting of the state, and `identity()` is its unit on both sides.
 *
 * @example
 * const tx = chain(scale(0.5), scale(-0.1))
 * const state = tx.init({ w: 0 }) // => [{}, {}]
 * tx.update({ w: 2 }, state, { w: 0 })[0] // => { w: -0.1 }
 *
 * @throws InvalidOption for a part that is no pair of functions.
 */
export const chain = <const T extends readonly AnyGradientTransformation[]>(
  ...parts: T
): GradientTransformation<ChainState<T>, ChainExtra<T>> => {
  // Each part takes what it needs out of the extra of the chain, which is the intersection of theirs.
  const definitions = parts.map((part) => definitionOf('chain', part) as Definition<unknown>)
  return transformation<ChainState<T>, ChainExtra<T>>({
    init: (params) => definitions.map(({ init }) => init(params)) as ChainState<T>,
    update: (updates, state, params, extra) => {
      const states = state as readonly unknown[]
      let current: Tree = updates
      const next = definitions.map(({ update }, i) => {
        const [transformed, nextState] = update(current, states[i], params, extra)
        current = transformed
        return nextState
      })
      return [current, next as ChainState<T>]
    }
  })
}
