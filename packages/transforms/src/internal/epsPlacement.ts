import { add, oneOf, type Requirement, sqrt, type Value } from '@gradchain/core'

/** What an `epsPlacement` must be. */
export const anEpsPlacement: Requirement = /* @__PURE__ */ oneOf('outside', 'hat')

/** What keeps the divisor of Adam and its kin from zero. */
interface Eps {
  readonly eps: number
  readonly epsRoot: number
  readonly epsPlacement?: 'outside' | 'hat'
}

/**
 * √(v̂ + epsRoot) + eps, for a second moment v̂ = v / c. With eps "hat" they are added to v and √v, before the division: this is
 * √((v + epsRoot) / c) + eps / √c.
 */
export const divisorOf = (meanSquare: Value, c: number, { eps, epsRoot, epsPlacement = 'outside' }: Eps): Value => {
  const scale = epsPlacement === 'outside' ? 1 : c
  // A mean square is never −0, so that adding nothing to it would change no bit.
  const shifted = epsRoot === 0 ? meanSquare : add(meanSquare, epsRoot / scale)
  return add(sqrt(shifted), eps / Math.sqrt(scale))
}
