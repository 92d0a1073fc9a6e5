import { expect, test } from 'vitest'
import { identity } from './identity.js'
import { restated } from './restated.js'
import { transformation } from './transformation.js'

const counting = transformation<{ readonly count: number }>({
  init: () => ({ count: 0 }),
  update: (updates, { count }) => [updates, { count: count + 1 }]
})

test('the state is the other one outside and its own inside', () => {
  const tx = restated(
    'test',
    counting,
    ({ count }) => ({ seen: `${count}` }),
    ({ seen }) => ({ count: Number(seen) })
  )
  const first = tx.init({ w: 1 })
  expect(first).toEqual({ seen: '0' })
  const [updates, second] = tx.update({ w: 5 }, first, { w: 1 })
  expect(updates.w).toBe(5)
  expect(second).toEqual({ seen: '1' })
})

test('what is no transformation is refused in the name of the owner', () => {
  const none = { ...identity(), update: undefined }
  expect(() =>
    restated(
      'test',
      none as never,
      (own) => own,
      (state) => state
    )
  ).toThrow(/^test: /)
})
