import { type DType, type GradientTransformation, identity, restated } from '@gradchain/core'
import { type EmaState, ema } from '@gradchain/transforms'

/** A mean of updates, or none, with one type of state: `null` stands in the place of a mean that is not kept. */
export const keptMean = (
  owner: string,
  decay: number | undefined,
  accumulatorDtype?: DType
): GradientTransformation<EmaState> => {
  if (decay !== undefined) return ema(decay, { debias: false, accumulatorDtype })
  return restated(
    owner,
    identity(),
    () => ({ count: 0, ema: null }),
    () => ({})
  )
}
