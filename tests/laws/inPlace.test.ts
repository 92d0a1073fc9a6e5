// Every row of the catalogue with arrays that stay on a device, here one made of boxes: the bits of the reference engine.
import { difference } from '@gradchain/laws'
import { type AnyGradientTransformation, chain, ndarray, reference, step, trace, withEngine } from 'gradchain'
import { expect, test } from 'vitest'
import { boxDevice } from '../../packages/core/src/foreign/deviceTesting.js'
import { aliases } from '../catalogue/aliases.js'
import { matrix } from '../catalogue/matrix.js'
import { orthogonal } from '../catalogue/orthogonal.js'
import { transformations } from '../catalogue/transformations.js'
import { wrappers } from '../catalogue/wrappers.js'
import { titleOf } from './checkRows.js'

const paramsOf = (x: number) => ({
  kernel: ndarray(Float32Array.of(x, -x, 2, x / 3, 1, -2), [2, 3]),
  bias: Float32Array.of(x, 0.5),
  scale: ndarray(Float64Array.of(-x, 2), [2]),
  rate: x / 4
})

type Update = (...given: readonly unknown[]) => readonly [unknown, unknown]

const rows: readonly (readonly [string, () => AnyGradientTransformation])[] = [
  ...[...aliases, ...transformations, ...matrix, ...orthogonal].map((row) => [titleOf(row), row.make] as const),
  ...wrappers.map((row) => [titleOf(row), () => row.make()(chain(trace(0.5)))] as const)
]

test.each(rows)('%s gives the bits of the reference', (_, make) => {
  const tx = make()
  const device = boxDevice(tx, paramsOf(2), { allowReadback: true })
  let params: unknown = paramsOf(2)
  let state = withEngine(reference, () => (tx.init as (params: unknown) => unknown)(params))
  for (const x of [1, -2, 3, 0.5]) {
    const grads = paramsOf(x)
    ;[params, state] = withEngine(reference, () => (step as unknown as Update)(tx, grads, state, params))
    device.step(grads)
    const now = device.snapshot()
    expect(difference(now.params, params)).toBe(null)
    expect(difference(now.state, state)).toBe(null)
  }
})
