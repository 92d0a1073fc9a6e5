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

/** Calls back with each place of a shape, counted through, and the offset of that place under the given strides. */
export const eachOffset = (
  shape: readonly number[],
  steps: readonly number[],
  visit: (place: number, offset: number) => void
): void => {
  const index = shape.map(() => 0)
  const size = shape.reduce((n, length) => n * length, 1)
  let offset = 0
  for (let place = 0; place < size; place++) {
    visit(place, offset)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
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
