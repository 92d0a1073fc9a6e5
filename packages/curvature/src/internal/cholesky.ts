/** The lower triangle L with L Lᵀ = A + shift I, row by row; `null` where that is not positive definite. */
export const choleskyOf = (matrix: Float64Array, n: number, shift: number): Float64Array | null => {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = (matrix[i * n + j] as number) + (i === j ? shift : 0)
      for (let k = 0; k < j; k++) rest -= (lower[i * n + k] as number) * (lower[j * n + k] as number)
      if (i > j) lower[i * n + j] = rest / (lower[j * n + j] as number)
      else if (rest > 0 && rest < Infinity) lower[i * n + i] = Math.sqrt(rest)
      else return null
    }
  }
  return lower
}

/** L⁻¹ v */
export const solvedLower = (lower: Float64Array, v: Float64Array): Float64Array => {
  const n = v.length
  const found = v.slice()
  for (let i = 0; i < n; i++) {
    let rest = found[i] as number
    for (let k = 0; k < i; k++) rest -= (lower[i * n + k] as number) * (found[k] as number)
    found[i] = rest / (lower[i * n + i] as number)
  }
  return found
}

/** L⁻ᵀ v */
export const solvedUpper = (lower: Float64Array, v: Float64Array): Float64Array => {
  const n = v.length
  const found = v.slice()
  for (let i = n - 1; i >= 0; i--) {
    let rest = found[i] as number
    for (let k = i + 1; k < n; k++) rest -= (lower[k * n + i] as number) * (found[k] as number)
    found[i] = rest / (lower[i * n + i] as number)
  }
  return found
}
