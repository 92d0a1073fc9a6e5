import type { Data } from '../array/dtype.js'
import type { Expr } from '../expression/expr.js'
import type { PassStep } from './wasm/steps.js'

/** Arrays that results of one evaluation may be stored in, where all that is done is known before it is done. */
export interface Homes {
  /** Looks at everything that is done, in order. */
  readonly plan: (steps: readonly (Expr | PassStep)[]) => void
  /** Where an output is stored; `undefined` for an array of its own. */
  readonly of: (output: Expr) => Data | undefined
}

let offered: Homes | null = null

/** The homes of the evaluation that is running, if there are any. */
export const homes = (): Homes | null => offered

/** Runs an evaluation with homes for its results, or, inside of that, with none. */
export const withHomes = <T>(given: Homes | null, run: () => T): T => {
  const before = offered
  offered = given
  try {
    return run()
  } finally {
    offered = before
  }
}
