// Arrays of jax-js as tests make them, and how many of them there are.
import type { NdArray } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { defaultDevice, init, type JsTree, numpy as np } from '@jax-js/jax'

// Both are named because `init()` alone asks for `navigator`, which Node 20 does not have.
await init('cpu', 'wasm')
defaultDevice('wasm')

/** A tree of arrays as one of jax-js. */
export const arraysOf = <T extends JsTree<np.Array>>(given: unknown): T =>
  tree.map((leaf: unknown) => {
    const { data, shape } = leaf as NdArray
    return np.array(data.slice() as Float32Array<ArrayBuffer>, { shape: [...shape] }) as never
  }, given as never) as T

/** All elements of a tree of arrays, which stays as it is. */
export const elementsOf = (given: unknown): number[] =>
  tree.leaves(given as never).flatMap((array: unknown) => Array.from((array as np.Array).ref.dataSync()))

/** What a device does with memory. */
interface Memory {
  malloc(...given: readonly unknown[]): number
  incRef(slot: number): void
  decRef(slot: number): void
}

/**
 * Counts the pieces of memory that arrays of a device hold, from now on: each is there until its last handle is given up.
 */
export const countingMemory = (): { readonly live: () => number; readonly stop: () => void } => {
  let memory: Memory | null = null
  // An array is asked to come to the device that an operation takes place on: so that device can be had.
  const spy = np.array([1, 2])
  const put = spy._putSync.bind(spy)
  Object.defineProperty(spy, '_putSync', {
    value: (backend: unknown) => {
      memory = backend as Memory
      return put(backend as never)
    }
  })
  np.add(spy, np.array([1, 2])).dispose()
  if (memory === null) throw new Error('there is no way to the memory of a device')
  const device: Memory = memory
  const handles = new Map<number, number>()
  const { decRef, incRef, malloc } = device
  const moved = (slot: number, by: number): void => {
    const count = handles.get(slot)
    if (count === undefined) return
    if (count + by === 0) handles.delete(slot)
    else handles.set(slot, count + by)
  }
  device.malloc = (...given) => {
    const slot = malloc.apply(device, given as [])
    handles.set(slot, 1)
    return slot
  }
  device.incRef = (slot) => {
    incRef.call(device, slot)
    moved(slot, 1)
  }
  device.decRef = (slot) => {
    decRef.call(device, slot)
    moved(slot, -1)
  }
  return {
    live: () => handles.size,
    stop: () => {
      for (const name of ['malloc', 'incRef', 'decRef'] as const) Reflect.deleteProperty(device, name)
    }
  }
}
