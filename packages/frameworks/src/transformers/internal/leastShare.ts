import { check, finite, InvalidOption, optional } from '@gradchain/core'

interface Least {
  readonly minLr: number | undefined
  readonly minLrRate: number | undefined
}

/** The least value as a share of the learning rate, however it was given. */
export const leastShare = (owner: string, learningRate: number, { minLr, minLrRate }: Least): number => {
  check(owner, { minLr, minLrRate }, optional(finite))
  if ((minLr === undefined) === (minLrRate === undefined)) {
    throw new InvalidOption(`${owner}: one of minLr and minLrRate must be given`)
  }
  return minLrRate ?? (minLr ?? 0) / learningRate
}
