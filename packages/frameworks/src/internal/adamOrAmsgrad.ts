import { boolean, check, type GradientTransformation, InvalidOption, restated, show } from '@gradchain/core'
import { type ScaleByAmsgradState, scaleByAdam, scaleByAmsgrad } from '@gradchain/transforms'

/** The two decay rates of moments, as frameworks that take them together have them. */
export type Betas = readonly [beta1: number, beta2: number]

/** The two rates by their names, where there are two. */
export const namedBetas = (owner: string, betas: Betas): { readonly b1: number; readonly b2: number } => {
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new InvalidOption(`${owner}: betas must be two numbers, got ${show(betas)}`)
  }
  const [b1, b2] = betas
  return { b1, b2 }
}

interface Options {
  readonly b1: number
  readonly b2: number
  readonly eps: number
  readonly epsPlacement: 'outside' | 'hat'
  readonly amsgrad: boolean
}

/**
 * Adam, or AMSGrad with the maximum of the moment before its correction, as PyTorch and Keras have it; with one type of state, in
 * which `null` stands in the place of a maximum that is not kept.
 */
export const adamOrAmsgrad = (
  owner: string,
  { amsgrad, ...rest }: Options
): GradientTransformation<ScaleByAmsgradState> => {
  check(owner, { amsgrad }, boolean)
  if (amsgrad) return scaleByAmsgrad({ ...rest, maxOn: 'raw' })
  return restated(
    owner,
    scaleByAdam(rest),
    (own): ScaleByAmsgradState => ({ ...own, nuMax: null }),
    ({ count, mu, nu }) => ({ count, mu, nu })
  )
}
