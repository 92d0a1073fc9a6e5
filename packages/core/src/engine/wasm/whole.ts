import type { Data } from '../../array/dtype.js'
import type { Expr } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import { arrayOf } from '../../expression/operations.js'
import type { Product } from '../../expression/product.js'
import { runStandalone } from '../standalone.js'
import type { KernelCache } from './cache.js'
import type { Staging } from './staging.js'

/** The elements of a node that works on whole arrays: by kernels where there are some for it and they fit the memory. */
export const runWhole = (staging: Staging, kernels: KernelCache, node: Expr): Data => {
  const product = node.op === Op.Matmul ? multiply(staging, kernels, node) : null
  return product ?? runStandalone(node, (node.more ?? [node.a as Expr]).map(arrayOf))
}

/** Room for the table of any part of a product. */
const TABLE_BYTES = 64

const multiply = (staging: Staging, kernels: KernelCache, node: Expr): Data | null => {
  const product = node.detail as Product
  const { kind, size } = node
  const { packedBytes, plan, assemble } = product.method
  const [a, b] = (node.more as readonly Expr[]).map(({ data }) => data) as [Data, Data]
  const elements = a.BYTES_PER_ELEMENT * Math.max(a.length, b.length, size)
  // The operands are packed one after the other, so that the second and the result may lie where the first one lay.
  const room = staging.reserve([TABLE_BYTES, elements, ...packedBytes(product, kind)])
  if (room === null) return null
  const [table, at, packedA, packedB] = room as [number, number, number, number]
  const launches = plan(product, kind, a === b, { a: at, b: at, c: at, packedA, packedB })
  if (launches === null) return null
  const kernelsOf = launches.map(({ code }) => kernels.find(code, Infinity, assemble))
  if (kernelsOf.includes(null)) return null
  launches.forEach(({ words, size: tiles }, i) => {
    if (i < 2) staging.put(kind, at, i === 0 ? a : b)
    staging.putWords(table, words)
    kernelsOf[i]?.run(table, 0, tiles)
  })
  return staging.take(kind, at, size)
}
