import { type Assemble, CAPACITY, KernelCache } from '../wasm/cache.js'
import { isWasmSupported } from '../wasm/engine.js'
import { type Assembly, assemble, type Kernel } from '../wasm/kernel.js'
import type { Arena } from './arena.js'
import { interpreted } from './interpreter.js'

/**
 * How a kernel is made of a program. What else `write` makes a module of is `null` where such kernels are not to be had;
 * for a program there always is one.
 */
export type KernelOf = (code: readonly number[], write?: Assemble, memory?: number) => Kernel | null

/** The kernels of an arena: compiled at first sight, as a plan runs them again and again, and read where that is refused. */
export const kernelsOf = ({ all }: Arena, isShared: boolean): KernelOf => {
  const each = all.map(({ memory }) => kernelsIn(memory, isShared))
  return (code, write, memory = 0) => (each[memory] as KernelOf)(code, write)
}

const kernelsIn = (memory: WebAssembly.Memory, isShared: boolean): KernelOf => {
  const read: KernelOf = (code, write) => (write === undefined ? interpreted(code, memory.buffer) : null)
  if (!isWasmSupported()) return read
  const cache = new KernelCache(memory, isShared)
  return (code, write) => cache.find(code, Infinity, written(write)) ?? read(code, write)
}

// What was written for one arena need not be written again for the next, such as that of a run that is resumed. In order of use.
const modules = /* @__PURE__ */ new Map<string, Assembly>()

const written =
  (write: Assemble = assemble): Assemble =>
  (code, isShared) => {
    const key = `${isShared} ${code}`
    const assembly = modules.get(key) ?? write(code, isShared)
    modules.delete(key)
    modules.set(key, assembly)
    for (const oldest of modules.keys()) if (modules.size > CAPACITY) modules.delete(oldest)
    return assembly
  }
