import { type AnyGradientTransformation, chain, identity, ndarray, step, type Tree, transient } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { sgd } from '@gradchain/optimizers'
import { applyIfFinite } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorFeedback } from './errorFeedback.js'
import { quantize8 } from './quantize8.js'
import { randomK } from './randomK.js'
import { signWithNorm } from './signWithNorm.js'
import { topK } from './topK.js'

const compressors: readonly (readonly [string, boolean, () => AnyGradientTransformation])[] = [
  ['topK', true, () => topK(0.3)],
  ['randomK', true, () => randomK(0.3, { key: 1 })],
  ['signWithNorm', false, signWithNorm],
  ['quantize8', false, quantize8],
  ['a chain', false, () => chain(topK(0.5), signWithNorm())]
]

// Whole numbers, whose sums are exact.
const aGradient = fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 7, maxLength: 7 })

describe('errorFeedback', () => {
  test.each(compressors)('loses nothing with %s: what was sent and what is left is what came', (_, isExact, make) => {
    fc.assert(
      fc.property(fc.array(aGradient, { minLength: 1, maxLength: 8 }), (gradients) => {
        const tx = errorFeedback(make())
        const params = { w: new Float32Array(7) }
        let state = tx.init(params)
        const sent = new Float64Array(7)
        for (const g of gradients) {
          const [u, next] = tx.update({ w: Float32Array.from(g) }, state, params)
          state = next
          u.w.forEach((x, i) => (sent[i] = (sent[i] as number) + x))
        }
        const left = (state.residual as { readonly w: Float32Array }).w
        const came = Array.from({ length: 7 }, (_, i) => gradients.reduce((sum, g) => sum + (g[i] as number), 0))
        const all = Array.from(sent, (x, i) => x + (left[i] as number))
        if (isExact) expect(all).toStrictEqual(came)
        else all.forEach((x, i) => expect(Math.abs(x - (came[i] as number))).toBeLessThan(1e-2))
      })
    )
  })

  test('is the identity around the identity, and keeps nothing', () => {
    const params = { w: new Float32Array([1, -2]), n: 3 }
    const tx = errorFeedback(identity())
    const [u, state] = tx.update(params, tx.init(params), params)
    expect(u).toStrictEqual(params)
    expect(state.residual).toStrictEqual({ w: new Float32Array(2), n: 0 })
  })

  test.each(['identity', ...compressors.map(([name]) => name)])(
    'NaN and infinity that %s lets through leave nothing behind',
    (name) => {
      const make = compressors.find(([other]) => other === name)?.[2] ?? identity
      const tx = errorFeedback(make())
      const params = { w: new Float32Array(3), n: 0 }
      for (const broken of [NaN, Infinity, -Infinity]) {
        const grads = { w: Float32Array.of(broken, broken, broken), n: broken }
        const [u, state] = tx.update(grads, tx.init(params), params)
        const through = [...u.w, u.n].map(Number.isFinite)
        const left = state.residual as typeof params
        expect([...left.w, left.n].map((x, i) => (through[i] ? Number.isNaN(x - x) : Object.is(x, 0)))).not.toContain(
          false
        )
      }
    }
  )

  test('a step that was broken and left out is over in the next', () => {
    const tx = chain(errorFeedback(quantize8()), applyIfFinite(sgd(1), 9))
    const params = { w: Float32Array.of(1, 2), n: 3 }
    const broken = { w: Float32Array.of(NaN, 1), n: Infinity }
    const [held, state] = step(tx, broken, tx.init(params), params)
    expect(held).toStrictEqual(params)
    expect(step(tx, params, state, held)[0]).toStrictEqual(step(tx, params, tx.init(params), params)[0])
  })

  test('keeps in float32 what 16 bits cannot say', () => {
    const params = { w: ndarray([0], [1], 'bfloat16') }
    const tx = errorFeedback(identity())
    const [, first] = tx.update({ w: ndarray([1], [1], 'bfloat16') }, tx.init(params), params)
    const held = { ...first, residual: { w: ndarray([2 ** -10], [1], 'float32') } }
    const [u, state] = tx.update({ w: ndarray([1], [1], 'bfloat16') }, held, params)
    expect(u).toStrictEqual({ w: ndarray([1], [1], 'bfloat16') })
    expect(state.residual).toStrictEqual({ w: ndarray([2 ** -10], [1], 'float32') })
  })

  test('lets what is small through in the end, where alone it never is', () => {
    const losses = [true, false].map((isFed) => {
      const tx = chain(isFed ? errorFeedback(topK(0.25)) : topK(0.25), sgd(0.05))
      let params: { readonly w: Float32Array } = { w: new Float32Array([1, 1, 1, 1]) }
      let state = tx.init(params)
      for (let t = 0; t < 300; t++) {
        // The first element is pulled to and fro, harder than the others are pulled to 0.
        const noise = t % 2 === 0 ? 2 : -2
        const g = { w: params.w.map((x, i) => x + (i === 0 ? noise : 0)) }
        ;[params, state] = step(tx, g, state, params)
      }
      return params.w.slice(1).reduce((sum, x) => sum + x * x, 0)
    })
    expect(losses[0]).toBeLessThan(0.02)
    expect(losses[1]).toBeGreaterThan(1)
  })

  test('is the same in transient', () => {
    const tx = chain(errorFeedback(topK(0.5)), sgd(0.1))
    const params = { a: new Float32Array([1, 2, 3]), b: [new Float64Array([1, 4]), 3] }
    const run = transient(tx, params)
    let [expected, state]: [Tree, ReturnType<typeof tx.init>] = [params, tx.init(params)]
    for (let t = 0; t < 3; t++) {
      ;[expected, state] = step(tx, params, state, expected as typeof params)
      run.step(params)
    }
    expect(run.snapshot().params).toStrictEqual(expected)
    expect(tree.leaves(expected)).toHaveLength(3)
  })

  test('refuses what is no transformation', () => {
    expect(() => errorFeedback({} as never)).toThrow('errorFeedback: ')
  })
})
