// Generated arrays for the tests of losses, and their comparison.
import { force, grad, hvp, type Leaf, type NdArray, ndarray, type Operand, sum, type Value } from '@gradchain/core'
import fc from 'fast-check'

/** Rows of numbers, of one length. */
export type Rows = readonly (readonly number[])[]

/** A float64 matrix of some rows. */
export const matrixOf = (rows: Rows): NdArray<'float64'> =>
  ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0])

/** The elements of what was computed. */
export const elementsOf = (x: Value | Leaf): readonly number[] => {
  const found = force(x) as Leaf
  if (typeof found === 'number') return [found]
  return Array.from('data' in found ? found.data : (found as Float64Array))
}

/** The elements of the gradient of the sum of a loss. */
export const slopesOf = (loss: (x: Operand) => Value, at: Leaf): readonly number[] =>
  elementsOf(grad((x: Operand) => sum(loss(x)))(at as never) as Leaf)

/** The elements of a product with the Hessian of the sum of a loss. */
export const bendOf = (loss: (x: Operand) => Value, at: Leaf, along: Leaf): readonly number[] =>
  elementsOf(hvp((x: Operand) => sum(loss(x)))(at as never, along as never) as Leaf)

/** Whether two lists are the same up to rounding, relative to the largest number, or to 1. */
export const isNear = (a: readonly number[], b: readonly number[], tolerance = 1e-12): boolean => {
  const scale = Math.max(1, ...a.filter(Number.isFinite).map(Math.abs))
  return (
    a.length === b.length &&
    a.every((x, i) => Object.is(x, b[i]) || x === b[i] || Math.abs(x - (b[i] as number)) <= tolerance * scale)
  )
}

/** A logit, or another number of ordinary size. */
export const number: fc.Arbitrary<number> = fc.double({ min: -20, max: 20, noNaN: true })

/** Of ordinary size, but no multiple of the spacing of tiny numbers, which vanish where others are added. */
export const eighth: fc.Arbitrary<number> = fc.integer({ min: -80, max: 80 }).map((n) => n / 8)

/** Some examples with some features. */
export interface Batch {
  readonly x: Rows
  readonly y: Rows
  readonly labels: readonly number[]
  readonly mask: Rows
}

/** A batch: logits, probabilities, numbers of classes, and which elements count, at least one in each row. */
export const batch: fc.Arbitrary<Batch> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([n, k]) => {
    const rows = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<readonly (readonly T[])[]> =>
      fc.array(fc.array(of, { minLength: k, maxLength: k }), { minLength: n, maxLength: n })
    return fc.record({
      x: rows(number),
      y: rows(fc.integer({ min: 0, max: 8 })).map((all) => all.map(normalised)),
      labels: fc.array(fc.nat(k - 1), { minLength: n, maxLength: n }),
      mask: rows(fc.constantFrom(0, 1, 1)).map((all) => all.map((row) => (row.includes(1) ? row : row.map(() => 1))))
    })
  })

/** Numbers ≥ 0 as probabilities. */
export const normalised = (row: readonly number[]): readonly number[] => {
  const total = row.reduce((sum, x) => sum + x, 0)
  return total === 0 ? row.map(() => 1 / row.length) : row.map((x) => x / total)
}

/** The elements of a row that count. */
export const countingOf = (row: readonly number[], mask: readonly number[] | undefined): readonly number[] =>
  row.filter((_, i) => mask?.[i] === 1)
