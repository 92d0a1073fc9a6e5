import { allocate, type Data, type DType, kindOf } from '../array/dtype.js'
import { encode } from '../array/half.js'
import { check, nonNegativeInteger } from '../check.js'
import type { Expr } from '../expression/expr.js'
import { aDType } from '../expression/operations/arrays.js'
import { makeLeaf } from '../expression/tape.js'

interface Made {
  readonly n: number
  readonly dtype: DType
  readonly data: Data
}

// A step that asks for the same matrix as the step before gets the same elements, which need not be looked at again. Those
// kept are few and small.
const made: Made[] = []
const MOST = 4
const MOST_ELEMENTS = 2 ** 18

/**
 * The n × n matrix with ones on its diagonal, lazily.
 *
 * @example
 * force(identityMatrix(2)) // => { dtype: 'float32', shape: [2, 2], data: Float32Array [1, 0, 0, 1] }
 *
 * @param n - how many rows and columns, a whole number ≥ 0.
 * @param dtype - the dtype of the elements. @defaultValue `'float32'`
 *
 * @throws InvalidOption for a size that is no whole number ≥ 0, and for a dtype that there is not.
 * @see diagonalMatrix
 */
export const identityMatrix = (n: number, dtype: DType = 'float32'): Expr => {
  check('identityMatrix', { n }, nonNegativeInteger)
  check('identityMatrix', { dtype }, aDType)
  const { data } = made.find((one) => one.n === n && one.dtype === dtype) ?? make(n, dtype)
  return makeLeaf(kindOf(dtype), [n, n], data)
}

const make = (n: number, dtype: DType): Made => {
  const kind = kindOf(dtype)
  const data = allocate(kind, n * n)
  const one = encode(kind, 1)
  for (let i = 0; i < n; i++) data[i * (n + 1)] = one
  const matrix = { n, dtype, data }
  if (data.length <= MOST_ELEMENTS) {
    made.push(matrix)
    if (made.length > MOST) made.shift()
  }
  return matrix
}
