import { cameFrom } from '../engine/needsHost.js'
import { currentTrace } from './trace.js'
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
  let links: readonly Link[] | undefined
  const linked = (): readonly Link[] => {
    // Who follows the calls is to see those of inner chains, too.
    if (currentTrace() !== null) return definitions
    links ??= linksOf(parts, definitions)
    return links
  }
  const tx = transformation<ChainState<T>, ChainExtra<T>>({
    origin: ['chain', ...parts],
    gradients: definitions[0]?.gradients,
    init: (params) => alongside(linked(), [], ({ init }) => init(params)) as ChainState<T>,
    update: (updates, state, params, extra) => {
      let current: Tree = updates
      const next = alongside(linked(), state, ({ update }, partState) => {
        const [transformed, nextState] = update(current, partState, params, extra)
        current = transformed
        return nextState
      })
      return [current, next as ChainState<T>]
    },
    takesNull: true,
    takesRows: definitions.some(({ takesRows }) => takesRows === true)
  })
  chains.set(tx.update, { parts, definitions })
  return tx
}

interface Parts {
  readonly parts: readonly AnyGradientTransformation[]
  readonly definitions: readonly Definition<unknown>[]
}

const chains = new WeakMap<object, Parts>()

/** A step along a chain of chains: a part, or where an inner chain begins or ends. */
type Link = Definition<unknown> | typeof BEGIN | typeof END
const BEGIN = /* @__PURE__ */ Symbol('begin')
const END = /* @__PURE__ */ Symbol('end')

/** The parts of a chain and of the chains in it, in order: one may be nested deeper than functions may call each other. */
const linksOf = (parts: Parts['parts'], definitions: Parts['definitions']): readonly Link[] => {
  const links: Link[] = []
  const pending: { readonly level: Parts; at: number }[] = [{ level: { parts, definitions }, at: 0 }]
  for (let last = pending.at(-1); last !== undefined; last = pending.at(-1)) {
    const { level, at } = last
    last.at += 1
    if (at === level.parts.length) {
      pending.pop()
      if (pending.length > 0) links.push(END)
      continue
    }
    const inner = chains.get((level.parts[at] as AnyGradientTransformation).update)
    if (inner === undefined) links.push(level.definitions[at] as Definition<unknown>)
    else {
      links.push(BEGIN)
      pending.push({ level: inner, at: 0 })
    }
  }
  return links
}

/** The nested tuple of what `visit` makes of each part and of what stands in its place in another one. */
const alongside = (
  links: readonly Link[],
  states: unknown,
  visit: (part: Definition<unknown>, state: unknown) => unknown
): readonly unknown[] => {
  let next: unknown[] = []
  let before = states as readonly unknown[] | undefined
  const outer: (readonly [typeof next, typeof before])[] = []
  for (const link of links) {
    if (link === BEGIN) {
      outer.push([next, before])
      before = before?.[next.length] as typeof before
      next = []
    } else if (link === END) {
      const inner = next
      ;[next, before] = outer.pop() as (typeof outer)[number]
      next.push(inner)
    } else {
      try {
        next.push(visit(link, before?.[next.length]))
      } catch (error) {
        throw cameFrom(error, `chain[${[...outer.map(([level]) => level.length), next.length].join('][')}]`)
      }
    }
  }
  return next
}
