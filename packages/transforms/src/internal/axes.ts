import { Expr, type Operand } from '@gradchain/core'

/** The lengths of the axes of what is lifted: `[n]` for a bare vector, `[]` for a number. */
export const shapeOf = (x: Operand): readonly number[] => (x instanceof Expr ? (x.shape ?? [x.size]) : [])

/** All axes but the given one. */
export const otherAxes = (shape: readonly number[], axis: number): readonly number[] =>
  shape.map((_, i) => i).filter((i) => i !== axis)
