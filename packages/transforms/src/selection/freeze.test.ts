import { chain, identity, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareMomentum, momentum, run } from '../internal/testing/parts.js'
import { aTrajectory, leavesOf, mapElements, marksFor, marksOf, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { freeze } from './freeze.js'

const aFrozen = aTrajectory().chain((trajectory) =>
  fc.record({
    trajectory: fc.constant(trajectory),
    one: marksFor(trajectory.params, fc.boolean()),
    other: marksFor(trajectory.params, fc.boolean())
  })
)

describe('freeze', () => {
  test('is exactly zero where the mask is true and passes on what came in elsewhere', () => {
    fc.assert(
      fc.property(aFrozen, ({ trajectory, one }) => {
        const marks = marksOf(one.full)
        for (const mask of [one.full, one.prefix, () => one.prefix]) {
          run(freeze(mask), trajectory).updates.forEach((u, t) => {
            leavesOf(u).forEach((leaf, i) => {
              const g = leavesOf(trajectory.grads[t] ?? null)[i] ?? 0
              expect(textOf(leaf)).toBe(textOf(marks[i] ? mapElements(g, () => 0) : g))
            })
          })
        }
      })
    )
  })

  test('is zero also for what is not finite', () => {
    const params = { a: [1, 2, 3], b: new Float32Array(2) }
    const tx = freeze(true)
    const [u] = tx.update({ a: [NaN, Infinity, -0], b: new Float32Array([NaN, -Infinity]) }, tx.init(params), params)
    expect(textOf(u)).toBe('{ a: [0, 0, 0], b: Float32Array(0 0) }')
  })

  test('twice is freezing where either mask is true', () => {
    fc.assert(
      fc.property(aFrozen, ({ trajectory, one, other }) => {
        const either: Tree<boolean> = tree.map((x, y) => x || y, one.full, other.full)
        const twice = run(chain(freeze(one.prefix), freeze(other.full)), trajectory).updates
        expect(textOf(twice)).toBe(textOf(run(freeze(either), trajectory).updates))
      })
    )
  })

  test('all false is the identity', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        expect(textOf(run(freeze(false), trajectory).updates)).toBe(textOf(run(identity(), trajectory).updates))
      })
    )
  })

  test('has a state without content', () => {
    const tx = freeze({ a: true, b: false })
    expect(tx.init({ a: 1, b: 2 })).toStrictEqual({})
    expect(tx.update({ a: 1, b: 2 }, {}, { a: 1, b: 2 })[1]).toStrictEqual({})
  })

  test('leaves what is frozen where it is for good, last in a chain', () => {
    const tx = chain(momentum(), freeze({ a: true, b: false }))
    const grads = [1, 2, 3].map((x) => ({ a: new Float32Array([x]), b: x }))
    const { params } = run(tx, { params: { a: new Float32Array([5]), b: 5 }, grads })
    expect(params.map((p) => textOf(p).replace(/b: .*/, ''))).toStrictEqual(Array(3).fill('{ a: Float32Array(5), '))
  })

  test.each([
    [{ w: 1 }, 'freeze: mask.w must be true or false, got 1'],
    ['w', 'freeze: mask must be true or false, got "w"']
  ])('refuses the mask %j at once', (mask, message) => {
    // @ts-expect-error -- a mask holds nothing but booleans
    expect(() => freeze(mask)).toThrow(message)
  })

  test('refuses a mask that does not fit the params, at init and at update', () => {
    const message = 'freeze: params has "b", mask has not'
    expect(() => freeze({ a: true }).init({ a: 1, b: 2 })).toThrow(message)
    expect(() => freeze({ a: true }).update({ a: 1, b: 2 }, {}, { a: 1, b: 2 })).toThrow(message)
  })
})

// It wraps nothing; in a chain behind something it is under the same laws.
wrapperLaws('chain', (inner) => chain(inner, freeze(true)))
wrapperLaws('chain', (inner) => chain(freeze(false), inner))

test('does not ask a bare transformation before it for anything', () => {
  const inner = bareMomentum()
  run(chain(inner, freeze(true)), { params: [1], grads: [[2], [3]] })
  expect(inner.calls.length).toBe(2)
})
