// For tests: what compressors come to on several ranks, by golden.json.
import { readFileSync } from 'node:fs'
import { type AnyGradientTransformation, type NdArray, ndarray } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../../communicators/communicator.js'
import { allRanks } from './allRanks.js'

/** Numbers by the names of leaves. */
type Leaves = Readonly<Record<string, readonly number[]>>

interface Golden {
  readonly shapes: Readonly<Record<string, readonly number[]>>
  readonly onebitAdam: GoldenRun
  readonly powerSgd: GoldenRun
}

/** What all ranks were given, what updates they came to, and what each held back in the end. */
export interface GoldenRun {
  readonly gradients: readonly (readonly Leaves[])[]
  readonly updates: readonly Leaves[]
  readonly residual: readonly Leaves[]
}

/** The file beside the compressors. */
export const golden = JSON.parse(
  readFileSync(new URL('../../compression/golden.json', import.meta.url), 'utf8')
) as Golden

const arraysOf = (leaves: Leaves): Readonly<Record<string, NdArray>> =>
  Object.fromEntries(
    Object.entries(leaves).map(([name, numbers]) => [
      name,
      ndarray(Float64Array.from(numbers), golden.shapes[name] as readonly number[])
    ])
  )

/** What each rank comes to with these gradients: its updates, and its last state. */
export const ranksOn = <T extends AnyGradientTransformation>(
  { gradients }: GoldenRun,
  make: (comm: Communicator) => T
): Promise<readonly { readonly updates: readonly Leaves[]; readonly state: ReturnType<T['init']> }[]> =>
  allRanks((gradients[0] as readonly Leaves[]).length, (comm) => {
    const tx: AnyGradientTransformation = make(comm)
    const grads = gradients.map((all) => arraysOf(all[comm.rank] as Leaves))
    const params = tree.map(
      ({ data, shape }: NdArray) => ndarray(new Float64Array(data.length), shape),
      grads[0] as Readonly<Record<string, NdArray>>
    )
    let state = tx.init(params)
    const updates = grads.map((g) => {
      const [u, next] = tx.update(g, state, params)
      state = next
      return Object.fromEntries(
        Object.entries(u as Readonly<Record<string, NdArray>>).map(([k, x]) => [k, [...x.data]])
      )
    })
    return { updates, state: state as ReturnType<T['init']> }
  })

/** The largest difference of numbers, as a share of the largest of them. */
export const differenceOf = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const [x, y] = [Array.from(a), Array.from(b)]
  if (x.length !== y.length) return Infinity
  const largest = Math.max(...x.map(Math.abs), ...y.map(Math.abs), Number.MIN_VALUE)
  return Math.max(0, ...x.map((one, i) => Math.abs(one - (y[i] as number)))) / largest
}
