import { boolean, check, type GradientTransformation } from '@gradchain/core'
import { cautious } from '@gradchain/transforms'

/** What those rules of timm can be told that may be cautious. */
export interface CautionOptions {
  /** Whether what goes against the gradient is left out of a step, before the decay is added, and the rest makes up for it. @defaultValue `false` */
  readonly caution?: boolean
}

/** A direction, without what goes against the gradient where caution is asked for. */
export const heeding = <State>(
  owner: string,
  caution: boolean,
  direction: GradientTransformation<State>
): GradientTransformation<State> => {
  check(owner, { caution }, boolean)
  return caution ? cautious(direction, { descends: false }) : direction
}
