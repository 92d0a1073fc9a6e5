// Saving a run to a file and going on with it changes nothing, for every row of the catalogue, to the bit.
import { load, save } from '@gradchain/checkpoint'
import { difference } from '@gradchain/laws'
import { type AnyGradientTransformation, chain, ndarray, trace, transient } from 'gradchain'
import { expect, test } from 'vitest'
import { catalogue } from '../catalogue/index.js'
import { titleOf } from './checkRows.js'

const params = {
  kernel: ndarray([1, -2, 0.5, 3, 1 / 3, -1], [2, 3]),
  bias: ndarray([0.5, -0.25], [2], 'bfloat16'),
  deep: [{ scale: Float64Array.of(1.5, -3), shift: -0.7 }, null]
}
const gradientsAt = (t: number) => ({
  kernel: ndarray(
    Float32Array.from({ length: 6 }, (_, i) => Math.sin(7 * t + 2 * i)),
    [2, 3]
  ),
  bias: ndarray([1 / (t + 1), -0.125], [2], 'bfloat16'),
  deep: [{ scale: Float64Array.of(0.3, -t), shift: 0.1 * t }, null]
})

/** A pair whose types say nothing: rows of the catalogue are called with all that any of them asks for. */
interface Bare {
  readonly init: (params: unknown) => unknown
  readonly update: (...given: readonly unknown[]) => readonly [unknown, unknown]
}

const throughFile = <T>(tree: T): unknown => {
  const loaded = load(save(tree), tree)
  if (loaded._tag === 'Left') throw loaded.left
  return loaded.right
}

const rows: readonly (readonly [string, () => AnyGradientTransformation])[] = catalogue.flatMap((row) => {
  if (row.kind === 'wrapper') return [[titleOf(row), () => row.make()(chain(trace(0.5)))] as const]
  return row.kind === 'transformation' || row.kind === 'alias' ? [[titleOf(row), row.make] as const] : []
})

const extra = { value: 1.5 }
const STEPS = 3

test.each(rows)('%s: saving and restoring the state in the middle changes nothing', (_, make) => {
  const tx = make() as unknown as Bare
  let state = tx.init(params)
  let restored = state
  for (let t = 0; t < STEPS; t++) {
    restored = throughFile(restored)
    expect(difference(restored, state)).toBe(null)
    const [updates, next] = tx.update(gradientsAt(t), state, params, extra)
    const [again, nextAgain] = tx.update(gradientsAt(t), restored, params, extra)
    expect(difference(again, updates)).toBe(null)
    state = next
    restored = nextAgain
  }
})

/** A run whose types say nothing. */
interface BareRun {
  readonly step: (grads: unknown, extra: unknown) => void
  readonly snapshot: () => { readonly params: unknown; readonly state: unknown }
  readonly dispose: () => void
}

const runOf = (tx: AnyGradientTransformation, from: unknown, state?: unknown): BareRun =>
  transient(tx, from as never, { state, scratchBytes: 2 ** 21 } as never) as unknown as BareRun

test.each(rows)('%s: going on from a snapshot that was saved is going on', (_, make) => {
  const tx = make()
  const run = runOf(tx, params)
  run.step(gradientsAt(0), extra)
  const saved = throughFile(run.snapshot()) as ReturnType<BareRun['snapshot']>
  const resumed = runOf(tx, saved.params, saved.state)
  run.step(gradientsAt(1), extra)
  resumed.step(gradientsAt(1), extra)
  expect(difference(resumed.snapshot(), run.snapshot())).toBe(null)
  run.dispose()
  resumed.dispose()
})
