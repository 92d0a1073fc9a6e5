// Everything that is exported and obeys laws, a row each: the universal laws, the families and the house checks run over it.
import { aliases } from './aliases.js'
import { besideLosses, constraints } from './constraints.js'
import { curvature } from './curvature.js'
import { distributed } from './distributed.js'
import { functions } from './functions.js'
import { losses } from './losses.js'
import { matrix } from './matrix.js'
import { monitor } from './monitor.js'
import { orthogonal } from './orthogonal.js'
import type { CatalogueRow } from './row.js'
import { schedules } from './schedules.js'
import { search } from './search.js'
import { transformations } from './transformations.js'
import { wrappers } from './wrappers.js'

export type { CatalogueRow, FamilyEntry, LawfulRow } from './row.js'

/** All of it. */
export const catalogue: readonly CatalogueRow[] = [
  ...transformations,
  ...aliases,
  ...orthogonal,
  ...matrix,
  ...wrappers,
  ...schedules,
  ...functions,
  ...losses,
  ...besideLosses,
  ...constraints,
  ...curvature,
  ...search,
  ...monitor,
  ...distributed
]
