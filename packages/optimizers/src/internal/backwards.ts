import { chain, definitionOf, type GradientTransformation, transformation } from '@gradchain/core'

/** `second`, then `first`, with the state that `chain(first, second)` has: which of the two acts first is not to be seen in it. */
export const backwards = <A, B>(
  owner: string,
  first: GradientTransformation<A>,
  second: GradientTransformation<B>
): GradientTransformation<readonly [A, B]> => {
  const { init, update } = definitionOf(owner, chain(second, first))
  return transformation<readonly [A, B]>({
    init: (params) => {
      const [b, a] = init(params)
      return [a, b]
    },
    update: (updates, [a, b], params, extra) => {
      const [transformed, [nextB, nextA]] = update(updates, [b, a], params, extra)
      return [transformed, [nextA, nextB]]
    }
  })
}
