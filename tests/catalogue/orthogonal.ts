import {
  adamuon,
  dion,
  muon,
  normuon,
  orthogonalizeParams,
  qkClip,
  scaleByDion,
  scaleByLmo,
  scaleByMuon,
  scaleByMuonRms,
  scaleByShape,
  scion,
  spectralNorm
} from '@gradchain/matrix'
import { type AnyGradientTransformation, type Leaf, masked, type Tree, tree } from 'gradchain'
import type { TransformationRow } from './row.js'
import { decay, given, isOdd, notInHalves } from './shared.js'

const rankOf = (leaf: Leaf): number => (typeof leaf === 'object' && 'shape' in leaf ? leaf.shape.length : 0)

/** The law that does not hold of what is drawn once, at the start. */
const drawnForAll = { absentParamsRest: 'where it begins is drawn for all leaves, by their numbers' }

/** What is refused for leaves that are no matrices, on those that are. */
const onMatrices = (tx: AnyGradientTransformation): AnyGradientTransformation =>
  masked(tx, (params: Tree<Leaf>) => tree.map((leaf) => rankOf(leaf) === 2, params))

/** The same for stacks of matrices. */
const onStacks = (tx: AnyGradientTransformation): AnyGradientTransformation =>
  masked(tx, (params: Tree<Leaf>) => tree.map((leaf) => rankOf(leaf) >= 2, params))

/** Every leaf of two axes or more as a stack of matrices. */
const stacks = { reductionAxis: -1, outputAxis: 0 } as const

const clippedLogits = (): AnyGradientTransformation =>
  given(qkClip({ heads: (_, shape) => (shape.length === 2 ? { attention: 'all', axis: -1 } : null) }), {
    maxLogits: { all: 300 }
  })

/** What makes matrices orthogonal, or bounds their singular values. */
export const orthogonal: readonly TransformationRow[] = [
  {
    name: 'scaleByMuon',
    kind: 'transformation',
    make: () => onMatrices(scaleByMuon()),
    laws: ['odd'],
    optax: 'optax.contrib.scale_by_muon'
  },
  {
    name: 'scaleByMuon',
    variant: 'stacks, adaptive, on the Gram matrix',
    kind: 'transformation',
    make: () =>
      onStacks(scaleByMuon({ adaptive: true, gram: true, preconditioning: 'aol', weightDimensionNumbers: stacks })),
    laws: ['odd'],
    optax: 'optax.contrib.scale_by_muon'
  },
  {
    name: 'scaleByMuon',
    variant: 'of signs, exactly',
    kind: 'transformation',
    make: () => onMatrices(scaleByMuon({ ofSigns: true, nesterov: false, debias: false, method: 'svd' })),
    laws: [],
    optax: 'optax.contrib.scale_by_muon'
  },
  {
    name: 'scaleByShape',
    kind: 'transformation',
    make: () => onMatrices(scaleByShape({ adjustLr: 'matchRmsAdamw' })),
    laws: ['linear'],
    optax: 'optax.contrib._muon.scale_by_shape'
  },
  {
    name: 'scaleByMuonRms',
    kind: 'transformation',
    make: () => onMatrices(scaleByMuonRms()),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByMuonRms',
    variant: 'elements of stacks',
    kind: 'transformation',
    make: () => onStacks(scaleByMuonRms({ per: 'element', debias: true, weightDimensionNumbers: stacks })),
    laws: ['odd'],
    optax: null
  },
  { name: 'muon', kind: 'alias', make: () => muon(0.1), laws: ['odd'], optax: 'optax.contrib.muon' },
  {
    name: 'muon',
    variant: 'Polar Express on stacks, with decay by mask and schedule',
    kind: 'alias',
    make: () =>
      muon(decay, {
        method: 'polarExpress',
        preconditioning: 'schatten',
        weightDimensionNumbers: stacks,
        weightDecay: 0.1,
        weightDecayMask: isOdd,
        consistentRms: 0.2
      }),
    laws: [],
    optax: 'optax.contrib.muon'
  },
  { name: 'normuon', kind: 'alias', make: () => normuon(0.1, { weightDecay: 0.1 }), laws: [], optax: null },
  { name: 'adamuon', kind: 'alias', make: () => adamuon(decay), laws: ['odd'], optax: null },
  {
    name: 'scaleByDion',
    kind: 'transformation',
    make: () => onStacks(scaleByDion({ rankFraction: 0.5, weightDimensionNumbers: stacks })),
    without: drawnForAll,
    laws: ['odd'],
    optax: null
  },
  {
    name: 'dion',
    kind: 'alias',
    make: () => dion(0.1, { weightDecay: 0.1 }),
    without: drawnForAll,
    laws: [],
    optax: null
  },
  { name: 'scaleByLmo', kind: 'transformation', make: () => scaleByLmo(), laws: ['odd'], optax: null },
  {
    name: 'scaleByLmo',
    variant: 'columns',
    kind: 'transformation',
    make: () => scaleByLmo({ norm: 'colNorm', radius: 3, weightDimensionNumbers: stacks }),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scion',
    kind: 'alias',
    make: () => scion(0.1, { norm: 'rowNorm', constrained: true }),
    laws: [],
    optax: null
  },
  {
    name: 'orthogonalizeParams',
    kind: 'transformation',
    make: () => orthogonalizeParams(),
    notInHalves,
    laws: [],
    optax: null
  },
  {
    name: 'spectralNorm',
    kind: 'transformation',
    make: () => spectralNorm({ steps: 2, weightDimensionNumbers: stacks }),
    notInHalves,
    laws: [],
    optax: null
  },
  { name: 'qkClip', kind: 'transformation', make: clippedLogits, notInHalves, laws: [], optax: null }
]
