import { chain } from '@gradchain/core'
import { near } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'

/** Exact, unless a tolerance is given. Of finite gradients: 0 × ∞ makes new NaNs where norms are infinite. */
export const twiceIsOnce = transformationLaw(
  'twiceIsOnce',
  'chained with itself it does what it does once',
  { domain: 'finite', minSteps: 1 },
  (tx, trajectory, { tolerance }) =>
    differentUpdates(
      observe(chain(tx, tx), trajectory).updates,
      observe(tx, trajectory).updates,
      tolerance === undefined ? Object.is : near(tolerance)
    )
)

/** The law of projections. */
export const idempotent = { twiceIsOnce } as const
