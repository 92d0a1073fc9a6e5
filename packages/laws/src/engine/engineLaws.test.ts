import { type Engine, reference, withEngine } from '@gradchain/core'
import { type Expr, type GraphNode, nodeOf, pendingOrder, settleNode } from '@gradchain/core/engine'
import { expect, test } from 'vitest'
import { checkLaws } from '../run.js'
import { type EngineOptions, engineLaws } from './engineLaws.js'

/** The reference, with something done to the values of some nodes. */
const changed = (change: (node: GraphNode, x: number) => number): Engine => ({
  name: 'changed',
  evaluate: (roots) => {
    for (const x of pendingOrder(roots)) {
      const node = nodeOf(x)
      // What an opaque function evaluated while it ran is known by now.
      if (node.name === 'leaf') continue
      withEngine(reference, () => reference.evaluate([x]))
      const { value } = nodeOf(x) as { value: number | { data: Float32Array } }
      if (typeof value === 'number' || x.dtype === 'bfloat16' || x.dtype === 'float16') continue
      for (let i = 0; i < value.data.length; i++) value.data[i] = change(node, value.data[i] as number)
    }
  }
})

const check = (engine: Engine, options: EngineOptions = {}, runs = 8): void =>
  checkLaws(engineLaws(options), engine, { runs, seed: 1, without: { computesLargeArrays: 'it takes seconds' } })

test('an engine that does what the reference does obeys them', () => {
  check(
    changed((_, x) => x),
    { dtypes: ['float32', 'bfloat16'] },
    2
  )
})

test('a value that is wrong at an edge is found, by its node', () => {
  const losesSign = changed(({ name }, x) => (name === 'neg' && x === 0 ? 0 : x))
  expect(() => check(losesSign)).toThrow('the values of the reference')
  const hidesNaN = changed(({ name }, x) => (name === 'min' && Number.isNaN(x) ? 1 : x))
  expect(() => check(hidesNaN)).toThrow('min')
})

test('what differs within the tolerance is let pass, and nothing beyond', () => {
  const near = changed(({ name }, x) => (name === 'exp' ? x * (1 + 1e-6) : x))
  expect(() => check(near)).toThrow('exp')
  expect(() => check(near, { tolerance: { tanh: 1e-3 } })).toThrow('exp')
  check(near, { tolerance: { exp: 2e-6 }, dtypes: ['float32'] }, 2)
})

test('what takes small numbers for 0 is let pass where that is said', () => {
  const flushing = changed((_, x) => (Math.abs(x) < 2 ** -126 && x !== 0 ? 0 : x))
  expect(() => check(flushing)).toThrow('the values of the reference')
  check(flushing, { flushes: true, signsZeros: false, dtypes: ['float32'] }, 2)
})

test('an engine that loses a root is found', () => {
  const forgetful: Engine = {
    name: 'forgetful',
    evaluate: (roots: readonly Expr[]) => reference.evaluate(roots.length > 1 ? roots.slice(1) : roots)
  }
  expect(() => check(forgetful)).toThrow()
  const failing: Engine = {
    name: 'failing',
    evaluate: (roots) => {
      for (const x of pendingOrder(roots)) if (nodeOf(x).dtype !== 'number') settleNode(x, new Float32Array(x.size))
      reference.evaluate(roots)
    }
  }
  expect(() => check(failing, { dtypes: ['float32'] })).toThrow()
})
