// Everything that is exported and obeys laws, a row each: the universal laws, the families and the house checks run over it.
import { arbitrary, type families, type LawOptions, type Measure, type Wrapper } from '@gradchain/laws'
import {
  type AnyGradientTransformation,
  adam,
  adamw,
  addDecayedWeights,
  addSchedules,
  applyIfFinite,
  asSchedule,
  biasCorrection,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  constantSchedule,
  cosineDecaySchedule,
  cosineOnecycleSchedule,
  ema,
  exponentialDecay,
  freeze,
  identity,
  joinSchedules,
  type Leaf,
  linearOnecycleSchedule,
  linearSchedule,
  lion,
  lookahead,
  mapSchedule,
  masked,
  mulSchedules,
  multiSteps,
  namedChain,
  partition,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polynomialSchedule,
  rmsprop,
  type Schedule,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleByLion,
  scaleByRms,
  scaleBySchedule,
  scaleBySign,
  scaleByStddev,
  setToZero,
  sgd,
  sgdrSchedule,
  shiftSchedule,
  skipLargeUpdates,
  skipNotFinite,
  stateless,
  type Tree,
  trace,
  transformation,
  tree,
  updateMoment,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule
} from 'gradchain'

/** A name that `gradchain` exports. */
type Name = keyof typeof import('gradchain')

/** A family of laws that a transformation obeys; where it takes options, with them. */
export type FamilyEntry =
  | Exclude<keyof typeof families, 'wrapper' | 'schedule'>
  | readonly [
      family: 'elementwise' | 'odd' | 'scaleBlind' | 'linear' | 'idempotent',
      options: Pick<LawOptions, 'of' | 'tolerance' | 'params'>
    ]
  | readonly [family: 'bounded', bound: number, measure?: Measure]

interface Row {
  /** The export that the row is about. */
  readonly name: Name
  /** What is special about this row, where an export has several. */
  readonly variant?: string
  /** The same in Optax; `null` where Optax has no such thing. */
  readonly optax: `optax.${string}` | null
}

/** A transformation, or a chain that has a name of its own. */
export interface TransformationRow extends Row {
  readonly kind: 'transformation' | 'alias'
  readonly make: () => AnyGradientTransformation
  /** The families of laws it obeys, beyond the universal ones. */
  readonly laws: readonly FamilyEntry[]
}

/** What makes a transformation out of others. */
export interface WrapperRow extends Row {
  readonly kind: 'wrapper'
  readonly make: () => Wrapper
  /** Families of laws that it obeys around the identity. */
  readonly laws: readonly FamilyEntry[]
}

/** A schedule. */
export interface ScheduleRow extends Row {
  readonly kind: 'schedule'
  readonly make: () => Schedule
  /** The smallest and the largest value. */
  readonly range: readonly [least: number, most: number]
}

/** A row of the catalogue. */
export type CatalogueRow = TransformationRow | WrapperRow | ScheduleRow

const norm: Measure = (numbers) => Math.hypot(...numbers.slice(0, 50_000))

/** A mask for trees of any structure: arrays with an odd number of elements. */
const isOdd = (params: Tree<Leaf>) =>
  tree.map((leaf) => typeof leaf === 'object' && ('shape' in leaf ? leaf.data : leaf).length % 2 === 1, params)
const label = (params: Tree<Leaf>) => tree.map((odd) => (odd ? 'odd' : 'rest'), isOdd(params))

const both = { of: 'both' } as const
/** A number has no other dtype, so what is stored in bfloat16 is kept exactly for numbers. */
const arraysOnly = { params: arbitrary.params({ numbers: false }) } as const
/** A norm is rounded once for every pass. */
const upToRounding = { tolerance: 1e-6 } as const

const linear: readonly FamilyEntry[] = ['elementwise', 'odd', 'linear']
const linearInBoth: readonly FamilyEntry[] = ['elementwise', ['odd', both], ['linear', both]]
const adaptive: readonly FamilyEntry[] = ['elementwise', 'odd', 'scaleBlind']
const adaptiveWithDecay: readonly FamilyEntry[] = ['elementwise', ['odd', both], 'scaleBlind']

const decay = exponentialDecay({ initValue: 0.5, transitionSteps: 3, decayRate: 0.5 })

const transformations: readonly TransformationRow[] = [
  {
    name: 'identity',
    kind: 'transformation',
    make: identity,
    laws: [...linear, 'stateless', 'idempotent'],
    optax: 'optax.identity'
  },
  {
    name: 'setToZero',
    kind: 'transformation',
    make: setToZero,
    laws: [...linear, 'scaleBlind', 'stateless', 'idempotent', ['bounded', 0]],
    optax: 'optax.set_to_zero'
  },
  {
    name: 'stateless',
    kind: 'transformation',
    make: () => stateless((updates, params) => tree.map((g, p) => updateMoment(g, p, 0.5, 1), updates, params)),
    laws: [...linearInBoth, 'stateless'],
    optax: 'optax.stateless'
  },
  {
    name: 'scale',
    kind: 'transformation',
    make: () => scale(-0.3),
    laws: [...linear, 'stateless'],
    optax: 'optax.scale'
  },
  {
    name: 'scaleByLearningRate',
    kind: 'transformation',
    make: () => scaleByLearningRate(0.1),
    laws: linear,
    optax: 'optax.scale_by_learning_rate'
  },
  {
    name: 'scaleByLearningRate',
    variant: 'a schedule',
    kind: 'transformation',
    make: () => scaleByLearningRate(decay, { flipSign: false }),
    laws: linear,
    optax: 'optax.scale_by_learning_rate'
  },
  {
    name: 'scaleBySchedule',
    kind: 'transformation',
    make: () => scaleBySchedule(decay),
    laws: linear,
    optax: 'optax.scale_by_schedule'
  },
  {
    name: 'scaleByAdam',
    kind: 'transformation',
    make: () => scaleByAdam(),
    laws: adaptive,
    optax: 'optax.scale_by_adam'
  },
  {
    name: 'scaleByAdam',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByAdam({ b1: 0.7, b2: 0.97, eps: 1e-4, epsRoot: 1e-5, nesterov: true, muDtype: 'bfloat16' }),
    laws: [['elementwise', arraysOnly], 'odd'],
    optax: 'optax.scale_by_adam'
  },
  {
    name: 'scaleByRms',
    kind: 'transformation',
    make: () => scaleByRms(),
    laws: adaptive,
    optax: 'optax.scale_by_rms'
  },
  {
    name: 'scaleByRms',
    variant: 'eps outside, bias correction',
    kind: 'transformation',
    make: () => scaleByRms({ epsInSqrt: false, biasCorrection: true }),
    laws: adaptive,
    optax: 'optax.scale_by_rms'
  },
  {
    name: 'scaleByStddev',
    kind: 'transformation',
    make: () => scaleByStddev(),
    laws: adaptive,
    optax: 'optax.scale_by_stddev'
  },
  {
    name: 'scaleByLion',
    kind: 'transformation',
    make: () => scaleByLion(),
    laws: [...adaptive, ['bounded', 1]],
    optax: 'optax.scale_by_lion'
  },
  {
    name: 'scaleByLion',
    variant: 'refined, with its momentum in float64',
    kind: 'transformation',
    make: () => scaleByLion({ mode: 'refined', muDtype: 'float64' }),
    laws: ['elementwise', 'odd', ['bounded', 1]],
    optax: 'optax.scale_by_lion'
  },
  {
    name: 'scaleBySign',
    kind: 'transformation',
    make: scaleBySign,
    laws: [...adaptive, 'stateless', 'idempotent', ['bounded', 1]],
    optax: 'optax.scale_by_sign'
  },
  {
    name: 'trace',
    kind: 'transformation',
    make: () => trace(0.9),
    laws: linear,
    optax: 'optax.trace'
  },
  {
    name: 'trace',
    variant: 'Nesterov, in float64',
    kind: 'transformation',
    make: () => trace(0.9, { nesterov: true, accumulatorDtype: 'float64' }),
    laws: linear,
    optax: 'optax.trace'
  },
  {
    name: 'ema',
    kind: 'transformation',
    make: () => ema(0.9),
    laws: linear,
    optax: 'optax.ema'
  },
  {
    name: 'ema',
    variant: 'biased, in bfloat16',
    kind: 'transformation',
    make: () => ema(0.5, { debias: false, accumulatorDtype: 'bfloat16' }),
    laws: [['elementwise', arraysOnly], 'odd'],
    optax: 'optax.ema'
  },
  {
    name: 'addDecayedWeights',
    kind: 'transformation',
    make: () => addDecayedWeights(0.01),
    laws: linearInBoth,
    optax: 'optax.add_decayed_weights'
  },
  {
    name: 'addDecayedWeights',
    variant: 'a schedule and a mask',
    kind: 'transformation',
    make: () => addDecayedWeights(decay, { mask: isOdd }),
    laws: [
      ['odd', both],
      ['linear', both]
    ],
    optax: 'optax.add_decayed_weights'
  },
  {
    name: 'clip',
    kind: 'transformation',
    make: () => clip(0.5),
    laws: ['elementwise', 'odd', 'stateless', 'idempotent', ['bounded', 0.5]],
    optax: 'optax.clip'
  },
  {
    name: 'clipByGlobalNorm',
    kind: 'transformation',
    make: () => clipByGlobalNorm(0.5),
    laws: ['odd', 'stateless', ['idempotent', upToRounding], ['bounded', 0.5, norm]],
    optax: 'optax.clip_by_global_norm'
  },
  {
    name: 'clipByBlockRms',
    kind: 'transformation',
    make: () => clipByBlockRms(0.5),
    laws: ['odd', 'stateless', ['idempotent', upToRounding]],
    optax: 'optax.clip_by_block_rms'
  },
  {
    name: 'freeze',
    kind: 'transformation',
    make: () => freeze(isOdd),
    laws: ['odd', 'linear', 'stateless', 'idempotent'],
    optax: 'optax.transforms.freeze'
  },
  {
    name: 'updateMoment',
    kind: 'transformation',
    make: () =>
      transformation<{ readonly moment: Tree }>({
        init: (params) => ({ moment: tree.zerosLike(params) }),
        update: (updates, state) => {
          const moment = tree.map((g, m) => updateMoment(g, m, 0.9, 3), updates, state.moment)
          return [moment, { moment: tree.castLike(moment, state.moment) }]
        }
      }),
    laws: ['elementwise', 'odd'],
    optax: 'optax.tree.update_moment'
  },
  {
    name: 'biasCorrection',
    kind: 'transformation',
    make: () => stateless((updates) => tree.map((g) => biasCorrection(g, 0.9, 2), updates)),
    laws: [...linear, 'stateless'],
    optax: 'optax.tree.bias_correction'
  }
]

const aliases: readonly TransformationRow[] = [
  { name: 'sgd', kind: 'alias', make: () => sgd(0.1), laws: linear, optax: 'optax.sgd' },
  {
    name: 'sgd',
    variant: 'Nesterov momentum',
    kind: 'alias',
    make: () => sgd(decay, { momentum: 0.9, nesterov: true }),
    laws: linear,
    optax: 'optax.sgd'
  },
  { name: 'adam', kind: 'alias', make: () => adam(0.1), laws: adaptive, optax: 'optax.adam' },
  { name: 'adamw', kind: 'alias', make: () => adamw(0.1), laws: adaptiveWithDecay, optax: 'optax.adamw' },
  {
    name: 'adamw',
    variant: 'decay by mask and schedule',
    kind: 'alias',
    make: () => adamw(decay, { weightDecay: decay, mask: isOdd }),
    laws: [['odd', both], 'scaleBlind'],
    optax: 'optax.adamw'
  },
  { name: 'lion', kind: 'alias', make: () => lion(0.1), laws: adaptiveWithDecay, optax: 'optax.lion' },
  { name: 'rmsprop', kind: 'alias', make: () => rmsprop(0.1), laws: adaptive, optax: 'optax.rmsprop' },
  {
    name: 'rmsprop',
    variant: 'centered, momentum',
    kind: 'alias',
    make: () => rmsprop(0.1, { centered: true, momentum: 0.9 }),
    laws: adaptive,
    optax: 'optax.rmsprop'
  }
]

const wrappers: readonly WrapperRow[] = [
  {
    name: 'chain',
    kind: 'wrapper',
    make: () => (inner) => chain(trace(0.5), inner, scale(-0.5)),
    laws: linear,
    optax: 'optax.chain'
  },
  {
    name: 'namedChain',
    kind: 'wrapper',
    make: () => (inner) => namedChain({ trace: trace(0.5), inner, scale: scale(-0.5) }),
    laws: linear,
    optax: 'optax.named_chain'
  },
  {
    name: 'masked',
    kind: 'wrapper',
    make: () => (inner) => masked(inner, isOdd),
    laws: ['odd', 'linear', 'idempotent'],
    optax: 'optax.masked'
  },
  {
    name: 'partition',
    kind: 'wrapper',
    make: () => (inner) => partition({ odd: inner, rest: trace(0.5) }, label),
    laws: ['odd', 'linear'],
    optax: 'optax.partition'
  },
  {
    name: 'multiSteps',
    kind: 'wrapper',
    make: () => (inner) => multiSteps(inner, 2),
    laws: linear,
    optax: 'optax.MultiSteps'
  },
  {
    name: 'multiSteps',
    variant: 'sums of growing batches, in float64',
    kind: 'wrapper',
    make: () => (inner) => multiSteps(inner, (step) => 1 + step, { useGradMean: false, accumulatorDtype: 'float64' }),
    laws: linear,
    optax: 'optax.MultiSteps'
  },
  {
    name: 'skipNotFinite',
    kind: 'wrapper',
    make: () => (inner) => multiSteps(inner, 2, { shouldSkip: skipNotFinite }),
    laws: ['odd', 'linear'],
    optax: 'optax.skip_not_finite'
  },
  {
    name: 'skipLargeUpdates',
    kind: 'wrapper',
    make: () => (inner) => multiSteps(inner, 2, { shouldSkip: skipLargeUpdates(100) }),
    laws: ['odd'],
    optax: 'optax.skip_large_updates'
  },
  {
    name: 'lookahead',
    kind: 'wrapper',
    make: () => (inner) => lookahead(inner, { syncPeriod: 2, slowStepSize: 0.5 }),
    laws: linearInBoth,
    optax: 'optax.lookahead'
  },
  {
    name: 'lookahead',
    variant: 'inner starts afresh',
    kind: 'wrapper',
    make: () => (inner) => lookahead(inner, { syncPeriod: 2, slowStepSize: 0.75, resetState: true }),
    laws: linearInBoth,
    optax: 'optax.lookahead'
  },
  {
    name: 'applyIfFinite',
    kind: 'wrapper',
    make: () => (inner) => applyIfFinite(inner, 1),
    laws: ['odd', 'linear'],
    optax: 'optax.apply_if_finite'
  }
]

const schedules: readonly ScheduleRow[] = [
  {
    name: 'constantSchedule',
    kind: 'schedule',
    make: () => constantSchedule(0.1),
    range: [0.1, 0.1],
    optax: 'optax.constant_schedule'
  },
  {
    name: 'linearSchedule',
    kind: 'schedule',
    make: () => linearSchedule({ initValue: 1, endValue: 0.1, transitionSteps: 50, transitionBegin: 10 }),
    range: [0.1, 1],
    optax: 'optax.linear_schedule'
  },
  {
    name: 'polynomialSchedule',
    kind: 'schedule',
    make: () => polynomialSchedule({ initValue: 0.1, endValue: 1, power: 2, transitionSteps: 50 }),
    range: [0.1, 1],
    optax: 'optax.polynomial_schedule'
  },
  {
    name: 'exponentialDecay',
    kind: 'schedule',
    make: () => exponentialDecay({ initValue: 1, transitionSteps: 10, decayRate: 0.5 }),
    range: [0, 1],
    optax: 'optax.exponential_decay'
  },
  {
    name: 'cosineDecaySchedule',
    kind: 'schedule',
    make: () => cosineDecaySchedule({ initValue: 1, decaySteps: 100, alpha: 0.1 }),
    range: [0.1, 1],
    optax: 'optax.cosine_decay_schedule'
  },
  {
    name: 'piecewiseConstantSchedule',
    kind: 'schedule',
    make: () => piecewiseConstantSchedule(1, { boundariesAndScales: { 20: 0.5, 50: 0.1 } }),
    range: [0.05, 1],
    optax: 'optax.piecewise_constant_schedule'
  },
  {
    name: 'piecewiseInterpolateSchedule',
    kind: 'schedule',
    make: () =>
      piecewiseInterpolateSchedule({
        interpolateType: 'cosine',
        initValue: 1,
        boundariesAndScales: { 20: 0.5, 50: 0.1 }
      }),
    range: [0.05, 1],
    optax: 'optax.piecewise_interpolate_schedule'
  },
  {
    name: 'warmupConstantSchedule',
    kind: 'schedule',
    make: () => warmupConstantSchedule({ initValue: 0, peakValue: 1, warmupSteps: 20 }),
    range: [0, 1],
    optax: 'optax.warmup_constant_schedule'
  },
  {
    name: 'warmupCosineDecaySchedule',
    kind: 'schedule',
    make: () => warmupCosineDecaySchedule({ initValue: 0, peakValue: 1, warmupSteps: 20, decaySteps: 100 }),
    range: [0, 1],
    optax: 'optax.warmup_cosine_decay_schedule'
  },
  {
    name: 'warmupExponentialDecaySchedule',
    kind: 'schedule',
    make: () =>
      warmupExponentialDecaySchedule({
        initValue: 0,
        peakValue: 1,
        warmupSteps: 20,
        transitionSteps: 10,
        decayRate: 0.5
      }),
    range: [0, 1],
    optax: 'optax.warmup_exponential_decay_schedule'
  },
  {
    name: 'sgdrSchedule',
    kind: 'schedule',
    make: () =>
      sgdrSchedule([
        { initValue: 0, peakValue: 1, warmupSteps: 5, decaySteps: 20 },
        { initValue: 0.1, peakValue: 0.5, warmupSteps: 5, decaySteps: 40 }
      ]),
    range: [0, 1],
    optax: 'optax.sgdr_schedule'
  },
  {
    name: 'linearOnecycleSchedule',
    kind: 'schedule',
    make: () => linearOnecycleSchedule({ transitionSteps: 100, peakValue: 1 }),
    range: [0, 1],
    optax: 'optax.linear_onecycle_schedule'
  },
  {
    name: 'cosineOnecycleSchedule',
    kind: 'schedule',
    make: () => cosineOnecycleSchedule({ transitionSteps: 100, peakValue: 1 }),
    range: [0, 1],
    optax: 'optax.cosine_onecycle_schedule'
  },
  {
    name: 'joinSchedules',
    kind: 'schedule',
    make: () => joinSchedules([constantSchedule(0.25), decay], [10]),
    range: [0, 0.5],
    optax: 'optax.join_schedules'
  },
  { name: 'asSchedule', kind: 'schedule', make: () => asSchedule(0.5), range: [0.5, 0.5], optax: null },
  { name: 'addSchedules', kind: 'schedule', make: () => addSchedules(decay, 1), range: [1, 1.5], optax: null },
  { name: 'mulSchedules', kind: 'schedule', make: () => mulSchedules(decay, 2), range: [0, 1], optax: null },
  { name: 'mapSchedule', kind: 'schedule', make: () => mapSchedule(decay, (x) => 1 - x), range: [0.5, 1], optax: null },
  { name: 'shiftSchedule', kind: 'schedule', make: () => shiftSchedule(decay, 3), range: [0, 0.25], optax: null }
]

/** All of it. */

import { averagedParams, byPath, conditionallyMask, conditionallyTransform, definitionOf, emaParams, flatten, injectHyperparams, labelByPath, measureWithEma, monitor, notByPath, polyakAverage, reduceOnPlateau, selectiveTransform, setHyperparams, snapshot, statelessWithTreeMap, swa, sub, mul } from 'gradchain'
/** A flat loss from the third value on. */
const plateau = () => {
  const { init, update } = definitionOf('catalogue', reduceOnPlateau({ factor: 0.5, patience: 2, cooldown: 1 }))
  return transformation<ReturnType<typeof init>>({
    init,
    update: (updates, state, params) => update(updates, state, params, { value: state.plateauCount > 0 ? 1 : 2 })
  })
}
const dtypeOf = (leaf: Leaf) => typeof leaf === 'number' || leaf instanceof Float64Array ? 'float64' : leaf instanceof Float32Array ? 'float32' : leaf.dtype
const flattenEach: Wrapper = (inner) => partition({ float32: flatten(inner), float64: flatten(inner), bfloat16: flatten(inner), float16: flatten(inner) }, (params) => tree.map(dtypeOf, params))
const inPath = (path: string) => path.length % 2 === 0
const mine: readonly CatalogueRow[] = [
  { name: 'averagedParams', kind: 'transformation', make: () => {
      const { init, update } = definitionOf('catalogue', emaParams(identity(), { decay: 0.5 }))
      return transformation<ReturnType<typeof init>>({
        init,
        update: (updates, state, params, extra) => {
          const [, next] = update(updates, state, params, extra)
          return [averagedParams(next, params), next]
        }
      })
    }, laws: ['elementwise', ['linear', both], ['odd', both]], optax: null },
  { name: 'byPath', kind: 'transformation', make: () => masked(scale(-0.3), byPath(inPath)), laws: ['odd', 'linear', 'stateless'], optax: null },
  { name: 'notByPath', kind: 'transformation', make: () => masked(scale(-0.3), notByPath(inPath)), laws: ['odd', 'linear', 'stateless'], optax: null },
  { name: 'labelByPath', kind: 'transformation', make: () => partition({ a: scale(2), b: trace(0.9) }, labelByPath({ '**': 'b' }, { otherwise: 'a' })), laws: linear, optax: null },
  { name: 'conditionallyMask', kind: 'wrapper', make: () => (inner) => conditionallyMask(inner, (t) => t % 2 === 0), laws: linear, optax: 'optax.conditionally_mask' },
  { name: 'conditionallyTransform', kind: 'wrapper', make: () => (inner) => conditionallyTransform(inner, (t) => t % 2 === 0), laws: linear, optax: 'optax.conditionally_transform' },
  { name: 'emaParams', kind: 'wrapper', make: () => (inner) => emaParams(inner, { decay: 0.5 }), laws: linear, optax: null },
  { name: 'emaParams', variant: 'all options', kind: 'wrapper', make: () => (inner) => emaParams(inner, { decay: 0.9, debias: false, accumulatorDtype: 'float32' }), laws: linear, optax: null },
  { name: 'flatten', kind: 'wrapper', make: () => flattenEach, laws: linear, optax: 'optax.flatten' },
  { name: 'injectHyperparams', kind: 'wrapper', make: () => (inner) => injectHyperparams(() => inner, { a: 1, b: decay }), laws: linear, optax: 'optax.inject_hyperparams' },
  { name: 'injectHyperparams', variant: 'a schedule', kind: 'transformation', make: () => injectHyperparams(({ learningRate, b1 }) => chain(ema(b1), scale(learningRate)), { learningRate: decay, b1: 0.9 }), laws: linear, optax: 'optax.inject_hyperparams' },
  { name: 'setHyperparams', kind: 'transformation', make: () => {
      const { init, update } = definitionOf('catalogue', injectHyperparams(({ rate }) => scale(rate), { rate: 1 }))
      return transformation<ReturnType<typeof init>>({ init, update: (u, s, p, e) => update(u, setHyperparams(s, { rate: 1 / (1 + s.count) }), p, e) })
    }, laws: linear, optax: null },
  { name: 'measureWithEma', kind: 'transformation', make: () => monitor({ norm: measureWithEma((u) => tree.norm(u), 0.9), all: measureWithEma((u) => u, 0.5) }), laws: linear, optax: 'optax.measure_with_ema' },
  { name: 'monitor', kind: 'transformation', make: () => monitor({ norm: (u: Tree) => tree.norm(u), moved: trace(0.9) }), laws: linear, optax: 'optax.monitor' },
  { name: 'snapshot', kind: 'transformation', make: () => snapshot('norm', (u) => tree.norm(u)), laws: linear, optax: 'optax.snapshot' },
  { name: 'polyakAverage', kind: 'wrapper', make: () => polyakAverage, laws: linear, optax: null },
  { name: 'reduceOnPlateau', kind: 'transformation', make: plateau, laws: linear, optax: 'optax.contrib.reduce_on_plateau' },
  { name: 'selectiveTransform', kind: 'wrapper', make: () => (inner) => selectiveTransform(inner, { freezeMask: isOdd }), laws: ['odd', 'linear'], optax: 'optax.transforms.selective_transform' },
  { name: 'statelessWithTreeMap', kind: 'transformation', make: () => statelessWithTreeMap((g, p) => sub(g, mul(0.5, p))), laws: [...linearInBoth, 'stateless'], optax: 'optax.stateless_with_tree_map' },
  { name: 'swa', kind: 'wrapper', make: () => (inner) => swa(inner, { start: 2, period: 2 }), laws: linear, optax: null }
]
export const catalogue: readonly CatalogueRow[] = mine
