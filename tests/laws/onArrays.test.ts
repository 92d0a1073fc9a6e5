// Every row of the catalogue on arrays of another library, node by node: the bits of the reference engine, and nothing leaks.
import { difference } from '@gradchain/laws'
import { type AnyGradientTransformation, chain, ndarray, reference, step, trace, tree, withEngine } from 'gradchain'
import { expect, test } from 'vitest'
import { onArrays } from '../../packages/core/src/foreign/index.js'
import { type Box, type Boxes, boxes } from '../../packages/core/src/foreign/testing.js'
import { aliases } from '../catalogue/aliases.js'
import { matrix } from '../catalogue/matrix.js'
import { orthogonal } from '../catalogue/orthogonal.js'
import { transformations } from '../catalogue/transformations.js'
import { wrappers } from '../catalogue/wrappers.js'
import { titleOf } from './checkRows.js'

const paramsOf = (x: number) => ({
  kernel: ndarray(Float32Array.of(x, -x, 2, x / 3, 1, -2), [2, 3]),
  bias: ndarray(Float32Array.of(x, 0.5), [2]),
  scale: ndarray(Float64Array.of(-x, 2), [2]),
  rate: x / 4
})

const boxed = (library: Boxes, given: unknown): unknown =>
  tree.map((leaf) => (typeof leaf === 'number' ? leaf : library.box(leaf as never)), given as never)

const opened = (given: unknown): unknown =>
  tree.map((leaf: unknown) => (typeof leaf === 'number' ? leaf : (leaf as Box).value), given as never)

const release = (library: Boxes, ...trees: readonly unknown[]): void => {
  for (const given of trees) tree.map((leaf: unknown) => library.isArray(leaf) && library.release(leaf), given as never)
}

const boxesIn = (library: Boxes, given: unknown): number =>
  tree.leaves(given as never).filter((leaf) => library.isArray(leaf)).length

type Update = (...given: readonly unknown[]) => readonly [unknown, unknown]

const rows: readonly (readonly [string, () => AnyGradientTransformation])[] = [
  ...[...aliases, ...transformations, ...matrix, ...orthogonal].map((row) => [titleOf(row), row.make] as const),
  ...wrappers.map((row) => [titleOf(row), () => row.make()(chain(trace(0.5)))] as const)
]

test.each(rows)('%s gives the bits of the reference, and nothing leaks', (_, make) => {
  const library = boxes()
  const tx = make()
  const other = onArrays(library, tx)
  let params: unknown = paramsOf(2)
  let state = withEngine(reference, () => (tx.init as (params: unknown) => unknown)(params))
  let theirs = boxed(library, params)
  let theirState: unknown = other.init(theirs as never)
  expect(library.live()).toBe(boxesIn(library, [theirs, theirState]))
  for (const x of [1, -2, 3, 0.5]) {
    const grads = paramsOf(x)
    ;[params, state] = withEngine(reference, () => (step as unknown as Update)(tx, grads, state, params))
    const given = boxed(library, grads)
    const before = [given, theirs, theirState]
    ;[theirs, theirState] = (other.step as unknown as Update)(given, theirState, theirs)
    expect(difference(opened(theirs), params)).toBe(null)
    release(library, ...before)
    expect(library.live()).toBe(boxesIn(library, [theirs, theirState]))
  }
})
