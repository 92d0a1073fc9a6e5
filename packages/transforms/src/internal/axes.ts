/** All axes but the given one. */
export const otherAxes = (shape: readonly number[], axis: number): readonly number[] =>
  shape.map((_, i) => i).filter((i) => i !== axis)
