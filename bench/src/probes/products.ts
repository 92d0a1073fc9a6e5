/** What a product of two matrices costs, ours and those of the peers, in one process, turn by turn. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blockUntilReady, defaultDevice, init, jit, numpy as np } from '@jax-js/jax'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { force, matmul, ndarray, stateless, transient, tree } from 'gradchain'
import { median } from '../statistics.js'
import { roof } from './roof.js'

/** The ways to multiply. */
export const multipliers = ['gradchain', 'gram', 'transient1', 'transient2', 'tfjsWasm', 'jaxJs'] as const

export type Multiplier = (typeof multipliers)[number]

/** Milliseconds of a product, and of as many operations in registers alone; the medians of ratios round by round. */
export interface Products {
  readonly milliseconds: Readonly<Record<Multiplier, number>>
  /** By how many times the operations of a product would be faster in registers alone. */
  readonly toRoof: Readonly<Record<Multiplier, number>>
  readonly roofGflops: number
}

const ROUNDS = 9
/** About how many operations a turn is of. */
const TURN = 2 ** 30

/** Numbers in [−½, ½), always the same. */
export const numbers = (length: number): Float32Array => {
  let state = 1
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 32
  })
}

const startPeers = async (): Promise<void> => {
  setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/../wasm-out/`)
  if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js could not start its wasm backend')
  await init('cpu', 'wasm')
  defaultDevice('wasm')
}

/** A step whose update is the product of the gradient by itself. */
const resident = (n: number, threads: number): (() => void) => {
  const squared = stateless((updates) => tree.map((g) => matmul(g, g), updates))
  const run = transient(squared, { w: ndarray(new Float32Array(n * n), [n, n]) }, { threads })
  run.grads.w.data.set(numbers(n * n))
  return () => {
    run.step()
  }
}

export const products = async (n: number): Promise<Products> => {
  await startPeers()
  const [x, y] = [numbers(n * n), numbers(n * n).reverse()]
  const [a, b] = [ndarray(x, [n, n]), ndarray(y, [n, n])]
  const [ta, tb] = [tf.tensor2d(x, [n, n]), tf.tensor2d(y, [n, n])]
  const [ja, jb] = [np.array(x.slice()).reshape([n, n]), np.array(y.slice()).reshape([n, n])]
  const times = jit((p: np.Array, q: np.Array) => np.matmul(p, q))
  const ways: Readonly<Record<Multiplier, () => unknown>> = {
    gradchain: () => force(matmul(a, b)),
    gram: () => force(matmul(a, a, { transposeB: true })),
    transient1: resident(n, 1),
    transient2: resident(n, 2),
    tfjsWasm: () => tf.tidy(() => void tf.slice(tf.matMul(ta, tb), [0, 0], [1, 1]).dataSync()),
    jaxJs: async () => {
      const product = times(ja.ref, jb.ref)
      await blockUntilReady(product)
      product.dispose()
    }
  }
  const operations = 2 * n ** 3
  const repeats = Math.max(1, Math.round(TURN / operations))
  const ceiling = roof()
  const timed = async (run: () => unknown, count: number): Promise<number> => {
    const since = performance.now()
    for (let i = 0; i < count; i++) await run()
    return (performance.now() - since) / count
  }
  const samples = Object.fromEntries(multipliers.map((name) => [name, [] as number[]])) as Record<Multiplier, number[]>
  const ratios = Object.fromEntries(multipliers.map((name) => [name, [] as number[]])) as Record<Multiplier, number[]>
  const ceilings: number[] = []
  // Threads start once this one has nothing to do; kernels are compiled well in the first turns.
  await new Promise((resolve) => setTimeout(resolve, 300))
  for (let round = -2; round < ROUNDS; round++) {
    const best = (await timed(ceiling.run, 40)) * (operations / ceiling.operations)
    if (round >= 0) ceilings.push(operations / best / 1e6)
    for (const name of multipliers) {
      const passed = await timed(ways[name], repeats)
      if (round < 0) continue
      samples[name].push(passed)
      ratios[name].push(passed / best)
    }
  }
  const medians = (of: Readonly<Record<Multiplier, number[]>>): Record<Multiplier, number> =>
    Object.fromEntries(multipliers.map((name) => [name, median(of[name])])) as Record<Multiplier, number>
  return { milliseconds: medians(samples), toRoof: medians(ratios), roofGflops: median(ceilings) }
}
