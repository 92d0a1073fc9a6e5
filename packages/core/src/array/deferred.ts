// Stand-ins for arrays whose elements are elsewhere. Functions that look at lengths, shapes and dtypes alone, as most masks do, never
// ask for elements, so that nothing is brought here for them.
import type { Data, DType } from './dtype.js'

/** What stands behind each stand-in. */
const origins = /* @__PURE__ */ new WeakMap<object, unknown>()
let areThere = false

/** What stands behind a stand-in; `undefined` for anything else. */
export const deferred = (value: unknown): unknown =>
  areThere && typeof value === 'object' && value !== null ? origins.get(value) : undefined

const register = <T extends object>(standIn: T, origin: unknown): T => {
  areThere = true
  origins.set(standIn, origin)
  return standIn
}

/** An NdArray whose elements are brought when they are asked for. */
export const deferredArray = (origin: unknown, dtype: DType, shape: readonly number[], bring: () => Data): object =>
  register(
    {
      dtype,
      shape: [...shape],
      data: elements(
        dtype,
        shape.reduce((size, axis) => size * axis, 1),
        bring
      )
    },
    origin
  )

/** A bare vector whose elements are brought when they are asked for. */
export const deferredVector = (origin: unknown, dtype: DType, length: number, bring: () => Data): object =>
  register(elements(dtype, length, bring), origin)

const ARRAYS = { float32: Float32Array, float64: Float64Array, bfloat16: Uint16Array, float16: Uint16Array } as const

/** What is a typed array but for `ArrayBuffer.isView`; whoever asks it for more than its length and its constructor has it brought. */
const elements = (dtype: DType, length: number, bring: () => Data): object => {
  const constructor = ARRAYS[dtype]
  const get = (_: object, key: string | symbol): unknown => {
    if (key === 'length') return length
    if (key === 'constructor') return constructor
    const data = bring()
    const value: unknown = Reflect.get(data, key, data)
    return typeof value === 'function' ? value.bind(data) : value
  }
  return new Proxy(Object.create(constructor.prototype) as object, { get, set: () => false })
}
