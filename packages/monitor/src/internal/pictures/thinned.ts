/**
 * Which of many places to draw, in order, at most about `most` of them: of each of equal stretches the first and the last, and those where a
 * number is least or greatest. NaN is neither; the first place of a stretch whose number is none is kept.
 */
export const thinned = (
  length: number,
  most: number,
  ...numbersAt: readonly ((i: number) => number)[]
): readonly number[] => {
  if (length <= most) return Array.from({ length }, (_, i) => i)
  const perStretch = 2 + 3 * numbersAt.length
  const stretches = Math.max(1, Math.floor(most / perStretch))
  const kept: number[] = []
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * length) / stretches)
    const end = Math.floor(((stretch + 1) * length) / stretches)
    const chosen = new Set([start, end - 1])
    for (const numberAt of numbersAt) {
      let [least, greatest, lost] = [-1, -1, -1]
      let [low, high] = [Infinity, -Infinity]
      for (let i = start; i < end; i++) {
        const value = numberAt(i)
        if (!Number.isFinite(value)) {
          if (lost < 0) lost = i
          continue
        }
        if (value < low) [low, least] = [value, i]
        if (value > high) [high, greatest] = [value, i]
      }
      for (const i of [least, greatest, lost]) if (i >= 0) chosen.add(i)
    }
    kept.push(...[...chosen].sort((a, b) => a - b))
  }
  return kept
}
