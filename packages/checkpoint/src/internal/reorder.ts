/** Elements of so many bytes with their bytes in the opposite order: big-endian ones become little-endian. */
export const swapped = (bytes: Uint8Array, width: number): Uint8Array => {
  const out = new Uint8Array(bytes.length)
  for (let start = 0; start < bytes.length; start += width) {
    for (let i = 0; i < width; i++) out[start + i] = bytes[start + width - 1 - i] as number
  }
  return out
}

/** Elements that stand in column-major (Fortran's) order, put into row-major order. */
export const inRowMajorOrder = (bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array => {
  const strides: number[] = []
  let stride = width
  for (const length of shape) {
    strides.push(stride)
    stride *= length
  }
  return gathered(bytes, shape, strides, width)
}

/** The elements of an array whose neighbours along each axis are so many bytes apart, in row-major order. */
export const gathered = (
  bytes: Uint8Array,
  shape: readonly number[],
  strides: readonly number[],
  width: number
): Uint8Array => {
  const out = new Uint8Array(shape.reduce((size, length) => size * length, width))
  const index = shape.map(() => 0)
  let from = 0
  for (let to = 0; to < out.length; to += width) {
    for (let i = 0; i < width; i++) out[to + i] = bytes[from + i] as number
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number
      index[axis] = (index[axis] as number) + 1
      from += stride
      if ((index[axis] as number) < (shape[axis] as number)) break
      from -= stride * (shape[axis] as number)
      index[axis] = 0
    }
  }
  return out
}
