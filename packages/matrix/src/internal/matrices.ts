import {
  cast,
  castLike,
  type DType,
  Expr,
  InvalidTree,
  type Operand,
  opaque,
  reshape,
  show,
  type Value
} from '@gradchain/core'
import { called } from './called.js'

/** An array as a stack of matrices: those of its last two axes. */
export interface Matrices {
  readonly node: Expr
  readonly dtype: DType
  /** The axes before the last two. */
  readonly batch: readonly number[]
  readonly rows: number
  readonly columns: number
}

/**
 * What an operand is as a stack of matrices; 16 bits are widened to float32.
 *
 * @throws InvalidTree for what has fewer than two axes.
 */
export const matricesOf = (owner: string, name: string, x: Operand): Matrices => {
  // Like a number, an operand is only lifted.
  const value = castLike(x, 0)
  if (!(value instanceof Expr) || value.isScalar) {
    throw new InvalidTree(`${owner}: ${name} must be a matrix, got a number`)
  }
  const shape = value.shape ?? [value.size]
  if (shape.length < 2) throw new InvalidTree(`${owner}: ${name} must be a matrix, got shape ${show(shape)}`)
  const dtype = value.dtype === 'float64' ? 'float64' : 'float32'
  return {
    node: cast(value, dtype) as Expr,
    dtype,
    batch: shape.slice(0, -2),
    rows: shape.at(-2) as number,
    columns: shape.at(-1) as number
  }
}

/**
 * The same for square matrices.
 *
 * @throws InvalidTree for what is no square matrix.
 */
export const squaresOf = (owner: string, name: string, x: Operand): Matrices => {
  const matrices = matricesOf(owner, name, x)
  if (matrices.rows === matrices.columns) return matrices
  const { rows, columns, batch } = matrices
  throw new InvalidTree(`${owner}: ${name} must be a square matrix, got shape ${show([...batch, rows, columns])}`)
}

/** What one of several results is called. */
const PLACES = ['first', 'second', 'third']

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, length) => n * length, 1)

/**
 * Arrays that are computed together from stacks of matrices, one matrix after the other in float64, as nodes of their own:
 * what none of them is asked for is not computed.
 *
 * @param name - what that is called where equations are written.
 */
export const computed = <const Shapes extends readonly (readonly number[])[]>(
  name: string,
  operands: readonly Matrices[],
  shapes: Shapes,
  compute: (...matrices: readonly Float64Array[]) => { readonly [K in keyof Shapes]: Float64Array }
): { readonly [K in keyof Shapes]: Value } => {
  const { batch, dtype } = operands[0] as Matrices
  const count = sizeOf(batch)
  const sizes = shapes.map(sizeOf)
  const each = sizes.reduce((total, size) => total + size, 0)
  const packed = opaque(
    called(name, (...arrays) => {
      const out = new (dtype === 'float64' ? Float64Array : Float32Array)(count * each)
      for (let i = 0; i < count; i++) {
        const matrices = arrays.map(({ data }, k) => {
          const { rows, columns } = operands[k] as Matrices
          return Float64Array.from(data.subarray(i * rows * columns, (i + 1) * rows * columns))
        })
        let at = i * each
        for (const part of compute(...matrices)) {
          out.set(part, at)
          at += part.length
        }
      }
      return out
    }),
    operands.map(({ node }) => node),
    { dtype, shape: [count * each] }
  )
  const [only] = shapes
  if (shapes.length === 1 && only !== undefined) {
    return [reshape(packed, [...batch, ...only])] as unknown as { readonly [K in keyof Shapes]: Value }
  }
  let before = 0
  const parts = shapes.map((shape, k) => {
    const size = sizes[k] as number
    const from = before
    before += size
    return opaque(
      called(PLACES[k] as string, ({ data }) => {
        if (count === 1) return data.slice(from, from + size)
        const out = data.slice(0, count * size)
        for (let i = 0; i < count; i++) out.set(data.subarray(i * each + from, i * each + from + size), i * size)
        return out
      }),
      [packed],
      { dtype, shape: [...batch, ...shape] }
    )
  })
  // As many parts as shapes, in their order: the tuple of one is mapped to the tuple of the other.
  return parts as unknown as { readonly [K in keyof Shapes]: Value }
}
