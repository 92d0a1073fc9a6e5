import type { AnyGradientTransformation, Schedule } from 'gradchain'

/** Our functions for the rows of a framework's data. */
export interface Rows {
  /** The transformation for each name of a case. */
  readonly cases: Readonly<Record<string, () => AnyGradientTransformation>>
  /** The schedule for each name of a schedule. */
  readonly schedules: Readonly<Record<string, () => Schedule>>
  /** Where numbers differ by more than rounding: the tolerance that takes its place, and why. */
  readonly deviations: Readonly<Record<string, { readonly tolerance: number; readonly because: string }>>
}
