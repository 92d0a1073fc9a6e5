import { type AnyGradientTransformation, castLike, definitionOf, Expr, InvalidTree, show } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { isOperand } from '../internal/isOperand.js'

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
 * The state is made lazily and never computed, so that nothing is allocated for it, however large the params are; an optimizer that is a
 * pair of functions of your own makes its state.
 *
 * Laws: it is the bytes of `tx.init(params)`; of a chain it is the sum over its parts; of `sgd` without momentum there is hardly any.
 *
 * @example
 * const params = { w: new Float32Array(1000) }
 * stateBytes(adam(1e-3), params).state // => 8016
 * stateBytes(sgd(0.1, { momentum: 0.9 }), params).share // => 1.004
 *
 * @throws InvalidTree for what is no tree of params.
 * @see transient, whose `bytes` say how much it reserves; largestBatch
 */
export const stateBytes = (tx: AnyGradientTransformation, params: unknown): StateBytes => {
  const { init } = definitionOf('stateBytes', tx)
  const lifted = tree.mapWithPath((path: string, x: unknown) => {
    if (isOperand(x)) return castLike(x, x)
    throw new InvalidTree(`stateBytes: params${path} must be a number or an array, got ${show(x)}`)
  }, params as never)
  const state = bytesOf(init(lifted))
  const own = bytesOf(lifted)
  return { params: own, state, share: state / own }
}

/** The bytes of plain data, once its expressions are computed. */
const bytesOf = (value: unknown): number => {
  const pending: unknown[] = [value]
  let total = 0
  while (pending.length > 0) {
    const one = pending.pop()
    if (typeof one === 'number') total += 8
    if (typeof one !== 'object' || one === null) continue
    if (one instanceof Expr) total += one.isScalar ? 8 : one.size * BYTES[one.dtype]
    else if (ArrayBuffer.isView(one)) total += one.byteLength
    // The shape of an array is none of its elements.
    else if ('dtype' in one && 'data' in one) pending.push(one.data)
    else pending.push(...Object.values(one))
  }
  return total
}

const BYTES = { float64: 8, float32: 4, bfloat16: 2, float16: 2 } as const
