import { concatAll } from 'fp-ts/lib/Monoid.js'
import { expect, test } from 'vitest'
import { chain } from './chain.js'
import { monoidChain } from './monoid.js'
import { clipped, scaled, traced } from './testing.js'
import type { AnyGradientTransformation } from './types.js'

const emitted = (tx: AnyGradientTransformation): unknown => {
  const { init, update } = tx as { init: (p: unknown) => unknown; update: (...args: unknown[]) => [unknown, unknown] }
  const given = { w: Float32Array.of(1, 2) }
  const [, state] = update(given, init(given), given)
  return update(given, state, given)[0]
}

test('folding is chaining', () => {
  const parts = [clipped(1), traced(0.5), scaled(-1)]
  expect(emitted(concatAll(monoidChain)(parts))).toStrictEqual(emitted(chain(clipped(1), traced(0.5), scaled(-1))))
  expect(emitted(concatAll(monoidChain)([]))).toStrictEqual({ w: Float32Array.of(1, 2) })
})
