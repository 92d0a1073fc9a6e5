import type { MinimizePoint, MinimizeProblem } from '../minimize/method.js'

/** The Hessian at a point, row by row: its products with the unit vectors, made as symmetric as it is. */
export const hessianOf = (problem: MinimizeProblem, point: MinimizePoint): Float64Array => {
  const n = problem.size
  const rows = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const unit = new Float64Array(n)
    unit[i] = 1
    rows.set(problem.product(point, unit), i * n)
  }
  return rows.map((h, at) => 0.5 * (h + (rows[(at % n) * n + Math.floor(at / n)] as number)))
}
