import { definitionOf, type GradientTransformation, transformation } from '@gradchain/core'
import { type ScaleByRmsOptions, type ScaleByStddevState, scaleByRms } from '@gradchain/transforms'

/** `scaleByRms` with the state of `scaleByStddev`: `null`, an empty tree, in the place of the mean that it does not keep. */
export const uncentered = (options: ScaleByRmsOptions): GradientTransformation<ScaleByStddevState> => {
  const { init, update } = definitionOf('rmsprop', scaleByRms(options))
  return transformation<ScaleByStddevState>({
    init: (params) => ({ ...init(params), mu: null }),
    update: (updates, { count, nu }, params, extra) => {
      const [scaled, next] = update(updates, { count, nu }, params, extra)
      return [scaled, { ...next, mu: null }]
    }
  })
}
