import { InvalidOption, InvalidTree, type Leaf, type Origin, type Requirement, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { matches, missOf, type PathPattern, placesOf, readPattern } from './pathPattern.js'

/**
 * Which leaves are meant: those whose path is what a pattern says, or one of several patterns; or those for which a function
 * of the path, such as `.layers[0].kernel`, and the leaf is true.
 */
export type PathSelector = string | readonly string[] | ((path: string, leaf: Leaf) => boolean)

/** The answer for params of the same structure as before, without asking again. */
export const remembered = <V extends boolean | string>(
  origin: Origin,
  compute: (params: Tree<Leaf>) => Tree<V>
): ((params: Tree<Leaf>) => Tree<V>) => {
  let last: Tree<V> | undefined
  const answer = (params: Tree<Leaf>): Tree<V> => {
    if (last !== undefined) {
      try {
        // It fails where the structure differs.
        tree.map(() => null, last, params)
        return last
      } catch (error) {
        if (!(error instanceof InvalidTree)) throw error
      }
    }
    last = compute(params)
    return last
  }
  return Object.assign(answer, { origin })
}

/** A mask that is `value` where a selector says so, its opposite elsewhere. */
export const selectByPath = (
  owner: string,
  selector: PathSelector,
  value: boolean
): ((params: Tree<Leaf>) => Tree<boolean>) => {
  if (typeof selector === 'function') {
    const select = (params: Tree<Leaf>): Tree<boolean> =>
      tree.mapWithPath((path, leaf) => {
        const selected: unknown = selector(path, leaf)
        if (typeof selected === 'boolean') return selected === value
        throw new InvalidOption(`${owner}: selector(${show(path)}) must be true or false, got ${show(selected)}`)
      }, params)
    return Object.assign(select, { origin: [owner, selector] })
  }
  const texts = typeof selector === 'string' ? [selector] : selector
  if (!aSelector.holds(texts))
    throw new InvalidOption(`${owner}: selector must be ${aSelector.what}, got ${show(selector)}`)
  const patterns = texts.map((text): PathPattern => readPattern(owner, text))

  return remembered([owner, typeof selector === 'string' ? selector : texts.slice()], (params) => {
    const places = placesOf(params)
    const missed = missOf(patterns, places, params)
    if (missed !== undefined) throw new InvalidTree(`${owner}: ${missed}`)
    return tree.unflatten(
      params,
      places.map(({ steps }) => patterns.some((pattern) => matches(pattern, steps)) === value)
    )
  })
}

const aSelector: Requirement = {
  what: 'a pattern, a list of patterns, or a function',
  holds: (value) => Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string')
}
