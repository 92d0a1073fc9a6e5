import { definitionOf, type GradientTransformation, transformation } from '@gradchain/core'

/** A transformation with its state in another form, so that optimizers of one name have states of one type. */
export const restated = <Own, State, Extra>(
  owner: string,
  tx: GradientTransformation<Own, Extra>,
  shown: (own: Own) => State,
  own: (state: State) => Own
): GradientTransformation<State, Extra> => {
  const { init, update } = definitionOf(owner, tx)
  return transformation<State, Extra>({
    init: (params) => shown(init(params)),
    update: (updates, state, params, extra) => {
      const [transformed, next] = update(updates, own(state), params, extra)
      return [transformed, shown(next)]
    }
  })
}
