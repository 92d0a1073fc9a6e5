// Averages of params against those of Optax and PyTorch, for the same run of momentum.
import { type AnyGradientTransformation, chain, type Tree } from '@gradchain/core'
import { expect } from 'vitest'
import { trace } from '../../momentum/trace.js'
import { scale } from '../../scaling/scale.js'
import { GOLDEN } from './courses.js'
import { run } from './parts.js'

/** The params of eight steps of momentum 0.9 with the learning rate 0.1 over the gradients of {@link GOLDEN}, twice. */
export const TRAINED = [
  [0.95, -1.8, 0.19999999999999996],
  [0.7549999999999999, -1.645, 0.029999999999999916],
  [0.6544999999999999, -1.3054999999999999, -0.13550000000000012],
  [0.5640499999999998, -1.0999499999999998, -0.6844500000000002],
  [0.43264499999999984, -0.7149549999999998, -1.4785050000000004],
  [0.16438049999999982, -0.3934594999999998, -2.0931545000000007],
  [-0.0020575500000001856, 0.09588645000000029, -2.658839050000001],
  [-0.1518517950000002, 0.43629780500000037, -3.567955145000001]
]

const expectRows = (found: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void => {
  expect(found).toHaveLength(wanted.length)
  found.forEach((row, t) => {
    expect(row).toHaveLength(wanted[t]?.length ?? 0)
    row.forEach((x, i) => {
      const w = wanted[t]?.[i] as number
      // The order of operations may differ: some ulps of numbers of the size of 1.
      if (!(Math.abs(x - w) <= 1e-14 * Math.max(1, Math.abs(w)))) throw new Error(`step ${t}: ${x}, it should be ${w}`)
    })
  })
}

/** Compares the averages after each step with those given, and the params with those of Optax. */
export const expectTrained = (
  wrap: <T extends AnyGradientTransformation>(inner: T) => AnyGradientTransformation,
  averages: readonly (readonly number[])[]
): void => {
  const grads = [...GOLDEN.gradients, ...GOLDEN.gradients].map((g) => Float64Array.from(g))
  const found = run(wrap(chain(trace(0.9), scale(-0.1))), { params: Float64Array.from(GOLDEN.params), grads })
  expectRows(
    found.params.map((p) => [...(p as Float64Array)]),
    TRAINED
  )
  // Every wrapper that averages has its average there.
  const states = found.states.slice(1) as readonly { readonly average: Tree }[]
  expectRows(
    states.map(({ average }) => [...(average as Float64Array)]),
    averages
  )
}
