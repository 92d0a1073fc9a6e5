import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { withEngine } from '../engine/evaluate.js'
import { InvalidOption, InvalidState, InvalidTree } from '../errors.js'
import { applyUpdates } from './applyUpdates.js'
import { chain } from './chain.js'
import { step } from './step.js'
import { areApart, clipped, counting, remembering, scaled, traced } from './testing.js'

const params = () => ({
  k: ndarray(new Float32Array([0.1, -0.2, 3, 4]), [2, 2]),
  b: Float32Array.of(1, 2),
  h: ndarray([1, 2], [2], 'bfloat16'),
  s: 0.3,
  none: null
})
const grads = () => ({
  none: null,
  s: 0.7,
  h: ndarray([0.5, 0.3], [2], 'bfloat16'),
  b: Float32Array.of(0.1, 0.2),
  k: ndarray(new Float32Array([1, 2, 3, -4]), [2, 2])
})
const tx = () => chain(clipped(1), traced(0.9), remembering(), scaled(-0.1))

test('has the bits of update and applyUpdates', () => {
  const optimizer = tx()
  let [p, q] = [params(), params()]
  let [s, t] = [optimizer.init(p), optimizer.init(q)]
  for (let i = 0; i < 4; i++) {
    const [updates, next] = optimizer.update(grads(), s, p)
    p = applyUpdates(p, updates)
    s = next
    ;[q, t] = step(optimizer, grads(), t, q)
    expect([q, t]).toStrictEqual([p, s])
  }
})

test('is one evaluation, shares nothing and changes nothing', () => {
  const { engine, evaluations } = counting()
  const [p, g, optimizer] = [params(), grads(), tx()]
  withEngine(engine, () => {
    const state = optimizer.init(p)
    const before = structuredClone([p, g, state])
    evaluations.length = 0
    const [next, nextState] = step(optimizer, g, state, p)
    expect(evaluations).toHaveLength(1)
    expect([p, g, state]).toStrictEqual(before)
    expect(areApart(p, g, next, nextState)).toBe(true)
  })
})

test('takes a bare { init, update }, and inits it only when it is told to', () => {
  let inits = 0
  const bare = {
    init: () => {
      inits += 1
      return { n: 0 }
    },
    update: (g: { w: Float32Array }, state: { n: number }) => [{ w: g.w.map((x) => -x) }, { n: state.n + 1 }] as const
  }
  const p = { w: Float32Array.of(5) }
  const [next, state] = step(bare, { w: Float32Array.of(2) }, { n: 3 }, p)
  expect([next, state, inits]).toStrictEqual([{ w: Float32Array.of(3) }, { n: 4 }, 0])
})

test('refuses what update refuses', () => {
  const p = { w: Float32Array.of(1) }
  expect(() => step(traced(0.5), { w: Float32Array.of(1, 2) }, traced(0.5).init(p), p)).toThrow(
    new InvalidTree('update: grads.w has shape [2], params has [1]')
  )
  expect(() => step(traced(0.5), p, {} as never, p)).toThrow(InvalidState)
  for (const wrong of [null, undefined, 3, {}]) {
    expect(() => step(wrong as never, p as never, {} as never, p as never, undefined as never)).toThrow(InvalidOption)
  }
})
