import { castLike, force, InvalidState, isContainer, type Same, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * The averaged params out of the state of {@link emaParams}, {@link swa} or {@link polyakAverage}: to evaluate with, in the type
 * and the dtypes of the params. They are copies, which later steps do not change.
 *
 * Inside a chain it is the part that is given, `state[1]`; inside a wrapper, `state.innerState`. Of two averages one around the
 * other, the state has the outer one and its `innerState` the inner one.
 *
 * Laws: before the first update, the params; reading changes nothing.
 *
 * @param state - the state of the wrapper that averages.
 * @param params - the params that were trained, for their type and dtypes.
 *
 * @example
 * const tx = chain(trace(0.9), emaParams(scale(-0.1), { decay: 0.99 }))
 * let params = { w: new Float32Array([1, 2]) }
 * let state = tx.init(params)
 * ;[params, state] = step(tx, { w: new Float32Array([10, 10]) }, state, params)
 * averagedParams(state[1], params) // => { w: Float32Array [0, 1] }
 *
 * @throws InvalidState for a state without an average; InvalidTree when it is one of other params.
 * @see emaParams, swa, polyakAverage
 */
export const averagedParams = <P>(state: { readonly average: Tree }, params: P): Same<P> => {
  if (typeof state !== 'object' || state === null || !Object.hasOwn(state, 'average')) {
    const place = placeOfAverage(state)
    const got = place === undefined ? show(state) : `one with an average at state${place}`
    throw new InvalidState(`averagedParams: state must have an average, got ${got}`)
  }
  // A tree of leaves comes back with the structure and dtypes of the params: on the outside the type is kept.
  return force(tree.map((p, a) => castLike(a, p), params as Tree, state.average)) as Same<P>
}

/** Where in a state an average is to be found, as it reads in JavaScript. */
const placeOfAverage = (state: unknown): string | undefined => {
  const pending: { readonly node: unknown; readonly place: string }[] = [{ node: state, place: '' }]
  const seen = new Set<unknown>()
  for (const { node, place } of pending) {
    if (!isContainer(node) || seen.has(node)) continue
    seen.add(node)
    if (Object.hasOwn(node, 'average')) return place
    for (const [key, child] of Object.entries(node)) {
      pending.push({ node: child, place: Array.isArray(node) ? `${place}[${key}]` : `${place}.${key}` })
    }
  }
  return undefined
}
