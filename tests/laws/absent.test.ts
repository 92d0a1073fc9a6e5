// Params that have a gradient in one step and none in the next, for every row of the catalogue.
import {
  type AnyGradientTransformation,
  applyUpdates,
  chain,
  InvalidState,
  ndarray,
  step,
  trace,
  transient
} from 'gradchain'
import { expect, test } from 'vitest'
import { aliases } from '../catalogue/aliases.js'
import { matrix } from '../catalogue/matrix.js'
import { orthogonal } from '../catalogue/orthogonal.js'
import { transformations } from '../catalogue/transformations.js'
import { wrappers } from '../catalogue/wrappers.js'
import { titleOf } from './checkRows.js'

const tree = (x: number) => ({
  kernel: ndarray(Float32Array.of(x, -x, 2, x / 3, 1, -2), [2, 3]),
  bias: Float32Array.of(x, 0.5),
  scale: Float64Array.of(-x, 2),
  rate: x / 4
})

const rounds = [
  tree(1),
  { ...tree(-2), bias: null },
  { ...tree(3), kernel: null, rate: null },
  tree(0.5),
  { ...tree(-1), scale: null, bias: null },
  tree(1.5)
]

const rows: readonly (readonly [string, () => AnyGradientTransformation])[] = [
  ...[...aliases, ...transformations, ...matrix, ...orthogonal].map((row) => [titleOf(row), row.make] as const),
  ...wrappers.map((row) => [titleOf(row), () => row.make()(chain(trace(0.5)))] as const)
]

test.each(rows)('%s: update, step and transient agree on what rests', (title, make) => {
  const tx = make()
  // What is needed beyond the params, the rows have by themselves.
  const init = tx.init as (params: unknown) => unknown
  const update = tx.update as (...given: readonly unknown[]) => readonly [never, unknown]
  const stepOnce = step as (...given: readonly unknown[]) => readonly [ReturnType<typeof tree>, unknown]
  const run = transient(tx, tree(2), { scratchBytes: 4 * 2 ** 20 }) as unknown as {
    readonly step: (grads: unknown) => void
    readonly snapshot: () => unknown
    readonly dispose: () => void
  }
  let [params, state] = [tree(2), init(tree(2))]
  try {
    for (const grads of rounds) {
      // What holds one array for several params says so.
      if (title === 'flatten' && Object.values(grads).includes(null)) {
        expect(() => stepOnce(tx, grads, state, params)).toThrow(InvalidState)
        expect(() => run.step(grads)).toThrow(InvalidState)
        continue
      }
      const [updates, next] = update(grads, state, params)
      const [stepped, after] = stepOnce(tx, grads, state, params)
      expect(stepped).toStrictEqual(applyUpdates(params, updates))
      expect(after).toStrictEqual(next)
      ;[params, state] = [stepped, after]
      run.step(grads)
      expect(run.snapshot()).toStrictEqual({ params, state })
    }
  } finally {
    run.dispose()
  }
})
