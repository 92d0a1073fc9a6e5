/** What a step of Adam costs on variables of TensorFlow.js: its own, and ours as a tf.Optimizer, turn by turn. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toTfjsOptimizer } from '@gradchain/tfjs'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { adam } from 'gradchain'
import { median } from '../statistics.js'

/** The sizes that are tried: how many variables, of how many elements. */
export const TFJS_SIZES = { '10k': [10, 1000], '1m': [20, 50_000] } as const

/** Milliseconds of a step, and the median of the ratios of ours to theirs, round by round. */
export interface TfjsAdam {
  readonly theirs: number
  readonly ours: number
  readonly ratio: number
}

const ROUNDS = 15
const WARM_UP = 3

const onBackend = async (backend: 'cpu' | 'wasm', [count, length]: readonly [number, number]): Promise<TfjsAdam> => {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its ${backend} backend`)
  const stepper = (optimizer: tf.Optimizer, prefix: string): (() => number) => {
    const values = (factor: number) => Float32Array.from({ length }, (_, i) => factor * Math.sin(i + 1))
    const names = Array.from({ length: count }, (_, i) => `${prefix}${i}`)
    const variables = names.map((name) => tf.variable(tf.tensor1d(values(1)), true, name))
    const gradients = names.map((name) => ({ name, tensor: tf.tensor1d(values(0.1)) }))
    return () => {
      const since = performance.now()
      optimizer.applyGradients(gradients)
      // Both are asked for a result, as what is computed may be put off.
      tf.tidy(() => tf.slice(variables[0] as tf.Variable, [0], [1]).dataSync())
      return performance.now() - since
    }
  }
  const [theirs, ours] = [
    stepper(tf.train.adam(1e-3), `${backend}-${count}-theirs-`),
    stepper(toTfjsOptimizer(adam(1e-3)), `${backend}-${count}-ours-`)
  ]
  const rounds: (readonly [number, number])[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const times = [theirs(), ours()] as const
    if (round >= 0) rounds.push(times)
  }
  return {
    theirs: median(rounds.map(([time]) => time)),
    ours: median(rounds.map(([, time]) => time)),
    ratio: median(rounds.map(([their, our]) => our / their))
  }
}

/** For each backend and size. */
export const tfjsAdam = async (): Promise<Readonly<Record<string, TfjsAdam>>> => {
  setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/../wasm-out/`)
  const found: Record<string, TfjsAdam> = {}
  for (const backend of ['cpu', 'wasm'] as const) {
    for (const [name, size] of Object.entries(TFJS_SIZES)) found[`${backend} ${name}`] = await onBackend(backend, size)
  }
  return found
}
