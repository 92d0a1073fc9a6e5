/** The published map, in order: the middles of equal steps from 0.1 to 1 in each decade, 0 and 1; in float64. */
export const publishedMap = (isSigned: boolean, bits: number): readonly number[] => {
  const decades = bits - 1
  const map = [0, 1]
  for (let i = 0; i < decades; i++) {
    const steps = isSigned ? 2 ** i : 2 ** (i + 1)
    for (let j = 0; j < steps; j++) {
      const edge = (k: number): number => 0.1 + (0.9 * k) / steps
      const middle = ((edge(j) + edge(j + 1)) / 2) * 10 ** (i + 1 - decades)
      map.push(middle)
      if (isSigned) map.push(-middle)
    }
  }
  return map.sort((a, b) => a - b)
}
