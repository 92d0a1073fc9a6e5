import { applyUpdates, InvalidTree, ndarray, step, type Tree } from '@gradchain/core'
import { scale } from '@gradchain/transforms'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { projectionL2Ball } from './projectionL2Ball.js'
import { projectionNonNegative } from './projectionNonNegative.js'
import { projectionSimplex } from './projectionSimplex.js'
import { projectTo } from './projectTo.js'

// Doubles alone are nearly all tiny.
const thousandths = (most: number) => fc.integer({ min: -1000 * most, max: 1000 * most }).map((i) => i / 1000)
const aPoint = fc.array(thousandths(8), { minLength: 3, maxLength: 3 })
const ball = (params: Tree): Tree => projectionL2Ball(params, 2)

test('what params and updates add up to is the projection of what they would have added up to', () => {
  fc.assert(
    fc.property(aPoint, aPoint, (p, g) => {
      const params = { w: Float64Array.from(p), b: p[0] as number }
      const updates = { w: Float64Array.from(g), b: g[1] as number }
      const moved = applyUpdates(params, projectTo(ball).update(updates, {}, params)[0])
      const wanted = projectionL2Ball(applyUpdates(params, updates), 2)
      expect(Math.abs(moved.b - wanted.b)).toBeLessThan(1e-14)
      moved.w.forEach((x, i) => expect(Math.abs(x - (wanted.w[i] as number))).toBeLessThan(1e-14))
    })
  )
})

test('where nothing leaves the set the updates are what they were, bit for bit', () => {
  const small = fc.array(thousandths(0.4), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(small, small, (p, g) => {
      const [updates] = projectTo(ball).update(Float64Array.from(g), {}, Float64Array.from(p))
      expect(updates).toStrictEqual(Float64Array.from(g))
    })
  )
})

test('in a chain it is projected gradient descent, and ends at the nearest point to a minimum outside', () => {
  const tx = projectTo(projectionSimplex)
  const minimum = [0.9, 0.8, -2]
  let params = { w: Float64Array.of(0, 0, 1) }
  let state = tx.init(params)
  for (let t = 0; t < 60; t++) {
    const grads = { w: params.w.map((x, i) => -0.25 * (x - (minimum[i] as number))) }
    ;[params, state] = step(tx, grads, state, params)
  }
  const nearest = projectionSimplex(minimum) as readonly number[]
  params.w.forEach((x, i) => expect(Math.abs(x - (nearest[i] as number))).toBeLessThan(1e-6))
})

test('16-bit params end in the set, up to rounding', () => {
  const params = { w: ndarray([1, 2], [2], 'bfloat16') }
  const [updates] = projectTo(projectionNonNegative).update({ w: ndarray([-3, 0.5], [2], 'bfloat16') }, {}, params)
  expect(applyUpdates(params, updates)).toStrictEqual({ w: ndarray([0, 2.5], [2], 'bfloat16') })
})

test('refuses what is no function, and one that gives another tree', () => {
  expect(() => projectTo('simplex' as never)).toThrow('projectTo: projection must be a function, got "simplex"')
  const other = projectTo(() => ({ v: 1 }))
  expect(() => other.update({ w: 1 }, scale(1).init({ w: 1 }), { w: 1 })).toThrow(InvalidTree)
})
