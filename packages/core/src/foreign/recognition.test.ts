import { difference } from '@gradchain/laws'
import { describe, expect, test } from 'vitest'
import { norm as globalNorm } from '../algebra/reductions.js'
import { ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import type { Expr } from '../expression/expr.js'
import { add, div, max, mul, norm, opaque, sqrt, square, sum, type Value, where } from '../expression/operations.js'
import { viewsOf } from '../transformation/edge.js'
import { hostCall } from '../transformation/hostCall.js'
import { step } from '../transformation/step.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { type BoxDevice, boxDevice } from './deviceTesting.js'

const LEAVES = 12

const treeOf = (x: number, count = LEAVES): readonly unknown[] =>
  Array.from({ length: count }, (_, i) =>
    i % 3 === 0
      ? ndarray(Float32Array.of(x, i, -x, 1), [2, 2])
      : Float32Array.from({ length: i % 5 }, (_, k) => x * k - i)
  )

/** What is asked of a definition that counts the leaves that it is shown. */
interface Seen {
  count: number
}

interface Like {
  readonly count: number
  readonly mu: Tree<Value>
  readonly nu: Tree<Value>
  readonly size: Value
}

/** Adam behind a clip, whose rate falls, that takes another course at every third step. */
const adam = (seen: Seen = { count: 0 }) =>
  transformation<Like>({
    init: (params) => ({ count: 0, mu: map((p) => mul(p, 0), params), nu: map((p) => mul(p, 0), params), size: 0 }),
    update: (updates, { count: before, mu, nu, size }) => {
      const count = before + 1
      const length = globalNorm(updates)
      const clipped = map((g) => {
        seen.count += 1
        return div(g, max(length, 1))
      }, updates)
      if (count % 3 === 0) return [map((g) => mul(g, -0.01), clipped), { count, mu, nu, size }]
      const m = map((a, g) => add(mul(a, 0.9), mul(g, 0.1)), mu, clipped)
      const v = map((a, g) => add(mul(a, 0.99), mul(square(g), 0.01)), nu, clipped)
      const by = -0.1 / (1 - 0.9 ** count)
      const sums = add(size, length)
      return [map((a, b) => div(mul(a, by), add(sqrt(b), 1e-3)), m, v), { count, mu: m, nu: v, size: sums }]
    }
  })

/** Follows the steps of `step`, to the bit. */
const follow = (
  tx: AnyGradientTransformation,
  steps: readonly unknown[],
  between: (device: BoxDevice, at: number) => void = () => {}
): void => {
  const device = boxDevice(tx, treeOf(1), { allowReadback: true })
  let params: unknown = treeOf(1)
  let state: unknown = tx.init(params)
  steps.forEach((grads, at) => {
    ;[params, state] = (step as (...given: unknown[]) => readonly [unknown, unknown])(tx, grads, state, params)
    device.step(grads)
    expect(difference(device.snapshot(), { params, state })).toBe(null)
    between(device, at)
  })
}

const rising = (count: number): readonly unknown[] => Array.from({ length: count }, (_, i) => treeOf(i - 2.5))

/** How many leaves a definition is shown in each of so many steps. */
const shown = (make: (seen: Seen) => AnyGradientTransformation, count: number, leaves = LEAVES): readonly number[] => {
  const seen = { count: 0 }
  const device = boxDevice(make(seen), treeOf(1, leaves), { allowReadback: true })
  return Array.from({ length: count }, (_, i) => {
    seen.count = 0
    device.step(treeOf(i + 0.5, leaves))
    return seen.count
  })
}

describe('a step that does what an earlier one did', () => {
  test('is recognised by what is made of one leaf of each group', () => {
    // New are the first, the second, in which a number lies on the device, and the third, which goes another way.
    const counts = shown(adam, 12)
    const few = Math.min(...counts)
    expect(few).toBeLessThanOrEqual(2)
    expect(counts.map((count) => count > few)).toStrictEqual(counts.map((_, i) => i < 3))
    expect(shown(adam, 12, 300).at(-1)).toBe(few)
  })

  test('comes to the bits of `step`', () => {
    follow(adam(), rising(12))
  })

  test('comes to them where params rest in between, and where the state is changed', () => {
    const partial = rising(12).map((grads, i) =>
      i % 4 === 2 ? (grads as unknown[]).map((g, k) => (k === 4 ? null : g)) : grads
    )
    follow(adam(), partial)
    const tx = adam()
    follow(tx, rising(9), (device) => {
      const { state } = device.snapshot()
      device.setState(state)
    })
  })

  /** What is multiplied by a number that a step says. */
  const scaledBy = (numberAt: (count: number) => Value | number) =>
    transformation<{ count: number }>({
      init: () => ({ count: 0 }),
      update: (updates, { count }) => {
        const by = numberAt(count)
        return [map((g) => mul(g, by), updates), { count: count + 1 }]
      }
    })
  /** An expression that the host has computed by the time that it is used. */
  const computed = (x: number): Value => {
    const node = sum(Float64Array.of(x, 0.5)) as Expr
    read(node)
    return node
  }
  /** Some params rest at the fourth step, which is built leaf by leaf. */
  const resting = (count: number): readonly unknown[] =>
    rising(count).map((grads, i) => (i === 3 ? (grads as unknown[]).map((g, k) => (k === 4 ? null : g)) : grads))

  test.each<readonly [string, (count: number) => Value | number]>([
    ['that is constant but in a step that is built leaf by leaf', (count) => (count === 3 ? 2 : 0.5)],
    ['that the host has computed', computed],
    ['that the host has computed in some of them', (count) => (count % 3 === 1 ? computed(count) : count)],
    [
      'that is looked at only later',
      (count) => (count % 4 === 2 ? (sum(Float64Array.of(count)) as Value) : computed(count))
    ]
  ])('has a number %s', (_, numberAt) => {
    follow(scaledBy(numberAt), rising(10))
    follow(scaledBy(numberAt), resting(10))
  })

  test('is recognised by where its gradients lie, too', () => {
    const [device, other] = [boxDevice(adam(), treeOf(1)), boxDevice(adam(), treeOf(1))]
    for (let i = 0; i < 15; i++) {
      // The params of the run are arrays of the device.
      const { params } = other.snapshot()
      device.step(i % 2 === 0 ? device.steps.params : treeOf(i))
      other.step(i % 2 === 0 ? params : treeOf(i))
      expect(difference(device.snapshot(), other.snapshot())).toBe(null)
    }
  })
})

describe('what cannot be told from stand-ins is done leaf by leaf', () => {
  const perLeaf = (f: (g: Value, i: number) => Value) => (seen: Seen) =>
    transformation<{ count: number }>({
      init: () => ({ count: 0 }),
      update: (updates, { count }) => {
        let at = 0
        const next = map(
          (g: Value) => {
            seen.count += 1
            return f(g, at++)
          },
          updates as Tree<Value>
        )
        return [next, { count: count + 1 }]
      }
    })

  test.each<readonly [string, (g: Value, i: number) => Value]>([
    ['a number of its own for each leaf', (g, i) => mul(g, 1 / (1 + i))],
    ['the shape', (g) => mul(g, (g as Expr).shape?.length === 2 ? 2 : 3)],
    ['a norm of each', (g) => where(sum(square(g)), g, mul(g, 2))]
  ])('%s', (_, f) => {
    const make = perLeaf(f)
    follow(make({ count: 0 }), rising(5))
    expect(shown(make, 5).slice(2)).toStrictEqual([LEAVES, LEAVES, LEAVES])
  })

  test.each<readonly [string, (g: Value) => Value]>([
    ['a function on arrays', (g) => opaque(({ data }) => data.slice().reverse(), [g as Expr], { like: g as Expr })],
    ['a number that is read', (g) => mul(g, read(norm(g)))]
  ])('%s', (_, f) => follow(perLeaf(f)({ count: 0 }), rising(5)))

  test('leaves of which some are masked are told apart', () => {
    const tx = (seen: Seen) =>
      transformation<{ count: number }>({
        init: () => ({ count: 0 }),
        update: (updates, { count }, params) => {
          const mask = map((leaf) => typeof leaf === 'object' && 'shape' in leaf, viewsOf(params as Tree))
          const f = (g: Value, isKept: boolean): Value => {
            seen.count += 1
            return mul(g, isKept ? count : -1)
          }
          return [map(f as never, updates, mask as never), { count: count + 1 }]
        }
      })
    follow(tx({ count: 0 }), rising(6))
    expect(shown(tx, 6).at(-1)).toBe(2)
  })

  test('a call with effects is made once in a step, also in one that goes another way', () => {
    let calls = 0
    const tx = transformation<{ count: number }>({
      init: () => ({ count: 0 }),
      update: (updates, { count }) => {
        const by = count === 3 ? hostCall({}, () => ++calls) : 2
        return [map((g) => mul(g, by), updates), { count: count + 1 }]
      }
    })
    const device = boxDevice(tx, treeOf(1))
    for (let i = 0; i < 6; i++) device.step(treeOf(i))
    expect(calls).toBe(1)
  })

  test('what counts its calls is found out', () => {
    const tx = () => {
      let calls = 0
      return transformation({
        init: () => ({}),
        update: (updates, state) => [map((g) => mul(g, ++calls % 7), updates), state]
      })
    }
    const [device, other] = [boxDevice(tx(), treeOf(1)), boxDevice(tx(), treeOf(1))]
    for (let i = 0; i < 4; i++) for (const run of [device, other]) run.step(treeOf(i))
    expect(difference(device.snapshot(), other.snapshot())).toBe(null)
  })
})
