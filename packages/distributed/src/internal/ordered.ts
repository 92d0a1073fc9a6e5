import { allocate, type Elements, type ElementType, elementsOver, typeOf } from './elements.js'

// The largest of floats is that of integers in the same order, in which NaN is above all: what libraries make of NaN in a maximum depends on
// who has it, and differs from rank to rank. For the least, the order is turned round, with NaN above all again.

/** Integers in the order of the elements, or in the opposite one. */
export const ordered = (op: 'max' | 'min', elements: Elements): Elements => {
  const type = typeOf(elements)
  if (type === 'float32') return ordered32(elements as Float32Array, op === 'min')
  if (type === 'float64') return ordered64(elements as Float64Array, op === 'min')
  return op === 'max' ? elements : turned(elements)
}

/** The elements of which {@link ordered} made integers. */
export const unordered = (op: 'max' | 'min', type: ElementType, keys: Elements): Elements => {
  if (type === 'float32') return unordered32(keys as Int32Array, op === 'min')
  if (type === 'float64') return unordered64(keys as BigInt64Array, op === 'min')
  return op === 'max' ? keys : turned(keys)
}

/** What the type of integers is in whose order elements of a type are. */
export const orderedAs = (type: ElementType): ElementType =>
  type === 'float32' ? 'int32' : type === 'float64' ? 'int64' : type

/** All bits the other way round, which turns the order of integers round, of those without a sign as well. */
const turned = (elements: Elements): Elements => {
  const out = allocate(typeOf(elements), elements.length)
  for (let i = 0; i < out.length; i++) out[i] = ~(elements[i] as number)
  return out
}

const NAN32 = 0x7fffffff
const NAN64 = 0x7fffffffffffffffn

const bitsOver = (elements: Elements, type: ElementType): Elements =>
  elementsOver(type, elements.buffer, elements.byteOffset, elements.length)

const ordered32 = (elements: Float32Array, isTurned: boolean): Int32Array => {
  const bits = bitsOver(elements, 'int32') as Int32Array
  return Int32Array.from(bits, (word, i) => {
    const x = elements[i] as number
    if (x !== x) return NAN32
    const key = word >= 0 ? word : word ^ NAN32
    return isTurned ? ~key : key
  })
}

const unordered32 = (keys: Int32Array, isTurned: boolean): Float32Array => {
  const out = new Float32Array(keys.length)
  const bits = bitsOver(out, 'int32') as Int32Array
  for (let i = 0; i < keys.length; i++) {
    const word = keys[i] as number
    if (word === NAN32) out[i] = Number.NaN
    else {
      const key = isTurned ? ~word : word
      bits[i] = key >= 0 ? key : key ^ NAN32
    }
  }
  return out
}

const ordered64 = (elements: Float64Array, isTurned: boolean): BigInt64Array => {
  const bits = bitsOver(elements, 'int64') as BigInt64Array
  return BigInt64Array.from(bits, (word, i) => {
    const x = elements[i] as number
    if (x !== x) return NAN64
    const key = word >= 0n ? word : word ^ NAN64
    return isTurned ? ~key : key
  })
}

const unordered64 = (keys: BigInt64Array, isTurned: boolean): Float64Array => {
  const out = new Float64Array(keys.length)
  const bits = bitsOver(out, 'int64') as BigInt64Array
  for (let i = 0; i < keys.length; i++) {
    const word = keys[i] as bigint
    if (word === NAN64) out[i] = Number.NaN
    else {
      const key = isTurned ? ~word : word
      bits[i] = key >= 0n ? key : key ^ NAN64
    }
  }
  return out
}
