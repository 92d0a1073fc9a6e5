import { mul, type Operand, square, stateless, sum, tree } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type ScaleBySophiaOptions, scaleBySophia } from './scaleBySophia.js'

describe('scaleBySophia', () => {
  test('asks for the curvature at every k-th update, and uses it from the next one on', () => {
    let asked = 0
    const objFn = ({ w }: { readonly w: Operand }) => {
      asked++
      return mul(4, sum(square(w)))
    }
    const tx = scaleBySophia({ b1: 0, b2: 0, gamma: 1, updateInterval: 3, clipThreshold: null, eps: 1 })
    const params = { w: Float64Array.of(1, 2) }
    let state = tx.init(params)
    const emitted: number[] = []
    for (let t = 0; t < 5; t++) {
      const [updates, next] = tx.update({ w: Float64Array.of(16, 16) }, state, params, { objFn })
      emitted.push(updates.w[0] as number)
      state = next
    }
    // 16 over 1, which is eps, then over the curvature 8.
    expect(emitted).toStrictEqual([16, 2, 2, 2, 2])
    expect(asked).toBe(2)
  })

  test('takes any transformation that gives a diagonal', () => {
    const tx = scaleBySophia({
      hessianDiagonalFn: stateless((_, params) => tree.fullLike(params, 4)),
      b1: 0,
      b2: 0,
      gamma: 1,
      clipThreshold: 3
    })
    const params = { w: 1 }
    const [, state] = tx.update({ w: 8 }, tx.init(params), params)
    expect(tx.update({ w: 8 }, state, params)[0]).toStrictEqual({ w: 2 })
  })

  test('goes as far as it may where the curvature is negative', () => {
    const tx = scaleBySophia({ hessianDiagonalFn: scale(-1), b1: 0, b2: 0, clipThreshold: 3 })
    const params = { w: 1 }
    const [, state] = tx.update({ w: 8 }, tx.init(params), params)
    expect(tx.update({ w: 8 }, state, params)[0]).toStrictEqual({ w: 3 })
  })

  const make = (options: object) => () => scaleBySophia(options as ScaleBySophiaOptions)
  refuses([
    ['scaleBySophia: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleBySophia: eps must be a finite number > 0, got 0', make({ eps: 0 })],
    ['scaleBySophia: gamma must be a finite number > 0, got 0', make({ gamma: 0 })],
    ['scaleBySophia: clipThreshold must be a finite number > 0 or null, got 0', make({ clipThreshold: 0 })],
    ['scaleBySophia: updateInterval must be a whole number ≥ 1, got 0.5', make({ updateInterval: 0.5 })],
    [
      'scaleBySophia: a transformation must be a pair { init, update } of functions, got 3',
      make({ hessianDiagonalFn: 3 })
    ]
  ])
})
