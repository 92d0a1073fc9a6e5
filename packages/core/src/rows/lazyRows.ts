import { definitionOf, transformation } from '../transformation/transformation.js'
import type {
  AnyGradientTransformation,
  Definition,
  ExtraOf,
  GradientTransformation,
  StateOf
} from '../transformation/types.js'
import { densified } from './densified.js'
import { densifyBy } from './densify.js'
import { fewerRows } from './fewerRows.js'
import { updateRows } from './updateRows.js'

/**
 * Has a transformation work on the rows alone that a gradient of {@link sparseRows} names: the others stay as they are to the bit, and
 * so does what is kept for them. Arrays with a dense gradient go the usual way.
 *
 *     u[rows] = inner(g[rows])    with p[rows] for the param and what the state has for these rows
 *     u = −0                      elsewhere
 *
 * What a step runs is the inner transformation on smaller arrays, so that norms are those of the rows that are there. A number that is
 * one for all, as Adam's `count`, goes on with each step, also for rows that were not used: their correction for the start is that of the
 * step in which they are. Which part of the state goes by rows is found out by asking `init` for that of fewer.
 *
 * It sees which rows there are where it stands by itself, and in `chain`, `namedChain`, `masked`, `partition` and `injectHyperparams`. In
 * wrappers that make one gradient of several, such as `multiSteps`, all gradients are dense, and all rows are used. What comes after it in
 * a chain sees −0 for the others, and may move them again, as a weight decay does.
 *
 * It saves no memory, and of the time only what the inner transformation takes for rows that are not used: gradient, updates, params and state
 * are arrays of all rows, which are made anew in each step.
 *
 * Laws: `inner`, to the bit, for dense gradients and when all rows are named; the order of distinct rows does not matter.
 *
 * @example
 * const tx = lazyRows(chain(trace(0.5), scale(-1)))
 * const params = { embedding: new Float32Array([5, 5, 5]) }
 * const row = (i: number) => ({ embedding: sparseRows([i], new Float32Array([1]), [3]) })
 * const [next, state] = step(tx, row(0), tx.init(params), params)
 * step(tx, row(2), state, next)[0] // => { embedding: Float32Array [4, 5, 4] }
 *
 * @throws InvalidOption for what is no transformation. At update InvalidState where the inner one keeps something of an array that does
 * not go by its rows.
 * @see sparseRows
 */
export const lazyRows = <T extends AnyGradientTransformation>(
  inner: T
): GradientTransformation<StateOf<T>, ExtraOf<T>> => {
  densifyBy(densified)
  const definition = definitionOf('lazyRows', inner)
  return transformation<StateOf<T>, ExtraOf<T>>({
    origin: ['lazyRows', inner],
    gradients: definition.gradients,
    init: definition.init,
    update: (updates, state, params, extra) => {
      const fewer = fewerRows(updates, params)
      if (fewer.size === 0) return definition.update(updates, state, params, extra)
      const erased = definition as Definition<unknown, unknown>
      const [transformed, next] = updateRows(erased, fewer, updates, state, params, extra)
      return [transformed, next as StateOf<T>]
    },
    takesRows: true
  })
}
