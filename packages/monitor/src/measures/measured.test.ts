import { arbitrary, difference } from '@gradchain/laws'
import fc from 'fast-check'
import {
  adamw,
  add,
  chain,
  clipByGlobalNorm,
  describe as description,
  fromDescription,
  identity,
  type Leaf,
  read,
  scale,
  sgd,
  step,
  type Tree,
  trace,
  transient,
  tree
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import * as monitor from '../index.js'
import { descentCosine } from './descentCosine.js'
import { everySteps } from './everySteps.js'
import { measured } from './measured.js'
import { normOf } from './normOf.js'
import { signalToNoise } from './signalToNoise.js'
import type { StatefulStepMeasure } from './stepMeasure.js'
import { updateRatio } from './updateRatio.js'

const measures = {
  ratio: updateRatio(),
  norms: normOf('updates', { by: 'leaf' }),
  cosine: descentCosine(),
  signal: signalToNoise({ by: 'leaf' }),
  rarely: everySteps(2, normOf('params'))
}

const start = { w: new Float32Array([3, -4]), deep: [{ b: new Float64Array([12]) }, 0] } as const
const gradients = [1, -2, 0.5].map((c) => ({
  w: new Float32Array([c, 2 * c]),
  deep: [{ b: new Float64Array([c * c]) }, c] as const
}))

describe('measured', () => {
  test('gives the updates of the inner transformation, and its state', () => {
    fc.assert(
      fc.property(arbitrary.params(), fc.integer({ min: 1, max: 4 }), (params, rate) => {
        const plain = chain(clipByGlobalNorm(1), trace(0.5), sgd(rate))
        const tx = measured(plain, measures)
        const [alone, alongside] = [
          plain.update(params, plain.init(params), params),
          tx.update(params, tx.init(params), params)
        ]
        expect(difference(alongside[0], alone[0])).toBeNull()
        expect(difference(alongside[1].innerState, alone[1])).toBeNull()
      }),
      { numRuns: 20 }
    )
  })

  test('is the same by update, by step and in place, where run.state holds numbers', () => {
    const tx = measured(adamw(0.1), measures)
    const run = transient(tx, start)
    let [params, state] = [start as typeof run.params, tx.init(start)]
    for (const grads of gradients) {
      const updated = tx.update(grads, state, params)[1]
      ;[params, state] = step(tx, grads, state, params)
      run.step(grads)
      expect(updated.measurements).toStrictEqual(state.measurements)
      expect(run.state.measurements).toStrictEqual(state.measurements)
    }
    expect(typeof run.state.measurements.ratio).toBe('number')
    expect(run.snapshot().state).toStrictEqual(state)
  })

  test('has measurements of one form before the first step and after it', () => {
    const tx = measured(adamw(0.1), measures)
    const first = tx.init(start)
    const [, second] = tx.update(gradients[0] as never, first, start)
    expect(tree.paths(second as unknown as Tree<Leaf>)).toStrictEqual(tree.paths(first as unknown as Tree<Leaf>))
    expect(first.measurements).toStrictEqual({
      ratio: 0,
      norms: { w: 0, deep: [{ b: 0 }, 0] },
      cosine: 0,
      signal: { w: 0, deep: [{ b: 0 }, 0] },
      rarely: 13
    })
  })

  test('a measure sees gradients, updates, params and the state, and what it said last', () => {
    const total: StatefulStepMeasure<{ readonly seen: number }, { readonly sum: Tree; readonly all: Tree }> = {
      init: () => ({ seen: 0 }),
      measure: ({ gradients: g, updates, params, state }, { seen }, before) => [
        {
          sum: add(tree.sum(g), seen === 0 ? 0 : (before.sum as number)),
          all: { u: tree.sum(updates), p: tree.sum(params), v: tree.sum(tree.get(state, 'trace') as Tree) }
        },
        { seen: seen + 1 }
      ]
    }
    const tx = measured(chain(trace(0.5), scale(-0.1)), { total })
    let state = tx.init({ w: [1, 2] })
    for (const w of [
      [2, 4],
      [1, 1]
    ])
      state = tx.update({ w }, state, { w: [1, 2] })[1]
    expect(read(state.measurements.total.sum as number)).toBe(8)
    expect(state.measurements.total.all).toStrictEqual({ u: -0.5, p: 3, v: 5 })
    expect(state.measureStates.total).toStrictEqual({ seen: 2 })
  })

  test('a param without a gradient rests, and its measurement stays', () => {
    const tx = measured(sgd(1), { norms: normOf('gradients', { by: 'leaf' }), all: normOf('gradients') })
    const params = { a: 1, b: 1 }
    const [, first] = tx.update({ a: 3, b: 4 }, tx.init(params), params)
    const [updates, second] = tx.update({ a: 6, b: null }, first, params)
    expect(updates).toStrictEqual({ a: -6, b: -0 })
    expect(second.measurements).toStrictEqual({ norms: { a: 6, b: 4 }, all: 6 })
  })

  test('is made again by its description', () => {
    const tx = measured(sgd(0.5), measures)
    const text = JSON.stringify(description(tx))
    const again = fromDescription(JSON.parse(text), { factories: monitor })
    expect(JSON.stringify(description(again))).toBe(text)
    expect(again.update(gradients[0] as never, again.init(start), start)).toStrictEqual(
      tx.update(gradients[0] as never, tx.init(start), start)
    )
  })

  test.each([
    // @ts-expect-error -- measures have names
    ['measured: measures must be an object, got a function', () => measured(identity(), normOf('params'))],
    [
      'measured: size must be a function of a step, or a measure { init, measure }, got 3',
      // @ts-expect-error -- a number is no measure
      () => measured(identity(), { size: 3 })
    ],
    [
      'measured: size must be a function of a step, or a measure { init, measure }, got an object',
      // @ts-expect-error -- there is nothing that measures
      () => measured(identity(), { size: { init: () => 0 } })
    ]
  ])('refuses: %s', (message, refused) => {
    expect(refused).toThrow(message)
  })
})
