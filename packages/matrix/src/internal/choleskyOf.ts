/** The lower factor L of a symmetric matrix A = L Lᵀ, of which the lower triangle is read; all NaN where there is none. */
export const choleskyOf = (a: Float64Array, n: number): Float64Array => {
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const row = i * n
    for (let j = 0; j <= i; j++) {
      const other = j * n
      let rest = a[row + j] as number
      for (let k = 0; k < j; k++) rest -= (l[row + k] as number) * (l[other + k] as number)
      if (j < i) l[row + j] = rest / (l[other + j] as number)
      else if (rest > 0 && rest < Infinity) l[row + i] = Math.sqrt(rest)
      else return l.fill(NaN)
    }
  }
  return l
}
