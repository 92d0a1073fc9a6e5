import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many sets of gradients there are; the steps that are compared take them in turn. */
export const GRADIENT_SETS = 2

/** The arrays that every rival starts from. */
export interface Inputs {
  readonly params: Float32Array
  readonly grads: readonly Float32Array[]
}

/** Uniform numbers in (−1, 1) from a seed: splitmix32, quick and the same everywhere. */
const uniform = (length: number, seed: number): Float32Array => {
  const out = new Float32Array(length)
  let state = seed | 0
  for (let i = 0; i < length; i++) {
    state = (state + 0x9e3779b9) | 0
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    out[i] = ((z ^ (z >>> 15)) >> 8) / 2 ** 23
  }
  return out
}

/**
 * Params in (−0.1, 0.1) and gradients in (−1, 1).
 *
 * @example
 * makeInputs(10_000).grads.length // => 2
 */
export const makeInputs = (length: number): Inputs => ({
  params: uniform(length, 1).map((x) => x / 10),
  grads: Array.from({ length: GRADIENT_SETS }, (_, i) => uniform(length, 2 + i))
})

export const paramsFile = (folder: string): string => join(folder, 'params.f32')
export const gradsFile = (folder: string, set: number): string => join(folder, `grads${set}.f32`)

/** Leaves the inputs in a folder, as raw little-endian float32, for the rivals to read. */
export const writeInputs = (folder: string, { params, grads }: Inputs): void => {
  writeFileSync(paramsFile(folder), params)
  for (const [set, values] of grads.entries()) writeFileSync(gradsFile(folder, set), values)
}
