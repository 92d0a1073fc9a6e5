import { type Assemble, KernelCache } from '../wasm/cache.js'
import { isWasmSupported } from '../wasm/engine.js'
import type { Kernel } from '../wasm/kernel.js'
import type { Arena } from './arena.js'
import { interpreted } from './interpreter.js'

/**
 * How a kernel is made of a program. What else `write` makes a module of is `null` where such kernels are not to be had;
 * for a program there always is one.
 */
export type KernelOf = (code: readonly number[], write?: Assemble) => Kernel | null

/** The kernels of an arena: compiled at first sight, as a plan runs them again and again, and read where that is refused. */
export const kernelsOf = ({ memory }: Arena, isShared: boolean): KernelOf => {
  const read: KernelOf = (code, write) => (write === undefined ? interpreted(code, memory.buffer) : null)
  if (!isWasmSupported()) return read
  const cache = new KernelCache(memory, isShared)
  return (code, write) => cache.find(code, Infinity, write) ?? read(code, write)
}
