import { type Expr, InvalidTree, type Operand, opaque, shapeOf, show } from '@gradchain/core'
import { called } from './called.js'
import { wideDtype } from './wideDtype.js'

/** A matrix below another, as one. */
export const stacked = (above: Operand, below: Operand): Expr => {
  const [rows, columns] = shapeOf(above) as [number, number]
  const dtype = wideDtype(above)
  return opaque(
    called('stacked', (a, b) => {
      const out = new (dtype === 'float64' ? Float64Array : Float32Array)(a.data.length + b.data.length)
      out.set(a.data as Float64Array)
      out.set(b.data as Float64Array, a.data.length)
      return out
    }),
    [above, below],
    { dtype, shape: [rows + (shapeOf(below)[0] as number), columns] }
  )
}

/** The rows of a matrix from one on to another. */
export const rowsOf = (x: Operand, from: number, to: number): Expr => {
  const columns = shapeOf(x)[1] as number
  const dtype = wideDtype(x)
  return opaque(
    called('rows', ({ data }) => data.slice(from * columns, to * columns)),
    [x],
    { dtype, shape: [to - from, columns] }
  )
}

/** A matrix with a column of ones at its right. */
export const withOnes = (x: Operand): Expr => {
  const [rows, columns] = shapeOf(x) as [number, number]
  const dtype = wideDtype(x)
  return opaque(
    called('withOnes', ({ data }) => {
      const out = new (dtype === 'float64' ? Float64Array : Float32Array)(rows * (columns + 1)).fill(1)
      for (let i = 0; i < rows; i++) {
        out.set(data.subarray(i * columns, (i + 1) * columns) as Float64Array, i * (columns + 1))
      }
      return out
    }),
    [x],
    { dtype, shape: [rows, columns + 1] }
  )
}

/** Refuses what is no array of so many columns, in the name of `owner`. */
export const checkColumns = (owner: string, name: string, x: unknown, columns: number): void => {
  const shape = typeof x === 'object' && x !== null ? shapeOf(x as Operand) : []
  if (shape.length === 2 && shape[1] === columns && (shape[0] as number) > 0) return
  throw new InvalidTree(
    `${owner}: ${name} must be a matrix of some rows and ${columns} columns, got ${shape.length === 0 ? show(x) : `shape ${show(shape)}`}`
  )
}
