import fc from 'fast-check'
import { expect, test } from 'vitest'
import { identity } from './identity.js'
import { areApart } from './testing.js'

test('gives back the gradients, bit for bit, in memory of their own', () => {
  fc.assert(
    fc.property(fc.float32Array(), fc.double(), (values, x) => {
      const given = { a: Float32Array.from(values), b: [x] }
      const [updates, state] = identity().update(given, identity().init(given), given)
      expect(updates).toStrictEqual(given)
      expect(state).toStrictEqual({})
      expect(areApart(given, updates)).toBe(true)
    })
  )
})
