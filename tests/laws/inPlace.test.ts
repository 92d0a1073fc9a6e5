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

/** As many leaves as are done in groups, and no numbers. */
const manyOf = (x: number) => {
  const block = (y: number) => ({
    kernel: ndarray(Float32Array.of(y, -x, 2, y / 3, 1, -2), [2, 3]),
    bias: Float32Array.of(y, 0.5),
    scale: Float32Array.of(-y)
  })
  return { blocks: [block(x), block(2 * x), block(-x / 3)], last: Float32Array.of(x, 2, x * x - 1) }
}

type Update = (...given: readonly unknown[]) => readonly [unknown, unknown]

const rows: readonly (readonly [string, () => AnyGradientTransformation])[] = [
  ...[...aliases, ...transformations, ...matrix, ...orthogonal].map((row) => [titleOf(row), row.make] as const),
  ...wrappers.map((row) => [titleOf(row), () => row.make()(chain(trace(0.5)))] as const)
]

const follow = (tx: AnyGradientTransformation, treeOf: (x: number) => unknown, steps: readonly number[]): void => {
  const device = boxDevice(tx, treeOf(2), { allowReadback: true })
  // What reads in the middle of a step is made leaf by leaf.
  if (treeOf === manyOf && device.steps.readsBack) return
  let params = treeOf(2)
  let state = withEngine(reference, () => (tx.init as (params: unknown) => unknown)(params))
  for (const x of steps) {
    const grads = treeOf(x)
    ;[params, state] = withEngine(reference, () => (step as unknown as Update)(tx, grads, state, params))
    device.step(grads)
    const now = device.snapshot()
    expect(difference(now.params, params)).toBe(null)
    expect(difference(now.state, state)).toBe(null)
  }
}

test.each(rows)('%s gives the bits of the reference', (_, make) => {
  follow(make(), paramsOf, [1, -2, 3, 0.5])
})

test.each(rows)('%s gives them on many leaves, where steps are recognised', (_, make) => {
  follow(make(), manyOf, [1, -2, 3, 0.5, -1])
})
