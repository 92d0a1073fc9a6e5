import { definitionOf, transformation } from './transformation.js'
import type { GradientTransformation } from './types.js'

/**
 * A transformation with its state in another form, for those who write optimizers: so that those of one name have states of one
 * type, whatever their options.
 *
 * @param owner - who says so when `tx` is no transformation.
 * @param shown - the state as users see it.
 * @param own - that state as `tx` has it; undoes `shown`.
 *
 * @example
 * const named = restated('named', scale(-1), () => ({ inner: null }), () => ({}))
 * named.update({ w: 3 }, named.init({ w: 0 }), { w: 0 }) // => [{ w: -3 }, { inner: null }]
 *
 * @throws InvalidOption when `tx` is no transformation.
 */
export const restated = <Own, State, Extra>(
  owner: string,
  tx: GradientTransformation<Own, Extra>,
  shown: (own: Own) => State,
  own: (state: State) => Own
): GradientTransformation<State, Extra> => {
  const { init, update, takesRows } = definitionOf(owner, tx)
  return transformation<State, Extra>({
    init: (params) => shown(init(params)),
    update: (updates, state, params, extra) => {
      const [transformed, next] = update(updates, own(state), params, extra)
      return [transformed, shown(next)]
    },
    takesNull: true,
    takesRows
  })
}
