/** A view into memory: where it begins, and how far it is to the next element along each axis; all in elements. */
export interface Strided {
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** How many elements a view reaches, counted from the beginning of the memory; 0 for one without elements. */
export const reachOf = ({ offset, shape, strides }: Strided): number =>
  shape.includes(0)
    ? 0
    : shape.reduce((reach, length, axis) => reach + (length - 1) * (strides[axis] as number), offset + 1)

/** Whether the elements of a view lie side by side in row-major order. */
export const isContiguous = ({ shape, strides }: Strided): boolean => {
  if (shape.includes(0)) return true
  let run = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== run) return false
    run *= shape[axis] as number
  }
  return true
}
