import { KernelCache } from '../wasm/cache.js'
import { isWasmSupported } from '../wasm/engine.js'
import type { Arena } from './arena.js'
import { interpreted } from './interpreter.js'
import type { KernelOf } from './plan.js'

/** The kernels of an arena: compiled at first sight, as a plan runs them again and again, and read where that is refused. */
export const kernelsOf = ({ memory }: Arena, isShared: boolean): KernelOf => {
  if (!isWasmSupported()) return (code) => interpreted(code, memory.buffer)
  const cache = new KernelCache(memory, isShared)
  return (code) => cache.find(code, Infinity) ?? interpreted(code, memory.buffer)
}
