import { Kind, widened } from '../../array/dtype.js'
import type { Expr } from '../expr.js'
import { add, div, mul, neg } from './arithmetic.js'
import { castTo } from './arrays.js'
import { notEqual, where } from './comparisons.js'
import { maxOf, sum } from './reductions.js'
import { isScalar, type Value } from './value.js'

/**
 * How much the result changes for each element of a node: what reverse mode carries from the result down to the params.
 *
 * The value is an array, or one scalar for all elements, as below a sum; `null` stands for 1. Where the mask is 0, the
 * elements are part of a branch that was not taken: they are 0, and stay 0 however infinite or undefined the derivatives are
 * that they are multiplied by. The mask is what decided for the branch, and not the value: a cotangent that is 0 because of
 * what the numbers are has derivatives of its own.
 */
export class Cotangent {
  readonly #value: Value | null
  readonly #mask: Value | null

  constructor(value: Value | null, mask: Value | null = null) {
    this.#value = value
    this.#mask = mask
  }

  /** The elements, or the one number for all of them. */
  get value(): Value {
    return this.#value ?? 1
  }

  /** Where the elements count; `null` for everywhere. */
  get mask(): Value | null {
    return this.#mask
  }

  /** The same, with a mask of 0 and 1 alone: of what a user took for a condition, the largest need not be true. */
  counted(): Cotangent {
    return this.#mask === null ? this : new Cotangent(this.#value, notEqual(this.#mask, 0))
  }

  /** Times the derivative of an operation. */
  times(derivative: Value): Cotangent {
    return this.#masked(this.#value === null ? derivative : mul(this.#value, derivative))
  }

  /** Divided by what an operation divides by. */
  over(divisor: Value): Cotangent {
    return this.#masked(div(this.value, divisor))
  }

  /** With the other sign. */
  negated(): Cotangent {
    return new Cotangent(neg(this.value), this.#mask)
  }

  /** Where the condition holds, and exactly 0 elsewhere. */
  where(condition: Value): Cotangent {
    const mask = this.#mask === null ? condition : where(condition, this.#mask, 0)
    return new Cotangent(where(condition, this.value, 0), mask)
  }

  /** Where the condition does not hold, and exactly 0 elsewhere. */
  unless(condition: Value): Cotangent {
    return new Cotangent(where(condition, 0, this.value), where(condition, 0, this.#mask ?? 1))
  }

  /** The given share for each element, and exactly 0 where that is 0. */
  shared(share: Value): Cotangent {
    return this.where(share).times(share)
  }

  /** Rearranged as the value and the mask are, where these are arrays. */
  along(ofValue: (value: Value) => Value, ofMask: (mask: Value) => Value, ofOne: (value: Value) => Value): Cotangent {
    const isArray = this.#value !== null && !isScalar(this.#value)
    const { mask: counted } = this.counted()
    const mask = counted === null || isScalar(counted) ? counted : ofMask(counted)
    if (isArray) return new Cotangent(ofValue(this.#value), mask)
    return new Cotangent(this.#value === null ? null : ofOne(this.#value), mask)
  }

  /** Summed up over all elements of an array, for a scalar that met each of them. */
  summed(size: number): Cotangent {
    const { mask: counted } = this.counted()
    const mask = counted === null || isScalar(counted) ? counted : maxOf(counted)
    return new Cotangent(isScalar(this.value) ? mul(this.value, size) : sum(this.value), mask)
  }

  /** In the dtype in which a node is computed with. */
  for(node: Expr): Cotangent {
    if (this.#value === null || node.kind === Kind.Scalar) return this
    return new Cotangent(castTo(widened(node.kind), this.#value), this.#mask)
  }

  /** Together with what comes from another use of the same node. */
  plus(other: Cotangent): Cotangent {
    return new Cotangent(add(this.value, other.value), either(this.#mask, other.#mask))
  }

  #masked(value: Value): Cotangent {
    return new Cotangent(this.#mask === null ? value : where(this.#mask, value, 0), this.#mask)
  }
}

/** Where either of two masks lets through. */
const either = (a: Value | null, b: Value | null): Value | null => {
  if (a === null || b === null) return null
  return a === b ? a : where(a, 1, b)
}
