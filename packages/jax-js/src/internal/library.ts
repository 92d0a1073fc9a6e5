import { InvalidOption, InvalidTree, type NdArray, ndarray } from '@gradchain/core'
import type { ArrayForm, ArrayLibrary } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import { defaultDevice, Array as JaxArray, numpy as np } from '@jax-js/jax'
import { dtypeOf } from './operations.js'
import { leavesOf } from './record.js'

/** What arrays are made of: they themselves, and what stands for them in `jit` and `grad`. */
const anyArray: object = /* @__PURE__ */ Object.getPrototypeOf(JaxArray.prototype)

/** Whether a value is an array, or stands for one in `jit` or `grad`. */
export const isArray = (value: unknown): value is np.Array =>
  typeof value === 'object' && value !== null && Object.prototype.isPrototypeOf.call(anyArray, value)

/** Whether an array is there, and does not stand for one. */
export const isThere = (array: np.Array): boolean => array instanceof JaxArray

/** The devices whose arrays lie in the memory of this process, where our own kernels are faster. */
const HOSTS: readonly string[] = ['cpu', 'wasm']

/** Whether the elements of an array are at hand. */
export const isOnHost = (array: np.Array): boolean => isThere(array) && HOSTS.includes(array.device)

/** The dtype and shape of an array; of one that cannot be computed with, why. */
export const formOf = (array: np.Array): ArrayForm | string => {
  if (isThere(array) && array.refCount <= 0) return 'was freed'
  const { dtype, shape } = array
  return dtype === np.float32 || dtype === np.float64 || dtype === np.float16
    ? { dtype, shape }
    : `has dtype ${dtype}, not float32, float64 or float16`
}

/**
 * Refuses arrays that were freed, and those that are given more often than there are handles of them, before any of them is consumed.
 *
 * @param given - trees, by how they are called.
 */
export const refuseSpent = (owner: string, given: Readonly<Record<string, unknown>>): void => {
  if (!isSpent(Object.values(given))) return
  const uses = new Map<np.Array, number>()
  for (const [name, value] of Object.entries(given)) {
    tree.mapWithPath((path, leaf: unknown) => {
      if (!isArray(leaf) || !isThere(leaf)) return null as never
      const count = (uses.get(leaf) ?? 0) + 1
      uses.set(leaf, count)
      const place = `${owner}: ${name}${path} is a jax.Array that`
      if (leaf.refCount <= 0) throw new InvalidTree(`${place} was freed`)
      if (count > leaf.refCount) {
        throw new InvalidTree(`${place} is given ${count} times, and each takes a handle of it: give .ref of it`)
      }
      return null as never
    }, value as never)
  }
}

/** Whether there is an array in some trees of which there are fewer handles than places. */
const isSpent = (given: readonly unknown[]): boolean => {
  const uses = new Map<np.Array, number>()
  for (const leaf of leavesOf(given)) {
    if (!isArray(leaf) || !isThere(leaf)) continue
    const count = (uses.get(leaf) ?? 0) + 1
    uses.set(leaf, count)
    if (count > leaf.refCount) return true
  }
  return false
}

/** What arrays of ours became, so that they need not be read again. */
const sources = new WeakMap<np.Array, NdArray>()

const read = (array: np.Array): NdArray => {
  const data = array.ref.dataSync()
  const { shape } = array
  if (data instanceof Float32Array || data instanceof Float64Array) {
    return data instanceof Float32Array ? ndarray(data, shape) : ndarray(data, shape)
  }
  return ndarray(new Uint16Array(data.buffer, data.byteOffset, data.length), shape, 'float16')
}

/** An array of jax-js with the elements of one of ours; on the device that is usual, where none is named. */
export const made = ({ data, dtype, shape: given }: NdArray, device?: np.Array['device']): np.Array => {
  const shape = [...given]
  const where = device === undefined || device === defaultDevice() ? {} : { device }
  if (dtype === 'bfloat16') throw new InvalidOption('jaxjs: jax-js has no arrays of bfloat16')
  if (data.length === 0) return np.zeros(shape, { dtype: dtypeOf(dtype), ...where })
  if (data instanceof Uint16Array) {
    // What TypeScript does not know of yet, and jax-js has no such arrays without.
    const Halves = Reflect.get(globalThis, 'Float16Array') as new (buffer: ArrayBufferLike) => Float32Array<ArrayBuffer>
    return np.array(new Halves(data.slice().buffer), { shape, ...where })
  }
  return np.array(data as Float32Array<ArrayBuffer>, { shape, ...where })
}

/** Arrays on a device of the host. */
export const arrays = (
  device: np.Array['device']
): Pick<ArrayLibrary<np.Array>, 'name' | 'arrayName' | 'isArray' | 'formOf' | 'fromHost' | 'toHost'> => ({
  name: 'jaxjs',
  arrayName: 'a jax.Array',
  isArray,
  formOf,
  fromHost: (host) => {
    const array = made(host, device)
    sources.set(array, host)
    return array
  },
  toHost: (array) => sources.get(array) ?? read(array)
})
