import type { Data } from '../../array/dtype.js'
import type { Expr, Whole } from '../../expression/expr.js'
import { arrayOf } from '../../expression/operations.js'
import type { KernelCache } from './cache.js'
import type { Staging } from './staging.js'

/** The elements of a node that works on whole arrays: by kernels where there are some for it and they fit the memory. */
export const runWhole = (staging: Staging, kernels: KernelCache, node: Expr): Data => {
  const { method } = node.detail as Whole
  const launched = method.launch?.(node, {
    memory: staging.memory,
    grow: (bytes) => staging.grow(bytes),
    kernelOf: (code, assemble) => kernels.find(code, Infinity, assemble)
  })
  return launched ?? method.compute(node, (node.more ?? [node.a as Expr]).map(arrayOf))
}
