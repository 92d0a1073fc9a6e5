import { accumulation } from './accumulation.js'
import { aliases } from './aliases.js'
import { clipping } from './clipping.js'
import { contrib } from './contrib.js'
import { core } from './core.js'
import { curvature } from './curvature.js'
import { functions as others } from './functions.js'
import { lowRank } from './lowRank.js'
import { moments } from './moments.js'
import { orthogonal } from './orthogonal.js'
import { projections } from './projections.js'
import { running } from './running.js'
import { scaling } from './scaling.js'
import type { Cases } from './shared.js'
import { wrappers } from './wrappers.js'

export { deviations } from './deviations.js'

/** Our transformation for each name in `data/float64.json` and `data/float32.json`; the Optax expression stands there. */
export const cases: Cases = {
  ...core,
  ...scaling,
  ...moments,
  ...accumulation,
  ...clipping,
  ...wrappers,
  ...running,
  ...aliases,
  ...contrib,
  ...curvature,
  ...orthogonal,
  ...lowRank
}

/** Our function of (gradients, params) for each name of a function in the data. */
export const functions: Readonly<Record<string, (gradients: never, params: never) => unknown>> = {
  ...others,
  ...projections
}
