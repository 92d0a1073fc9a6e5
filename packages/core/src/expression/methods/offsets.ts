import type { Data } from '../../array/dtype.js'

/** How far apart the elements along each axis lie; 0 along axes that are repeated or folded. */
export const strides = (shape: readonly number[], flat: (axis: number) => boolean = () => false): number[] => {
  const steps: number[] = new Array(shape.length)
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = flat(axis) ? 0 : step
    step *= shape[axis] as number
  }
  return steps
}

/**
 * Calls back with each run of places of a shape along its last axis, counted through: the first one, its offset under the given
 * strides, and how many there are.
 */
export const eachRun = (
  shape: readonly number[],
  steps: readonly number[],
  visit: (place: number, offset: number, length: number) => void
): void => {
  const last = shape.length - 1
  const run = last < 0 ? 1 : (shape[last] as number)
  const index = shape.map(() => 0)
  const size = shape.reduce((n, length) => n * length, 1)
  let offset = 0
  for (let place = 0; place < size; place += run) {
    visit(place, offset, run)
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1
      offset += steps[axis] as number
      if (next < (shape[axis] as number)) {
        index[axis] = next
        break
      }
      index[axis] = 0
      offset -= next * (steps[axis] as number)
    }
  }
}

/** Puts the elements that lie under the given strides into a row. */
export const gather = (source: Data, out: Data, shape: readonly number[], steps: readonly number[]): void => {
  const step = steps[shape.length - 1] ?? 0
  eachRun(shape, steps, (place, offset, length) => {
    const end = place + length
    if (step === 0) out.fill(source[offset] as number, place, end)
    else for (let to = place, from = offset; to < end; to++, from += step) out[to] = source[from] as number
  })
}
