import { matmul, type Operand } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { eighOf } from './eighOf.js'
import { computed, squaresOf } from './matrices.js'

/**
 * A negative power of symmetric matrices without negative eigenvalues: (A + ridge λ I)^−exponent with λ the largest eigenvalue of each; of
 * zeros zeros. With NaN or infinity in a matrix all of its power is NaN.
 */
export const inversePower = (owner: string, x: Operand, exponent: number, ridge: number): Operand => {
  const matrices = squaresOf(owner, 'gg', x)
  const n = matrices.rows
  const [half] = computed('symmetricPower', [matrices], [[n, n]], (a) => {
    const { values, vectors } = eighOf(a as Float64Array, n)
    const added = ridge * Math.max(values[n - 1] ?? 0, 0)
    const weights = values.map((value) => {
      const shifted = Math.max(value, 0) + added
      return shifted === 0 ? 0 : pow(shifted, -exponent / 2)
    })
    return [vectors.map((v, k) => v * (weights[k % n] as number))]
  })
  return matmul(half, half, { transposeB: true })
}
