import { Expr, type NdArray, notEqual, type Operand, opaque, type Requirement, where } from '@gradchain/core'

/** A share of the elements of a leaf. */
export const aShare: Requirement = {
  what: 'a number in (0, 1]',
  holds: (value) => typeof value === 'number' && value > 0 && value <= 1
}

/** How many of n elements a share of them is, at least one; a share such as 0.1 of 10 is 1, however it is rounded. */
export const countOf = (share: number, n: number): number =>
  Math.max(1, Math.ceil(share * n * (1 - 4 * Number.EPSILON)))

/** Whether a leaf has elements: numbers, and arrays without any, are left as they are. */
export const hasElements = (x: Operand): x is Expr => x instanceof Expr && !x.isScalar && x.size > 0

/** What a choice keeps of a leaf of full precision, to the bit, and 0 elsewhere. A number is kept whole. */
export const kept = (x: Operand, choose: (elements: NdArray['data']) => Uint8Array): Operand => {
  if (!hasElements(x)) return x
  const marks = opaque(
    ({ data }) => {
      const marked = data.slice()
      marked.set(choose(data))
      return marked
    },
    [x],
    { like: x }
  )
  return where(notEqual(marks, 0), x, 0)
}
