// Ten million steps of the chain that most use: no drift, and nothing that grows.
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  exponentialDecay,
  multiSteps,
  scaleByAdam,
  scaleByLearningRate
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import * as tree from '../algebra/index.js'
import { read, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { add, mul } from '../expression/operations.js'
import { heap } from '../transformation/heapTesting.js'
import { step } from '../transformation/step.js'
import { clipped } from '../transformation/testing.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { transient } from './transient.js'
import { differenceOf, gradients, residentOf, write } from './transientTesting.js'

/** How far `step` goes along on each engine, which takes longer. */
const ALONG = { wasm: 20_000, reference: 5000 }
const KINDS_OF_GRADIENTS = 7

const clippedAdam = chain(
  clipByGlobalNorm(1),
  scaleByAdam(),
  addDecayedWeights(1e-2),
  scaleByLearningRate(exponentialDecay({ initValue: 0.1, transitionSteps: 1000, decayRate: 0.9 }))
)

const SOAKED: readonly (readonly [name: string, tx: AnyGradientTransformation, steps: number])[] = [
  ['clip, adam, decay and a schedule', clippedAdam, 10_000_000],
  ['four mini-batches a step', multiSteps(clippedAdam, 4), 100_000]
]

const params = { w: Float32Array.from({ length: 13 }, (_, i) => Math.sin(i)), b: new Float32Array(3) }
const given = Array.from({ length: KINDS_OF_GRADIENTS }, (_, i) => gradients(params, i) as typeof params)
const gradsOf = (i: number): typeof params => given[i % KINDS_OF_GRADIENTS] as typeof params

type Pair = readonly [unknown, unknown]
type Step = (...parts: readonly unknown[]) => Pair

/** Params and state after so many repeated steps. */
const stepped = (tx: AnyGradientTransformation, count: number): Pair => {
  let pair: Pair = [params, (tx.init as (p: unknown) => unknown)(params)]
  for (let i = 0; i < count; i++) pair = (step as unknown as Step)(tx, gradsOf(i), pair[1], pair[0])
  return pair
}

describe.each(SOAKED)('%s', (_name, tx, count) => {
  test(`${count} steps`, () => {
    const run = residentOf(tx, params)
    const at = (): Pair => [run.snapshot().params, run.snapshot().state]
    const memory = (run.params as typeof params).w.buffer
    const marks = new Map<number, Pair>()
    const used: unknown[] = []
    const heaps: number[] = []
    for (let i = 0; i < count; i++) {
      if (i === ALONG.reference || i === ALONG.wasm) marks.set(i, at())
      if (i % (count / 4) === 1000) {
        used.push([run.bytes, run.remembered])
        heaps.push(heap())
      }
      if (i % 2 === 0) run.step(gradsOf(i))
      else {
        write(run.grads, gradsOf(i))
        run.step()
      }
    }
    expect(differenceOf(marks.get(ALONG.wasm), stepped(tx, ALONG.wasm))).toBe('')
    const slowly = withEngine(reference, () => stepped(tx, ALONG.reference))
    expect(differenceOf(marks.get(ALONG.reference), slowly)).toBe('')

    // Memory, plans and nodes are those of the first thousand steps.
    for (const later of used) expect(later).toEqual(used[0])
    expect((run.params as typeof params).w.buffer).toBe(memory)
    expect(memory.byteLength).toBe(run.bytes.total)
    // One number a step that is not let go of would be beyond this.
    expect((heaps.at(-1) as number) - (heaps[0] as number)).toBeLessThan(2 ** 20)

    // And going on from where that is, on ordinary arrays, is going on.
    const end = at()
    run.step(gradsOf(count))
    expect(differenceOf(at(), (step as unknown as Step)(tx, gradsOf(count), end[1], end[0]))).toBe('')
    expect((run.snapshot().params as typeof params).w.every(Number.isFinite)).toBe(true)
  })
})

test('memory is flat over ten thousand steps, whatever these do', () => {
  const tx = transformation<{ readonly count: number; readonly m: Tree }>({
    init: (params) => ({ count: 0, m: params }),
    update: (updates, { count, m }) => {
      // Arrays that are others each time, reads, branches, and every so often something never done before.
      const factor = Float32Array.of(count, 1, 2, 3)
      const size = count % 3 === 0 ? read(tree.norm(updates)) : 1
      let next = map((g, x) => add(mul(g, factor), mul(x, 1 / (1 + size))), updates, m)
      for (let i = 0; i < count % 37; i++) next = map((x) => add(x, 1), next)
      return [next, { count: count + 1, m: next }]
    }
  })
  const run = transient(chain(clipped(1), tx, clipped(1)), { w: new Float32Array(4), v: new Float32Array(4) })
  run.grads.w.fill(0.5)
  run.grads.v.fill(0.25)
  const half = 5000
  for (let i = 0; i < half; i++) run.step()
  const before = heap()
  for (let i = 0; i < half; i++) run.step()
  expect(heap() - before).toBeLessThan(2 ** 25)
  expect(run.snapshot().state[1].count).toBe(2 * half)
})
