import { check, type Requirement } from '../check.js'
import { InvalidOption, show } from '../errors.js'
import { chain } from './chain.js'
import { definitionOf, transformation } from './transformation.js'
import type { AnyGradientTransformation, ExtraOf, GradientTransformation, StateOf } from './types.js'

/** The states of the parts of a named chain, by name. */
export type NamedChainState<T extends Readonly<Record<string, AnyGradientTransformation>>> = {
  readonly [K in keyof T]: StateOf<T[K]>
}

// Each as the parameter of a function, and not as it is: a union of them all would be `unknown` when one is.
type Takes<T extends Readonly<Record<string, AnyGradientTransformation>>> = {
  readonly [K in keyof T]: (extra: ExtraOf<T[K]>) => void
}

/** All that any part needs: the intersection. */
export type NamedChainExtra<T extends Readonly<Record<string, AnyGradientTransformation>>> = Takes<T>[keyof T] extends (
  extra: infer Extra
) => void
  ? Extra
  : never

/**
 * {@link chain} with a name for each part, in the order of the keys; the state is an object with the same keys.
 *
 * @example
 * const tx = namedChain({ halve: scale(0.5), descend: scale(-0.1) })
 * tx.init({ w: 0 }) // => { halve: {}, descend: {} }
 * tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 })[0] // => { w: -0.1 }
 *
 * @throws InvalidOption for a part that is no pair of functions, and for a name that is a whole number, as the keys of an
 * object are not kept in the order in which such names are written.
 */
export const namedChain = <const T extends Readonly<Record<string, AnyGradientTransformation>>>(
  parts: T
): GradientTransformation<NamedChainState<T>, NamedChainExtra<T>> => {
  check('namedChain', { parts }, plainObject)
  const names = Object.keys(parts)
  const unordered = names.find((name) => /^\d+$/.test(name) || name === '__proto__')
  if (unordered !== undefined) {
    throw new InvalidOption(`namedChain: a name must be a word, got ${show(unordered)}`)
  }
  for (const name of names) definitionOf(`namedChain: ${name}`, parts[name] as AnyGradientTransformation)
  const inner = definitionOf('namedChain', chain(...Object.values(parts)))
  const named = (states: readonly unknown[]) =>
    Object.fromEntries(names.map((name, i) => [name, states[i]])) as NamedChainState<T>
  return transformation<NamedChainState<T>, NamedChainExtra<T>>({
    origin: ['namedChain', { ...parts }],
    gradients: inner.gradients,
    init: (params) => named(inner.init(params)),
    update: (updates, state, params, extra) => {
      const states = names.map((name) => state[name as keyof T])
      const [transformed, next] = inner.update(updates, states, params, extra)
      return [transformed, named(next)]
    },
    takesNull: true,
    takesRows: inner.takesRows
  })
}

const plainObject: Requirement = {
  what: 'an object',
  holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
}
