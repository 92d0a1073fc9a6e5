import { type AnyGradientTransformation, definitionOf } from '@gradchain/core'

/** What {@link stateBytes} counts. */
export interface StateBytes {
  /** The bytes of the params. */
  readonly params: number
  /** The bytes of the state. */
  readonly state: number
  /** How many times the params that is; NaN without params. */
  readonly share: number
}

/**
 * How much memory the state of an optimizer takes: the bytes of its arrays, eight for a number.
 *
 * It makes a state and counts, and so allocates it; an array that stands at two places is one.
 *
 * Laws: of a chain it is the sum over its parts; of `sgd` without momentum there is hardly any.
 *
 * @example
 * const params = { w: new Float32Array(1000) }
 * stateBytes(adam(1e-3), params).state // => 8016
 * stateBytes(sgd(0.1, { momentum: 0.9 }), params).share // => 1.004
 *
 * @throws InvalidTree for what is no tree of params.
 * @see transient, whose `bytes` say how much it reserves
 */
export const stateBytes = (tx: AnyGradientTransformation, params: unknown): StateBytes => {
  definitionOf('stateBytes', tx)
  const state = bytesOf(tx.init(params))
  const own = bytesOf(params)
  return { params: own, state, share: state / own }
}

/** The bytes in plain data. */
const bytesOf = (value: unknown): number => {
  const seen = new Set<unknown>()
  const pending: unknown[] = [value]
  let total = 0
  while (pending.length > 0) {
    const one = pending.pop()
    if (typeof one === 'number') total += 8
    if (typeof one !== 'object' || one === null || seen.has(one)) continue
    seen.add(one)
    if (ArrayBuffer.isView(one)) total += one.byteLength
    // The shape of an array is none of its elements.
    else if ('dtype' in one && 'data' in one) pending.push(one.data)
    else pending.push(...Object.values(one))
  }
  return total
}
