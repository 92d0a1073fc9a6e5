import { numpy as np } from '@jax-js/jax'
import { expect, test } from 'vitest'
import '../testing.js'
import { readBack, written } from './states.js'

test('what a state knows beside its arrays is written and read back, however much it is', () => {
  const array = np.array([1])
  const known = {
    counts: Array.from({ length: 40_000 }, (_, i) => i),
    flags: [true, false, Number.NaN, -0, Number.POSITIVE_INFINITY, 'text 𝄞', null]
  }
  const key = written({ ...known, array }, (leaf) => leaf === array)
  const { array: own, ...others } = readBack(key, [array]) as { readonly array: unknown }
  expect(own).toBe(array)
  expect(others).toStrictEqual(known)
})
