import { muon, type WeightDimensionNumbers } from '@gradchain/matrix'
import { type Cases, linear } from './shared.js'

/** Dimension numbers of the leaves with four axes; the others are no matrices. */
const ofFour =
  (reductionAxis: number | readonly number[], outputAxis: number): WeightDimensionNumbers =>
  (_, shape) =>
    shape.length === 4 ? { reductionAxis, outputAxis } : null

export const orthogonal: Cases = {
  muon: () => muon(0.02),
  'muon/schedule': () => muon(linear),
  'muon/all': () =>
    muon(0.02, {
      beta: 0.9,
      eps: 1e-3,
      weightDecay: 0.1,
      nesterov: false,
      consistentRms: 0.2,
      adamB1: 0.8,
      adamB2: 0.95,
      adamEpsRoot: 1e-4,
      adamWeightDecay: 0.02,
      adamLearningRate: linear
    }),
  'muon/adaptive': () => muon(0.02, { adaptive: true }),
  'muon/dion': () => muon(0.02, { coefficients: 'dion' }),
  'muon/steps': () => muon(0.02, { steps: 3 }),
  'muon/aol': () => muon(0.02, { preconditioning: 'aol' }),
  'muon/schatten': () => muon(0.02, { preconditioning: 'schatten' }),
  'muon/spectral': () => muon(0.02, { preconditioning: 'spectral' }),
  'muon/dimension_numbers': () => muon(0.02, { weightDimensionNumbers: ofFour([0, 1, 2], 3) }),
  'muon/batches': () => muon(0.02, { weightDimensionNumbers: ofFour(-1, 1) })
}
