import { stateless, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { expect, test } from 'vitest'
import { observe } from './observe.js'

const counting = transformation<{ readonly count: number }>({
  init: () => ({ count: 0 }),
  update: (updates, { count }) => [tree.scale(count + 1, updates), { count: count + 1 }]
})

test('an observation has what was emitted, and the states from the first one on', () => {
  const steps = [{ gradients: { w: 1 } }, { gradients: { w: 2 } }]
  expect(observe(counting, { params: { w: 0 }, steps })).toStrictEqual({
    updates: [{ w: 1 }, { w: 4 }],
    states: [{ count: 0 }, { count: 1 }, { count: 2 }]
  })
})

test('the params of a step are those it names, else those of the beginning', () => {
  const params = { w: 5 }
  const steps = [{ gradients: { w: 1 } }, { gradients: { w: 1 }, params: { w: 7 } }, { gradients: { w: 1 } }]
  const { updates } = observe(
    stateless((_, p) => p),
    { params, steps }
  )
  expect(updates).toStrictEqual([{ w: 5 }, { w: 7 }, { w: 5 }])
})

test('methods keep what they belong to', () => {
  class Own {
    readonly factor = 3
    init() {
      return {}
    }
    update(updates: { readonly w: number }, state: object) {
      return [{ w: this.factor * updates.w }, state] as const
    }
  }
  const { updates } = observe(new Own() as never, { params: { w: 0 }, steps: [{ gradients: { w: 2 } }] })
  expect(updates).toStrictEqual([{ w: 6 }])
})
