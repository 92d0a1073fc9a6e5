import { identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aDyadic,
  aGradient,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectGolden,
  expectOracle,
  expectSame,
  last,
  near,
  refuses
} from '../internal/testing/courses.js'
import { type TraceOptions, trace } from './trace.js'

const decayingSum = (history: readonly number[], decay: number): number =>
  history.reduce((sum, g, i) => sum + decay ** (history.length - 1 - i) * g, 0)

describe('trace', () => {
  test('is the sum of past updates, each weighed with β to the power of its age', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, decay) =>
        expectOracle(trace(decay), course, (history) => decayingSum(history, decay))
      )
    )
  })

  test('adds to the update, when nesterov, the trace decayed once more', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, decay) =>
        expectOracle(trace(decay, { nesterov: true }), course, (h) => last(h) + decay * decayingSum(h, decay))
      )
    )
  })

  test('is g (1 − βᵗ) / (1 − β) for equal gradients', () => {
    fc.assert(
      fc.property(aGradient, aDecay, fc.integer({ min: 1, max: 40 }), (g, decay, steps) => {
        const found = emitted(trace(decay), { params: [0], gradients: new Array<number[]>(steps).fill([g]) })
        return found.every(([u = 0], t) => near(u, (g * (1 - decay ** (t + 1))) / (1 - decay), u))
      })
    )
  })

  test('is the identity for β = 0, and the sum of all gradients for β = 1', () => {
    fc.assert(
      fc.property(aCourse(aDyadic), (course) => {
        expectSame(trace(0), identity(), course)
        expectSame(trace(0, { nesterov: true }), identity(), course)
        expectOracle(trace(1), course, (history) => history.reduce((a, b) => a + b))
      })
    )
  })

  test('leaves out, but at first, a share δ of each gradient', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, (course, decay, dampening) =>
        expectOracle(
          trace(decay, { dampening }),
          course,
          (history) =>
            decayingSum([...history.slice(0, 1), ...history.slice(1).map((g) => (1 - dampening) * g)], decay),
          { scale: (absolute) => decayingSum(absolute, decay) }
        )
      )
    )
  })

  test('is, with dampening β, the mean of past updates that starts at the first, so that equal ones stay as they are', () => {
    fc.assert(
      fc.property(aGradient, fc.constantFrom(0, 0.25, 0.5, 0.75), (g, decay) => {
        const course = { params: [0], gradients: new Array<number[]>(9).fill([Math.round(g * 8) / 8]) }
        expectSame(trace(decay, { dampening: decay }), identity(), course)
      })
    )
  })

  test('is what PyTorch gives with dampening', () => {
    // torch 2.13, the momentum buffer of torch.optim.SGD(momentum=0.9, dampening=0.4), float64.
    expectGolden(trace(0.9, { dampening: 0.4 }), [
      [0.5, -2, 3],
      [1.35, -1.6500000000000001, 2.1],
      [0.7650000000000001, -2.685, 1.965],
      [0.6885000000000001, -1.8165, 4.1685]
    ])
  })

  test('keeps its accumulator in the dtype asked for, and its updates in that of the gradient', () => {
    const tx = trace(0.5, { accumulatorDtype: 'bfloat16' })
    const params = { w: new Float32Array(1), b: 0 }
    const grads = { w: new Float32Array([1.001953125]), b: 0.1 }
    const state = tx.init(params)
    expect(state).toStrictEqual({
      count: 0,
      trace: { w: { dtype: 'bfloat16', shape: [1], data: new Uint16Array(1) }, b: 0 }
    })
    const [updates, next] = tx.update(grads, state, params)
    // What is emitted was not rounded to 8 bits, what is kept was: 1.
    expect(updates).toStrictEqual(grads)
    expect(next).toStrictEqual({
      count: 1,
      trace: { w: { dtype: 'bfloat16', shape: [1], data: Uint16Array.of(0x3f80) }, b: 0.1 }
    })
    expect(tx.update(grads, next, params)[0].w).toStrictEqual(Float32Array.of(1.501953125))
  })

  test('does not return one array twice', () => {
    const tx = trace(0.9)
    const [updates, { trace: kept }] = tx.update([new Float64Array([1])], tx.init([new Float64Array(1)]), [
      new Float64Array(1)
    ])
    expect(kept).toStrictEqual(updates)
    expect((kept as typeof updates)[0]?.buffer).not.toBe(updates[0]?.buffer)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    for (const accumulatorDtype of [undefined, 'float64', 'float32', 'bfloat16', 'float16'] as const) {
      expectDtypesKept(trace(0.9, { accumulatorDtype }))
      expectFloat32InChain(trace(0.9, { accumulatorDtype }))
    }
  })

  test('is what Optax gives', () => {
    expectGolden(trace(0.9), [
      [0.5, -2, 3],
      [1.95, -1.55, 1.7000000000000002],
      [1.005, -3.395, 1.6550000000000002],
      [0.9045, -2.0555, 5.4895000000000005]
    ])
    expectGolden(trace(0.9, { nesterov: true }), [
      [0.95, -3.8, 5.7],
      [3.255, -1.145, 0.5300000000000002],
      [0.15449999999999997, -5.0555, 1.6145000000000003],
      [0.8140499999999999, -0.84995, 8.940550000000002]
    ])
  })

  const make = (options: object) => () => trace(0.9, options as TraceOptions)
  refuses([
    ['trace: decay must be in [0, 1], got -0.1', () => trace(-0.1)],
    ['trace: decay must be in [0, 1], got 1.1', () => trace(1.1)],
    // @ts-expect-error -- the decay is required
    ['trace: decay must be in [0, 1], got undefined', () => trace()],
    ['trace: nesterov must be true or false, got 1', make({ nesterov: 1 })],
    ['trace: dampening must be in [0, 1], got 2', make({ dampening: 2 })],
    ['trace: dampening must be 0 with nesterov, got 0.5', make({ dampening: 0.5, nesterov: true })],
    [
      'trace: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got "int8"',
      make({ accumulatorDtype: 'int8' })
    ],
    ['trace: there is no option momentum; there are nesterov, dampening, accumulatorDtype', make({ momentum: 0.9 })],
    ['trace: options must be an object, got true', make(true as unknown as object)]
  ])
})
