import type { Data } from '../../array/dtype.js'
import { viewOf } from '../../array/view.js'
import type { Product, ProductMethod } from '../../expression/product.js'

/** Room for the table of any part of a product. */
const TABLE_BYTES = 64

const ALIGNMENT = 64

/** Addresses for so many bytes each: vectors are read and written whole, so that each has room to spare. */
const placesFor = (bytes: readonly number[]): readonly number[] => {
  let end = ALIGNMENT
  return bytes.map((count) => {
    const place = end
    end = (Math.ceil((end + count) / ALIGNMENT) + 1) * ALIGNMENT
    return place
  })
}

/** A product by kernels, in scratch memory. */
export const staged: ProductMethod['launch'] = ({ detail, kind, size, more }, { memory, grow, kernelOf }) => {
  const product = detail as Product
  const { packedBytes, plan, assemble } = product.method
  const [a, b] = (more ?? []).map(({ data }) => data) as [Data, Data]
  const elements = a.BYTES_PER_ELEMENT * Math.max(a.length, b.length, size)
  // The operands are packed one after the other, so that the second and the result may lie where the first one lay.
  const places = placesFor([TABLE_BYTES, elements, ...packedBytes(product, kind), 0])
  const [table, at, packedA, packedB, end] = places as [number, number, number, number, number]
  const launches = plan(product, kind, a === b, { a: at, b: at, c: at, packedA, packedB })
  if (launches === null) return null
  const kernels = launches.map(({ code }) => kernelOf(code, assemble))
  if (kernels.includes(null)) return null
  try {
    grow(end)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
  const { buffer } = memory
  const put = (data: Data): void => viewOf(kind, buffer, at, data.length).set(data)
  launches.forEach(({ words, size: tiles }, i) => {
    if (i < 2) put(i === 0 ? a : b)
    new Int32Array(buffer, table, words.length).set(words)
    kernels[i]?.run(table, 0, tiles)
  })
  return viewOf(kind, buffer, at, size).slice()
}
