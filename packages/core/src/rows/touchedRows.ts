// Which rows of params have a gradient in the step that is being computed, for those who ask; all have one, where nothing is said.

import type { TouchedRows } from './types.js'

let touched: TouchedRows | null = null

/** Which rows there are gradients for, of params that do not have them for all. */
export const touchedRows = (): TouchedRows | null => touched

/** Runs something in which these rows have a gradient. */
export const withTouchedRows = <T>(rows: TouchedRows | null, run: () => T): T => {
  const before = touched
  touched = rows
  try {
    return run()
  } finally {
    touched = before
  }
}
