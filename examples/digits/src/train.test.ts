import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { countRight } from './accuracy.js'
import { batches, split } from './batches.js'
import { loadDigits } from './data.js'
import { initialParams } from './model.js'
import { learningRate, type OptimizerName, optimizers } from './optimizers.js'
import { streams } from './random.js'

const names = Object.keys(optimizers) as OptimizerName[]

/** The whole job without its output: every step, and the share of the held-out digits read rightly. */
const job = (name: OptimizerName, steps: number, seed = 0) => {
  const [forSplit, forWeights, forBatches] = streams(seed)
  const { training, heldOut } = split(loadDigits(), 0.2, forSplit)
  const { steps: train } = optimizers[name].trainer(learningRate(optimizers[name].learningRate, steps))
  const taken = [...train(initialParams(forWeights), batches(training, 64, steps, forBatches))]
  const params = taken.at(-1)?.params ?? initialParams(forWeights)
  return { taken, accuracy: countRight(params, heldOut) / heldOut.length }
}

describe('train', () => {
  test.each(names)('%s: the same seed gives the same bits', (name) => {
    expect(job(name, 7).taken).toStrictEqual(job(name, 7).taken)
  })

  test('another seed gives other numbers', () => {
    expect(job('chain', 2, 1).taken).not.toStrictEqual(job('chain', 2, 2).taken)
  })

  test('numbers its steps from 0, and keeps the params of every step as they were', () => {
    const { taken } = job('chain', 6)
    expect(taken.map(({ step }) => step)).toStrictEqual([0, 1, 2, 3, 4, 5])
    const buffers = taken.map(({ params }) => params.dense1.kernel.data.buffer)
    expect(new Set(buffers).size).toBe(6)
  })

  test('reads at least 96 % of the held-out digits', () => {
    expect(job('chain', 400).accuracy).toBeGreaterThanOrEqual(0.96)
  }, 30_000)

  test.each(names)('%s: a short run already reads 85 of 100', (name) => {
    expect(job(name, 120).accuracy).toBeGreaterThan(0.85)
  })
})

describe('optimizers', () => {
  const source = readFileSync(new URL('./optimizers.ts', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ')

  test.each(names)('%s: the formula shown is the code that runs', (name) => {
    expect(source).toContain(`trainer: (schedule) => train(${optimizers[name].formula})`)
  })
})
