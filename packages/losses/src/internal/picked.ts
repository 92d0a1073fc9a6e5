import { type Expr, type NdArray, opaque, shapeOf } from '@gradchain/core'

type Elements = Float32Array | Float64Array

const emptyLike = ({ data }: NdArray, length: number): Elements =>
  new (data instanceof Float64Array ? Float64Array : Float32Array)(length)

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)

/** Elements of an array of float32 or float64 numbers, by where they stand, none of them twice, in a shape of their own. */
export const picked = (x: Expr, places: Int32Array, shape: readonly number[]): Expr => {
  const from = shapeOf(x)
  const pick = (array: NdArray): Elements => {
    const out = emptyLike(array, places.length)
    for (let i = 0; i < out.length; i++) out[i] = array.data[places[i] as number] as number
    return out
  }
  return opaque(pick, [x], { dtype: x.dtype, shape }, { vjp: (dy) => [placed(dy, places, from)] })
}

/** The elements of an array at other places, all different, of an array of zeros. */
const placed = (x: Expr, places: Int32Array, shape: readonly number[]): Expr => {
  const from = shapeOf(x)
  const place = (array: NdArray): Elements => {
    const out = emptyLike(array, sizeOf(shape))
    for (let i = 0; i < places.length; i++) out[places[i] as number] = array.data[i] as number
    return out
  }
  return opaque(place, [x], { dtype: x.dtype, shape }, { vjp: (dy) => [picked(dy, places, from)] })
}
