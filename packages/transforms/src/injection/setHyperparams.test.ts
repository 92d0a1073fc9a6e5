import { chain } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { textOf } from '../internal/testing/trees.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { scale } from '../scaling/scale.js'
import { scaleByLearningRate } from '../scaling/scaleByLearningRate.js'
import { type InjectHyperparamsState, injectHyperparams } from './injectHyperparams.js'
import { setHyperparams } from './setHyperparams.js'

interface Numbers {
  readonly learningRate: number
  readonly b1: number
  readonly b2: number
}
const adam = ({ learningRate, b1, b2 }: Numbers) => chain(scaleByAdam({ b1, b2 }), scaleByLearningRate(learningRate))

describe('setHyperparams', () => {
  const tx = injectHyperparams(adam, { learningRate: 0.1, b1: 0.9, b2: (t) => 0.5 + t / 100 })
  const params = { w: new Float32Array([1, 2]) }

  test('takes effect at the next update and leaves the given state as it was', () => {
    const state = tx.init(params)
    const before = textOf(state)
    const set = setHyperparams(state, { learningRate: 0.2 })
    expect(textOf(state)).toBe(before)
    expect(set.hyperparams).toStrictEqual({ learningRate: 0.2, b1: 0.9, b2: 0.5 })
    const [slow] = tx.update(params, state, params)
    const [fast] = tx.update(params, set, params)
    expect([...fast.w]).toEqual([...slow.w].map((u) => 2 * u))
  })

  test('setting what is there already changes nothing; what is set last counts', () => {
    const state = tx.init(params)
    expect(textOf(setHyperparams(state, { learningRate: 0.1, b1: 0.9 }))).toBe(textOf(state))
    expect(textOf(setHyperparams(state, {}))).toBe(textOf(state))
    const twice = setHyperparams(setHyperparams(state, { b1: 0.1 }), { b1: 0.2 })
    expect(textOf(twice)).toBe(textOf(setHyperparams(state, { b1: 0.2 })))
  })

  test('works on a part of the state of a chain', () => {
    const whole = chain(scale(2), tx)
    const [first, injected] = whole.init(params)
    const [, state] = whole.update(params, [first, setHyperparams(injected, { b1: 0.5 })], params)
    expect(state[1].hyperparams.b1).toBe(0.5)
  })

  const state = tx.init(params)
  refuses([
    [
      'setHyperparams: there is no hyperparameter lr; there are learningRate, b1, b2',
      // @ts-expect-error -- there is no such hyperparameter
      () => setHyperparams(state, { lr: 1 })
    ],
    [
      'setHyperparams: b2 follows a schedule, which would overwrite it',
      // @ts-expect-error -- it follows a schedule
      () => setHyperparams(state, { b2: 0.5 })
    ],
    [
      'setHyperparams: b1 must be a number, got "0.5"',
      // @ts-expect-error -- a hyperparameter is a number
      () => setHyperparams(state, { b1: '0.5' })
    ],
    ['scaleByAdam: b1 must be in [0, 1), got 1', () => tx.update(params, setHyperparams(state, { b1: 1 }), params)]
  ])

  test.each([
    [{}, 'an object'],
    [null, 'null'],
    [[], '[]']
  ])('refuses the state %j, of something else', (other, shown) => {
    const foreign = other as unknown as InjectHyperparamsState<object, unknown>
    expect(() => setHyperparams(foreign, {})).toThrow(
      `setHyperparams: state must be that of an injectHyperparams, got ${shown}`
    )
  })
})
