import { allocate, type Data, Kind } from '../../array/dtype.js'
import type { Product } from '../../expression/product.js'

/** How many products are added up before their sum goes to the element. */
export const PANEL = 256

const exact = (x: number): number => x

/**
 * The one order in which a product of matrices is computed, so that it has the same bits on every engine. Element (i, j) adds
 * aᵢₖ bₖⱼ for k = 0, 1, …, from 0 on, in panels of 256; then it adds panel after panel, from 0 on. Every product and every sum
 * is rounded to the dtype.
 */
export const multiply = (product: Product, kind: Kind, a: Data, b: Data): Data => {
  const { batch, m, n, k, isOneA, isOneB, transposeA, transposeB, symmetric } = product
  const round = kind === Kind.F64 ? exact : Math.fround
  const out = allocate(kind, batch * m * n)
  const [rowA, columnA] = transposeA ? [1, m] : [k, 1]
  const [rowB, columnB] = transposeB ? [1, k] : [n, 1]
  for (let matrix = 0; matrix < batch; matrix++) {
    const fromA = isOneA ? 0 : matrix * m * k
    const fromB = isOneB ? 0 : matrix * k * n
    const to = matrix * m * n
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < (symmetric ? i + 1 : n); j++) {
        let total = 0
        for (let start = 0; start < k; start += PANEL) {
          let panel = 0
          for (let l = start; l < Math.min(start + PANEL, k); l++) {
            const x = a[fromA + i * rowA + l * columnA] as number
            const y = b[fromB + l * rowB + j * columnB] as number
            panel = round(panel + round(x * y))
          }
          total = round(total + panel)
        }
        out[to + i * n + j] = total
        if (symmetric) out[to + j * n + i] = total
      }
    }
  }
  return out
}
