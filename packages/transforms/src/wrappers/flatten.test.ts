import { chain, InvalidTree, type Leaf, ndarray, step, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clipByBlockRms } from '../clipping/clipByBlockRms.js'
import { expectGolden } from '../internal/testing/courses.js'
import { bareMomentum, momentum, normalise, plain, run, timesValue } from '../internal/testing/parts.js'
import { aTrajectory, mapElements, mapLeaves, type Trajectory, textOf, type Values } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { scaleByAdan } from '../moments/scaleByAdan.js'
import { partition } from '../selection/partition.js'
import { flatten } from './flatten.js'

const dtypeOf = (leaf: Leaf): string =>
  leaf instanceof Float32Array || (typeof leaf === 'object' && 'dtype' in leaf) ? 'single' : 'double'

/** All leaves in float64, arrays and numbers. */
const doubled = ({ params, grads }: Trajectory): Trajectory => {
  const wide = (values: Values): Values =>
    mapLeaves(values, (leaf): Leaf => {
      if (typeof leaf === 'number' || leaf instanceof Float64Array) return leaf
      if (leaf instanceof Float32Array) return Float64Array.from(leaf)
      return ndarray(Float64Array.from(leaf.data), leaf.shape)
    })
  return { params: wide(params), grads: grads.map(wide) }
}
const anEvenTrajectory = aTrajectory().map(doubled)

describe('flatten', () => {
  test('around an elementwise transformation is that transformation, to the bit', () => {
    fc.assert(
      fc.property(anEvenTrajectory, (trajectory) => {
        for (const tx of [momentum(), scaleByAdam(), chain(momentum(), scaleByAdam())]) {
          expect(textOf(run(flatten(tx), trajectory).updates)).toBe(textOf(run(tx, trajectory).updates))
        }
      })
    )
  })

  test('is idempotent', () => {
    fc.assert(
      fc.property(anEvenTrajectory, (trajectory) => {
        const text = (tx: Parameters<typeof run>[0]) => textOf(run(tx, trajectory).updates)
        expect(text(flatten(flatten(clipByBlockRms(1))))).toBe(text(flatten(clipByBlockRms(1))))
      })
    )
  })

  test('shows the inner transformation one vector, in the order of the params, and keeps one in its state', () => {
    const inner = bareMomentum()
    const params = { b: ndarray(new Float32Array([1, 2, 3, 4]), [2, 2]), a: new Float32Array([5]) }
    const grads = { a: new Float32Array([50]), b: ndarray(new Float32Array([10, 20, 30, 40]), [2, 2]) }
    const tx = flatten(inner)
    const [updates, state] = tx.update(grads, tx.init(params), params)
    const vector = (...xs: number[]) => ({ dtype: 'float32', shape: [5], data: Float32Array.of(...xs) })
    expect(inner.inits[0]).toStrictEqual(vector(1, 2, 3, 4, 5))
    expect(inner.calls[0]).toStrictEqual({ updates: vector(10, 20, 30, 40, 50), params: vector(1, 2, 3, 4, 5) })
    expect(state.velocity).toStrictEqual(vector(10.125, 20.25, 30.375, 40.5, 50.625))
    expect(textOf(updates)).toBe(
      '{ b: { dtype: float32, shape: [2, 2], data: Float32Array(10.125 20.25 30.375 40.5) }, a: Float32Array(50.625) }'
    )
  })

  test('counts all leaves in what is done per leaf', () => {
    const params = [0, new Float64Array(2), ndarray(new Float64Array(1), [1, 1])]
    const grads = [1, Float64Array.of(1, 1), ndarray(Float64Array.of(2), [1, 1])]
    const tx = flatten(normalise())
    const [updates] = tx.update(grads, tx.init(params), params)
    const sevenths = (x: number) => String(x / 7)
    expect(textOf(updates)).toBe(
      `[${sevenths(1)}, Float64Array(${sevenths(1)} ${sevenths(1)}), ` +
        `{ dtype: float64, shape: [1, 1], data: Float64Array(${sevenths(2)}) }]`
    )
  })

  test('agrees with Optax', () => {
    expectGolden(flatten(clipByBlockRms(1)), [
      [0.23791547571544328, -0.9516619028617731, 1.4274928542926597],
      [1.4274928542926597, 0.23791547571544328, -0.9516619028617731],
      [-0.6071249316193964, -1.6189998176517237, 0.10118748860323273],
      [0, 0.42008402520840293, 1.6803361008336117]
    ])
  })

  test('keeps the sign of zero and what is not finite, in numbers too', () => {
    const params = [0, 0, 0, new Float64Array(2)] as const
    const grads = [-0, NaN, -Infinity, Float64Array.of(-0, NaN)] as const
    const tx = flatten(chain())
    expect(textOf(tx.update(grads, tx.init(params), params)[0])).toBe('[-0, NaN, -Infinity, Float64Array(-0 NaN)]')
  })

  test('16-bit params, also where pending updates are wider', () => {
    const half = (...xs: number[]) => ndarray(xs, [xs.length], 'bfloat16')
    const params = { a: half(1, 2), b: half(3) }
    const grads = { a: half(8, 16), b: half(32) }
    const wanted = chain(momentum(), momentum())
    for (const tx of [flatten(chain(momentum(), momentum())), chain(momentum(), flatten(momentum()))]) {
      expect(textOf(step(tx, grads, tx.init(params) as never, params)[0])).toBe(
        textOf(step(wanted, grads, wanted.init(params), params)[0])
      )
    }
    // One leaf is pending in float32 and the other as it came.
    const first = partition({ moved: momentum(), kept: chain() }, { a: 'moved', b: 'kept' })
    const tx = chain(first, flatten(momentum()))
    const other = chain(first, momentum())
    expect(textOf(tx.update(grads, tx.init(params), params)[0])).toBe(
      textOf(other.update(grads, other.init(params), params)[0])
    )
  })

  test('an empty tree is an empty vector', () => {
    const tx = flatten(momentum())
    const params = { a: null, b: [] }
    const [updates] = tx.update(params, tx.init(params), params)
    expect(updates).toStrictEqual(params)
    expect(textOf(tx.init(params).velocity)).toBe('{ dtype: float32, shape: [0], data: Float32Array() }')
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = flatten(timesValue())
    expect(tx.update([1, 2], tx.init([0, 0]), [0, 0], { value: 3 })[0]).toStrictEqual([3, 6])
  })

  test.each<[Values, string]>([
    [
      { a: new Float32Array(1), b: { c: new Float64Array(1) } },
      'flatten: all params must have the same dtype: params.a is float32, params.b.c is float64'
    ],
    [
      [new Float32Array(1), 2],
      'flatten: all params must have the same dtype: params[0] is float32, params[1] is float64'
    ],
    [
      [ndarray([1], [1], 'bfloat16'), ndarray([1], [1], 'float16')],
      'flatten: all params must have the same dtype: params[0] is bfloat16, params[1] is float16'
    ]
  ])('refuses params of different dtypes', (params, message) => {
    const tx = plain(flatten(momentum()))
    expect(() => tx.init(params)).toThrow(InvalidTree)
    expect(() => tx.init(params)).toThrow(message)
    expect(() => tx.update(params, {}, params)).toThrow(message)
  })

  test.each<[unknown, string]>([
    [[1], '[1]'],
    [3, '3'],
    [new Float32Array(3), 'one of 3']
  ])('refuses an inner transformation that returns %j in place of the vector', (returned, shown) => {
    const tx = plain(flatten({ init: () => ({}), update: () => [returned, {}] as const }))
    const params = { a: new Float32Array(2) }
    expect(() => tx.update(params, tx.init(params), params)).toThrow(
      `flatten: the updates of the inner transformation must be a vector of 2, got ${shown}`
    )
  })
})

const labels = (params: Tree<Leaf>): Tree<string> => tree.map(dtypeOf, params)

// Each dtype by itself, as generated trees have several.
wrapperLaws('flatten', (inner) => partition({ single: flatten(inner), double: flatten(inner) }, labels))
test('leaves alone what other elements do', () => {
  const params = { a: new Float64Array([1, 2]), b: 3 }
  const changed = mapLeaves(params, (leaf) => mapElements(leaf, (x) => 2 * x))
  expect(textOf(plain(flatten(chain())).update(changed, [], params)[0])).toBe(textOf(changed))
})

test('gives a bare vector back as one, so that a state that keeps it has one form', () => {
  const tx = chain(flatten(chain()), scaleByAdan())
  const params = { w: new Float64Array([1, 2]) }
  const [, [, kept]] = tx.update(params, tx.init(params), params)
  expect((kept.g as typeof params).w).toBeInstanceOf(Float64Array)
})
