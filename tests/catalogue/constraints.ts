import {
  addL1Decay,
  projectionL1Ball,
  projectionL2Ball,
  projectionNonNegative,
  projectTo,
  proximalElasticNet,
  proximalL1
} from '@gradchain/losses'
import type { FunctionRow, TransformationRow } from './row.js'
import { both, decay } from './shared.js'

/** What is beside the losses in `@gradchain/losses`, and stands in no chain. */
export const besideLosses: readonly FunctionRow[] = [
  { name: 'projectionBox', kind: 'function', optax: 'optax.projections.projection_box' },
  { name: 'projectionHalfspace', kind: 'function', optax: 'optax.projections.projection_halfspace' },
  { name: 'projectionHypercube', kind: 'function', optax: 'optax.projections.projection_hypercube' },
  { name: 'projectionHyperplane', kind: 'function', optax: 'optax.projections.projection_hyperplane' },
  { name: 'projectionL1Ball', kind: 'function', optax: 'optax.projections.projection_l1_ball' },
  { name: 'projectionL1Sphere', kind: 'function', optax: 'optax.projections.projection_l1_sphere' },
  { name: 'projectionL2Ball', kind: 'function', optax: 'optax.projections.projection_l2_ball' },
  { name: 'projectionL2Sphere', kind: 'function', optax: 'optax.projections.projection_l2_sphere' },
  { name: 'projectionLinfBall', kind: 'function', optax: 'optax.projections.projection_linf_ball' },
  { name: 'projectionNonNegative', kind: 'function', optax: 'optax.projections.projection_non_negative' },
  { name: 'projectionSimplex', kind: 'function', optax: 'optax.projections.projection_simplex' },
  { name: 'projectionVector', kind: 'function', optax: 'optax.projections.projection_vector' },
  { name: 'l1Penalty', kind: 'function', optax: null },
  { name: 'l2Penalty', kind: 'function', optax: null },
  { name: 'elasticNetPenalty', kind: 'function', optax: null },
  { name: 'ewcPenalty', kind: 'function', optax: null },
  { name: 'laplacianPenalty', kind: 'function', optax: null },
  { name: 'orthogonalPenalty', kind: 'function', optax: null },
  { name: 'dropout', kind: 'function', optax: null },
  { name: 'dropConnect', kind: 'function', optax: null },
  { name: 'spatialDropout', kind: 'function', optax: null },
  { name: 'featureDropout', kind: 'function', optax: null },
  { name: 'stochasticDepth', kind: 'function', optax: null },
  { name: 'fgsm', kind: 'function', optax: null },
  { name: 'importanceWeights', kind: 'function', optax: null },
  { name: 'mixup', kind: 'function', optax: null },
  { name: 'cutmix', kind: 'function', optax: null },
  { name: 'pgd', kind: 'function', optax: null }
]

/** What of it stands in a chain. */
export const constraints: readonly TransformationRow[] = [
  {
    name: 'projectTo',
    kind: 'transformation',
    make: () => projectTo(projectionNonNegative),
    laws: ['elementwise', 'stateless'],
    optax: null
  },
  {
    name: 'projectTo',
    variant: 'a ball',
    kind: 'transformation',
    make: () => projectTo((params) => projectionL2Ball(params, 0.5)),
    laws: ['stateless', ['odd', both]],
    optax: null
  },
  {
    name: 'projectTo',
    variant: 'a ball of few that are not 0',
    kind: 'transformation',
    make: () => projectTo((params) => projectionL1Ball(params, 0.5)),
    laws: ['stateless', ['odd', both]],
    optax: null
  },
  {
    name: 'addL1Decay',
    kind: 'transformation',
    make: () => addL1Decay(decay),
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'proximalL1',
    kind: 'transformation',
    make: () => proximalL1(0.5, { learningRate: decay }),
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'proximalElasticNet',
    kind: 'transformation',
    make: () => proximalElasticNet(decay, { l1Ratio: 0.25 }),
    laws: ['elementwise', ['odd', both]],
    optax: null
  }
]
