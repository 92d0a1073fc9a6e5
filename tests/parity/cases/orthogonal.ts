import { muon, scaleByMuon, scaleByShape, type WeightDimensionNumbers } from '@gradchain/matrix'
import { type Leaf, masked, type Tree, tree } from 'gradchain'
import { type Cases, linear } from './shared.js'

/** Dimension numbers of the leaves with four axes; the others are no matrices. */
const ofFour =
  (reductionAxis: number | readonly number[], outputAxis: number): WeightDimensionNumbers =>
  (_, shape) =>
    shape.length === 4 ? { reductionAxis, outputAxis } : null

/** Leaves of at least two axes, as stacks of matrices. */
const lastTwo: WeightDimensionNumbers = { reductionAxis: -2, outputAxis: -1 }
const matrices = (params: Tree<Leaf>) =>
  tree.map((leaf) => typeof leaf === 'object' && 'shape' in leaf && leaf.shape.length > 1, params)

export const orthogonal: Cases = {
  scale_by_muon: () => masked(scaleByMuon({ nesterov: false, weightDimensionNumbers: lastTwo }), matrices),
  scale_by_shape: () => masked(scaleByShape({ weightDimensionNumbers: lastTwo }), matrices),
  'scale_by_shape/consistent_rms': () =>
    masked(scaleByShape({ weightDimensionNumbers: lastTwo, consistentRms: 0.3 }), matrices),
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
