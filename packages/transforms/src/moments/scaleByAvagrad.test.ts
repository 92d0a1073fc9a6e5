import { describe, test } from 'vitest'
import { expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { expectRule } from '../internal/testing/rules.js'
import { ema } from '../momentum/ema.js'
import { type ScaleByAvagradOptions, scaleByAvagrad } from './scaleByAvagrad.js'

describe('scaleByAvagrad', () => {
  test.each([
    { b1: 0.8, b2: 0.9, eps: 0.3 },
    { b1: 0, b2: 0, eps: 1 }
  ])('has the step sizes of before, over their root mean square, with %o', ({ b1, b2, eps }) => {
    expectRule(scaleByAvagrad({ b1, b2, eps }), (params) => {
      let [m, v] = [params.map(() => 0), params.map(() => 0)]
      return (g) => {
        m = m.map((x, i) => b1 * x + (1 - b1) * (g[i] as number))
        const sizes = v.map((x) => 1 / (Math.sqrt(x) + eps))
        const rms = Math.hypot(...sizes) / Math.sqrt(sizes.length)
        v = v.map((x, i) => b2 * x + (1 - b2) * (g[i] as number) ** 2)
        return m.map((x, i) => (x * (sizes[i] as number)) / rms)
      }
    })
  })

  test('is a mean of gradients with an eps that is large', () => {
    expectSame(scaleByAvagrad({ b1: 0.5, eps: 1e12 }), ema(0.5, { debias: false }), SIX, 1e-9)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAvagrad({ b1: 0.9, b2: 0.999, eps: 0.1 }), scaleByAvagrad(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAvagrad({ muDtype: 'bfloat16', nuDtype: 'float64' }))
    expectFloat32InChain(scaleByAvagrad({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAvagrad(options as ScaleByAvagradOptions)
  refuses([
    ['scaleByAvagrad: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['scaleByAvagrad: eps must be a finite number > 0, got 0', make({ eps: 0 })]
  ])
})
