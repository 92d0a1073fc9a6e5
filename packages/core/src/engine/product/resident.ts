import type { Kind } from '../../array/dtype.js'
import type { Product, ResidentLaunch, ResidentProduct, ResidentRoom } from '../../expression/product.js'

/** Room for the table of any part of a product, and how many parts there are at the most. */
const TABLE_BYTES = 64
const PARTS = 4
/** How many multiplications are worth waking other threads up. */
const WORTH_SHARING = 2 ** 20

/** A product between arrays that stay; `null` where there are no kernels for it. */
export const resident = <K>(
  node: { readonly kind: Kind; readonly detail: unknown },
  isOneArray: boolean,
  { places, take, kernelOf }: ResidentRoom<K>
): ResidentProduct<K> | null => {
  const { batch, m, n, k, method } = node.detail as Product
  const partsOf = (product: Product) => method.plan(product, node.kind, isOneArray, places)
  const parts = partsOf(node.detail as Product)
  if (parts === null || parts.some(({ code }) => kernelOf(code, method.assemble) === null)) return null
  const tables = Array.from({ length: PARTS }, () => take(TABLE_BYTES))

  /** Both packings at the same time, then the product, and what else there is. */
  const phasesOf = (product: Product): readonly (readonly ResidentLaunch<K>[])[] => {
    const launches = (partsOf(product) ?? []).map(({ code, words, size }, i) => {
      const kernel = kernelOf(code, method.assemble) as K
      return { kernel, table: tables[i] as number, size, pointers: words, parts: null }
    })
    return [launches.slice(0, 2), ...launches.slice(2).map((launch) => [launch])]
  }

  let prepared = node.detail as Product
  let phases = phasesOf(prepared)
  return {
    isWorthSharing: batch * m * n * k >= WORTH_SHARING,
    phases: () => {
      const product = node.detail as Product
      if (!isSameForm(product, prepared)) {
        phases = phasesOf(product)
        prepared = product
      }
      return phases
    }
  }
}

const isSameForm = (a: Product, b: Product): boolean =>
  a.transposeA === b.transposeA && a.transposeB === b.transposeB && a.symmetric === b.symmetric
