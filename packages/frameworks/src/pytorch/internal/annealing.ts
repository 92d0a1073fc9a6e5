import { check, oneOf } from '@gradchain/core'
import type { InterpolateType } from '@gradchain/schedules'

/** PyTorch's words for half a period of the cosine and for a straight line. */
export type AnnealStrategy = 'cos' | 'linear'

/** The same in ours, on both ways. */
export const annealing = (
  owner: string,
  annealStrategy: AnnealStrategy
): { readonly annealUp: InterpolateType; readonly annealDown: InterpolateType } => {
  check(owner, { annealStrategy }, oneOf('cos', 'linear'))
  const way = annealStrategy === 'cos' ? 'cosine' : 'linear'
  return { annealUp: way, annealDown: way }
}
