import { galore, scaleByGalore } from '@gradchain/matrix'
import { scaleByLion, scaleByRms, trace } from 'gradchain'
import { type Cases, cosine, smallMask } from './shared.js'

const axes = (path: string) =>
  path === '[0]'
    ? { reductionAxis: [0, 1, 2], outputAxis: 3 }
    : path === '[3]'
      ? { reductionAxis: 1, outputAxis: 0 }
      : null

/** Moments of matrices in few directions. */
export const lowRank: Cases = {
  scale_by_galore: () => scaleByGalore({ rank: 2 }),
  'scale_by_galore/gap': () => scaleByGalore({ rank: 1, updateProjGap: 3, baseOptimizer: scaleByRms() }),
  'scale_by_galore/dimension_numbers': () =>
    scaleByGalore({ rank: 1, scale: 0.25, baseOptimizer: scaleByLion(), weightDimensionNumbers: axes }),
  galore: () => galore(0.05, { rank: 1 }),
  'galore/all': () =>
    galore(cosine, {
      rank: 1,
      updateProjGap: 100,
      scale: 0.5,
      baseOptimizer: trace(0.5),
      weightDecay: 0.1,
      mask: smallMask
    })
}
