/** The name that was probably meant, where one is near: the same letters written otherwise, or a slip or two. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const wanted = plain(name)
  const farthest = Math.min(2, Math.floor(wanted.length / 3))
  // A name out of a file may have any length, and comparing takes time in proportion to it.
  const [best] = known
    .filter((one) => Math.abs(plain(one).length - wanted.length) <= farthest)
    .map((one) => ({ one, far: distance(wanted, plain(one)) }))
    .sort((a, b) => a.far - b.far)
  return best !== undefined && best.far <= farthest ? best.one : undefined
}

/** How many letters are to be put in, taken out, changed or exchanged with the next to get from one text to the other. */
const distance = (from: string, to: string): number => {
  const rows = [Array.from({ length: to.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1]
      const isExchanged = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const exchanged = isExchanged ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(at(i - 1, j - 1) + (isSame ? 0 : 1), at(i - 1, j) + 1, at(i, j - 1) + 1, exchanged))
    }
  }
  return at(from.length, to.length)
}
