import { chain, step } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBlockCourse, type BlockOracle, expectBlockOracle, expectSameBlocks } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByCocobOptions, scaleByCocob } from './scaleByCocob.js'

const someOptions = fc.record({ alpha: fc.constantFrom(1, 10, 100), eps: fc.constantFrom(1e-8, 1e-3, 1) })

/** For each element what the definition says; `of` makes the update, or how large what it is made of is. */
const oracle =
  (alpha: number, eps: number, of: (target: number, p: number) => number): BlockOracle =>
  (steps, shapes) =>
    shapes.map((_, leaf) =>
      (steps[0]?.params[leaf] ?? []).map((start, i) => {
        let [largest, sizes, won, sum, p] = [eps, 0, 0, 0, start]
        for (const { params, grads } of steps) {
          const g = grads[leaf]?.[i] as number
          p = params[leaf]?.[i] as number
          largest = Math.max(largest, Math.abs(g))
          sizes += Math.abs(g)
          won = Math.max(won - g * (p - start), 0)
          sum -= g
        }
        return of(start + (sum / (largest * Math.max(sizes + largest, alpha * largest))) * (largest + won), p)
      })
    )

describe('scaleByCocob', () => {
  test('is the way to where the bets on all gradients lead', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, { alpha, eps }) =>
        expectBlockOracle(
          scaleByCocob({ alpha, eps }),
          course,
          oracle(alpha, eps, (target, p) => target - p),
          { sizes: oracle(alpha, eps, (target, p) => Math.abs(target) + Math.abs(p) + 1e3), in32: false }
        )
      )
    )
  })

  test('is blind to the scale of gradients above eps, exactly for powers of two', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.integer({ min: 0, max: 8 }), (course, power) => {
        const tx = scaleByCocob({ eps: 1e-9 })
        expectSameBlocks(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('finds the minimum of |x| without a learning rate', () => {
    const tx = scaleByCocob()
    let params = { x: new Float64Array([3, -2]) }
    let state = tx.init(params)
    for (let t = 0; t < 4000; t++) [params, state] = step(tx, { x: params.x.map(Math.sign) }, state, params)
    for (const x of params.x) expect(Math.abs(x)).toBeLessThan(0.2)
  })

  const make = (options: object) => () => scaleByCocob(options as ScaleByCocobOptions)
  refuses([
    ['scaleByCocob: alpha must be a finite number > 0, got 0', make({ alpha: 0 })],
    ['scaleByCocob: eps must be a finite number > 0, got -1', make({ eps: -1 })]
  ])
})
