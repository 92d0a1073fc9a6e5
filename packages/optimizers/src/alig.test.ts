import { chain, step } from '@gradchain/core'
import { scale, scaleByPolyak, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBlockCourse, expectSameBlocks } from '../../transforms/src/internal/testing/blocks.js'
import { refuses } from '../../transforms/src/internal/testing/courses.js'
import { type AligOptions, alig } from './alig.js'
import { polyakSgd } from './polyakSgd.js'

describe('alig', () => {
  test('is scaleByPolyak, then Nesterov’s momentum of the steps, with the options handed on', () => {
    const someOptions = fc.record({ momentum: fc.constantFrom(0, 0.5, 0.9), eps: fc.constantFrom(0, 1e-5, 1) })
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(0, 1e-3, 1), someOptions, (course, maxLearningRate, options) => {
        const { momentum, eps } = options
        expectSameBlocks(
          alig(maxLearningRate, options),
          chain(scaleByPolyak({ maxLearningRate, eps }), trace(momentum, { nesterov: true }), scale(-1)),
          course
        )
      })
    )
  })

  test('has no momentum and an eps of 1e-5 unless told otherwise', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) =>
        expectSameBlocks(alig(0.5), alig(0.5, { momentum: 0, eps: 1e-5 }), course)
      )
    )
  })

  test('without momentum takes the steps of polyakSgd', () => {
    const params = { w: [3, -4] }
    const [a, b] = [alig(0.25, { eps: 0.5 }), polyakSgd({ maxLearningRate: 0.25, eps: 0.5 })]
    const [u] = a.update({ w: [0.5, 2] }, a.init(params), params, { value: 0.75 })
    expect(u).toStrictEqual(b.update({ w: [0.5, 2] }, b.init(params), params, { value: 0.75 })[0])
  })

  test('looks ahead with momentum', () => {
    const tx = alig(0.5, { momentum: 0.5, eps: 0 })
    let params = { w: 8 }
    let state = tx.init(params)
    // Both steps are as long as they may be: 0.5 · 2 and, ahead of it, 0.5 · (1 + 0.5 · 1).
    ;[params, state] = step(tx, { w: 2 }, state, params, { value: 100 })
    expect(params).toStrictEqual({ w: 8 - (1 + 0.5) })
    ;[params, state] = step(tx, { w: 2 }, state, params, { value: 100 })
    expect(params).toStrictEqual({ w: 6.5 - (1 + 0.5 * 1.5) })
  })

  const make = (options: object) => () => alig(1, options as AligOptions)
  refuses([
    ['alig: maxLearningRate must be a finite number ≥ 0, got -1', () => alig(-1)],
    // @ts-expect-error -- the longest step is required
    ['alig: maxLearningRate must be a finite number ≥ 0, got undefined', () => alig()],
    ['alig: momentum must be in [0, 1), got 1', make({ momentum: 1 })],
    ['scaleByPolyak: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['alig: there is no option lr; there are momentum, eps', make({ lr: 1 })]
  ])
})
