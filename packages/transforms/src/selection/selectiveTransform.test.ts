import { type Leaf, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { momentum, normalise, run, timesValue } from '../internal/testing/parts.js'
import { aDyadic, aTrajectory, leavesOf, mapElements, marksFor, marksOf, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { byPath } from './byPath.js'
import { selectiveTransform } from './selectiveTransform.js'
import { setToZero } from './setToZero.js'

const aSelection = aTrajectory(aDyadic).chain((trajectory) =>
  fc.record({ trajectory: fc.constant(trajectory), mask: marksFor(trajectory.params, fc.boolean()) })
)

describe('selectiveTransform', () => {
  test('does what inner does alone on the leaves that are not frozen; the others never move', () => {
    fc.assert(
      fc.property(aSelection, ({ trajectory, mask }) => {
        const marks = marksOf(mask.full)
        const { updates } = run(selectiveTransform(momentum(), { freezeMask: mask.prefix }), trajectory)
        leavesOf(trajectory.params).forEach((p, i) => {
          const grads = trajectory.grads.map((g) => leavesOf(g)[i] as Leaf)
          const alone = run(momentum(), { params: p, grads }).updates
          const zeros = grads.map(() => mapElements(p, () => 0))
          expect(textOf(updates.map((u) => leavesOf(u)[i]))).toBe(textOf(marks[i] ? zeros : alone))
        })
      })
    )
  })

  test('all false is inner, all true sets to zero', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const text = (tx: Parameters<typeof run>[0]) => textOf(run(tx, trajectory).updates)
        expect(text(selectiveTransform(momentum(), { freezeMask: false }))).toBe(text(momentum()))
        expect(text(selectiveTransform(momentum(), { freezeMask: () => true }))).toBe(text(setToZero()))
      })
    )
  })

  test('keeps no state for a frozen leaf and does not count it in a norm', () => {
    const params = { backbone: { w: new Float32Array([1, 2]) }, head: 3 }
    const tx = selectiveTransform(momentum(), { freezeMask: { backbone: true, head: false } })
    expect(textOf(tx.init(params).innerStates)).toBe(
      '{ train: { count: 0, velocity: { backbone: { w: null }, head: 0 } }, freeze: {  } }'
    )
    const norm = selectiveTransform(normalise(), { freezeMask: byPath('backbone.**') })
    const grads = { backbone: { w: new Float32Array([100, NaN]) }, head: 2 }
    expect(textOf(norm.update(grads, norm.init(params), params)[0])).toBe(
      '{ backbone: { w: Float32Array(0 0) }, head: 0.5 }'
    )
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = selectiveTransform(timesValue(), { freezeMask: [true, false] })
    expect(tx.update([1, 1], tx.init([0, 0]), [0, 0], { value: 3 })[0]).toStrictEqual([0, 3])
  })

  const params = { w: 1, layers: [2, 3] }
  test.each([
    [{ freezeMask: { w: 1 } }, 'selectiveTransform: freezeMask.w must be true or false, got 1'],
    [{}, 'selectiveTransform: freezeMask must be true or false, got undefined'],
    [{ mask: true }, 'selectiveTransform: there is no option mask; there are freezeMask'],
    [true, 'selectiveTransform: options must be an object, got true']
  ])('refuses %j at once', (options, message) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    expect(() => selectiveTransform(momentum(), options)).toThrow(message)
  })

  test.each<[Tree<boolean>, string]>([
    [{ w: true }, 'selectiveTransform: params has "layers", freezeMask has not'],
    [{ w: { k: true }, layers: true }, 'selectiveTransform: params.w is 1, freezeMask has an object']
  ])('refuses the mask %j, which does not fit the params', (freezeMask, message) => {
    expect(() => selectiveTransform(momentum(), { freezeMask }).init(params)).toThrow(message)
    expect(() => selectiveTransform(momentum(), { freezeMask: () => freezeMask }).init(params)).toThrow(message)
  })

  test('its types: the state by group, and masks of any kind', () => {
    const tx = selectiveTransform(momentum(), {
      freezeMask: (values) => tree.map((p) => typeof p === 'number', values)
    })
    const count: number = tx.init(params).innerStates.train.count
    expect(count).toBe(0)
    // @ts-expect-error -- a mask holds nothing but booleans
    expect(() => selectiveTransform(momentum(), { freezeMask: 'w' })).toThrow('must be true or false')
  })
})

wrapperLaws('selectiveTransform', (inner) => selectiveTransform(inner, { freezeMask: false }))
wrapperLaws('selectiveTransform', (inner) =>
  selectiveTransform(inner, { freezeMask: (params) => tree.map((p) => typeof p === 'number', params) })
)
