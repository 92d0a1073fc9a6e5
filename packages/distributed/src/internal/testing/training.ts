// For tests: ranks that train side by side on numbers whose sums are exact.
import { type AnyGradientTransformation, step } from '@gradchain/core'
import fc from 'fast-check'
import type { Communicator } from '../../communicators/communicator.js'
import { allRanks } from './allRanks.js'

/** A vector of each rank in each step: `[step][rank][element]`. */
export type Gradients = readonly (readonly (readonly number[])[])[]

/** How many ranks there are, and their gradients: small whole numbers. */
export const someRanks = (steps: number): fc.Arbitrary<{ readonly size: number; readonly gradients: Gradients }> =>
  fc.integer({ min: 1, max: 5 }).chain((size) => {
    const aVector = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 3, maxLength: 3 })
    const aStep = fc.array(aVector, { minLength: size, maxLength: size })
    return fc.record({ size: fc.constant(size), gradients: fc.array(aStep, { minLength: steps, maxLength: steps }) })
  })

/** The params of each rank after each step, from the same start: `[rank][step][element]`. */
export const trained = <T extends AnyGradientTransformation>(
  make: (comm: Communicator) => T,
  { size, gradients }: { readonly size: number; readonly gradients: Gradients },
  start: readonly number[] = [0, 16, -32]
): Promise<readonly (readonly (readonly number[])[])[]> =>
  allRanks(size, (comm) => {
    const tx = make(comm) as AnyGradientTransformation
    let params: { readonly w: Float64Array } = { w: Float64Array.from(start) }
    let state = tx.init(params)
    return gradients.map((all) => {
      const g = { w: Float64Array.from(all[comm.rank] as readonly number[]) }
      ;[params, state] = (step as Step)(tx, g, state, params)
      return [...params.w]
    })
  })

/** `step`, for an optimizer of any state. */
type Step = <P>(tx: AnyGradientTransformation, gradients: P, state: unknown, params: P) => readonly [P, unknown]

/** The mean of vectors, in their order. */
export const meanOf = (vectors: readonly (readonly number[])[]): readonly number[] =>
  (vectors[0] as readonly number[]).map(
    (_, i) => vectors.reduce((sum, v) => sum + (v[i] as number), 0) / vectors.length
  )
