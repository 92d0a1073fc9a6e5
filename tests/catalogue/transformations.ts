import {
  adaptiveGradClip,
  adaptiveNormClip,
  addCautiousDecayedWeights,
  addDecayedWeights,
  addDecayedWeightsByLabel,
  addNoise,
  agem,
  applyEvery,
  averagedParams,
  biasCorrection,
  byPath,
  castGradients,
  centralize,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  clipByNorm,
  definitionOf,
  differentiallyPrivateAggregate,
  ema,
  emaParams,
  freeze,
  grokfast,
  hutchinsonEstimatorDiagHessian,
  identity,
  injectHyperparams,
  keepParamsInBox,
  keepParamsNonnegative,
  labelByPath,
  layerwiseLrDecay,
  masked,
  maxNorm,
  measureWithEma,
  minMaxNorm,
  mirrorMap,
  monitor,
  mul,
  normalize,
  normalizeByUpdateNorm,
  notByPath,
  orthograd,
  partition,
  pcGrad,
  reduceOnPlateau,
  scale,
  scaleByAccSgd,
  scaleByAcprop,
  scaleByAdabound,
  scaleByAdadelta,
  scaleByAdahessian,
  scaleByAdai,
  scaleByAdam,
  scaleByAdamAtan2,
  scaleByAdamax,
  scaleByAdamod,
  scaleByAdan,
  scaleByAdanorm,
  scaleByAdapnm,
  scaleByAdemamix,
  scaleByAdopt,
  scaleByAggmo,
  scaleByAmos,
  scaleByAmsgrad,
  scaleByAno,
  scaleByAvagrad,
  scaleByBelief,
  scaleByCocob,
  scaleByDadaptAdamw,
  scaleByDiffgrad,
  scaleByDistanceOverGradients,
  scaleByDog,
  scaleByDowg,
  scaleByFactoredRms,
  scaleByFocus,
  scaleByFtrl,
  scaleByInitialSnr,
  scaleByKate,
  scaleByLabel,
  scaleByLaprop,
  scaleByLearningRate,
  scaleByLion,
  scaleByMadgrad,
  scaleByMomo,
  scaleByMomoAdam,
  scaleByMsvag,
  scaleByNadam,
  scaleByNovograd,
  scaleByOptimisticGradient,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleByPid,
  scaleByPnm,
  scaleByPolyak,
  scaleByProdigy,
  scaleByQhadam,
  scaleByQhm,
  scaleByRadam,
  scaleByRms,
  scaleByRprop,
  scaleByRss,
  scaleBySchedule,
  scaleBySign,
  scaleBySimplifiedAdemamix,
  scaleBySm3,
  scaleBySophia,
  scaleByStableSpam,
  scaleByStddev,
  scaleBySwats,
  scaleByTam,
  scaleByTrustRatio,
  scaleByVsgd,
  scaleByYogi,
  setHyperparams,
  setToZero,
  snapshot,
  stateless,
  statelessWithTreeMap,
  sub,
  type Tree,
  trace,
  transformation,
  tree,
  unitwiseClip,
  unitwiseNorm,
  updateMoment,
  zeroNans,
  zeroSmall
} from 'gradchain'
import type { TransformationRow } from './row.js'
import {
  adaptive,
  arraysOnly,
  both,
  decay,
  isOdd,
  l1,
  label,
  linear,
  linearInBoth,
  norm,
  notInHalves,
  startsAtAll,
  unboundedInHalves,
  upToRounding,
  withExamples,
  withFlatLoss,
  withMemory,
  withObjective,
  withTasks,
  withValue
} from './shared.js'

const inPath = (path: string) => path.length % 2 === 0

/** Transformations. */
export const transformations: readonly TransformationRow[] = [
  {
    name: 'identity',
    kind: 'transformation',
    make: identity,
    laws: [...linear, 'stateless', 'idempotent', 'shrinking'],
    optax: 'optax.identity'
  },
  {
    name: 'setToZero',
    kind: 'transformation',
    make: setToZero,
    laws: [...linear, 'scaleBlind', 'stateless', 'idempotent', ['bounded', 0], 'shrinking'],
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
    name: 'castGradients',
    kind: 'transformation',
    make: () => castGradients(),
    laws: [...linearInBoth, 'idempotent'],
    optax: null
  },
  {
    name: 'castGradients',
    variant: 'to bfloat16',
    kind: 'transformation',
    make: () => castGradients('bfloat16'),
    laws: [['elementwise', arraysOnly], ['odd', both], 'idempotent'],
    optax: null
  },
  {
    name: 'clip',
    kind: 'transformation',
    make: () => clip(0.5),
    laws: ['elementwise', 'odd', 'stateless', 'idempotent', ['bounded', 0.5], 'shrinking'],
    optax: 'optax.clip'
  },
  {
    name: 'clipByGlobalNorm',
    kind: 'transformation',
    make: () => clipByGlobalNorm(0.5),
    laws: [
      'odd',
      'stateless',
      ['idempotent', upToRounding],
      ['bounded', 0.5, norm],
      'shrinking',
      ['groupingBlind', upToRounding]
    ],
    optax: 'optax.clip_by_global_norm'
  },
  {
    name: 'clipByBlockRms',
    kind: 'transformation',
    make: () => clipByBlockRms(0.5),
    laws: ['odd', 'stateless', ['idempotent', upToRounding], 'shrinking'],
    optax: 'optax.clip_by_block_rms'
  },
  {
    name: 'freeze',
    kind: 'transformation',
    make: () => freeze(isOdd),
    laws: ['odd', 'linear', 'stateless', 'idempotent', 'shrinking'],
    optax: 'optax.transforms.freeze'
  },
  {
    name: 'updateMoment',
    kind: 'transformation',
    make: () =>
      transformation<{ readonly moment: Tree }>({
        init: (params) => ({ moment: tree.zerosLike(tree.widen(params)) }),
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
  },
  {
    name: 'differentiallyPrivateAggregate',
    kind: 'transformation',
    make: () => withExamples(differentiallyPrivateAggregate({ l2NormClip: 1, noiseMultiplier: 0.5, key: 7 })),
    laws: [],
    optax: 'optax.contrib.differentially_private_aggregate'
  },
  {
    name: 'differentiallyPrivateAggregate',
    variant: 'without noise',
    kind: 'transformation',
    make: () => withExamples(differentiallyPrivateAggregate({ l2NormClip: 1, noiseMultiplier: 0, key: 7 })),
    laws: ['odd', ['bounded', 1, norm]],
    optax: 'optax.contrib.differentially_private_aggregate'
  },
  {
    name: 'mirrorMap',
    kind: 'transformation',
    make: () => mirrorMap(),
    notInHalves,
    laws: ['stateless'],
    optax: null
  },
  {
    name: 'mirrorMap',
    variant: 'entropy',
    kind: 'transformation',
    make: () => chain(clip(1), mirrorMap({ map: 'entropy' })),
    notInHalves,
    laws: ['elementwise'],
    optax: null
  },
  {
    name: 'mirrorMap',
    variant: 'p-norm',
    kind: 'transformation',
    make: () => mirrorMap({ map: 'pNorm' }),
    notInHalves,
    laws: [['odd', both], 'stateless'],
    optax: null
  },
  {
    name: 'agem',
    kind: 'transformation',
    make: () => withMemory(agem()),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'pcGrad',
    kind: 'transformation',
    make: () => withTasks(pcGrad()),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'pcGrad',
    variant: 'a sum, in random order',
    kind: 'transformation',
    make: () => withTasks(pcGrad({ reduction: 'sum', key: 7 })),
    laws: [],
    optax: null
  },
  {
    name: 'addNoise',
    kind: 'transformation',
    make: () => addNoise({ eta: 0.01, gamma: 0.55, key: 7 }),
    laws: [],
    optax: 'optax.add_noise'
  },
  {
    name: 'scaleByParamBlockNorm',
    kind: 'transformation',
    make: () => scaleByParamBlockNorm(),
    laws: ['odd', 'linear', 'stateless'],
    optax: 'optax.scale_by_param_block_norm'
  },
  {
    name: 'scaleByParamBlockRms',
    kind: 'transformation',
    make: () => scaleByParamBlockRms(),
    laws: ['odd', 'linear', 'stateless'],
    optax: 'optax.scale_by_param_block_rms'
  },
  {
    name: 'averagedParams',
    kind: 'transformation',
    make: () => {
      const { init, update } = definitionOf('catalogue', emaParams(identity(), { decay: 0.5 }))
      return transformation<ReturnType<typeof init>>({
        init,
        update: (updates, state, params, extra) => {
          const [, next] = update(updates, state, params, extra)
          return [averagedParams(next, params), next]
        }
      })
    },
    laws: ['elementwise', ['linear', both], ['odd', both]],
    optax: null
  },
  {
    name: 'byPath',
    kind: 'transformation',
    make: () => masked(scale(-0.3), byPath(inPath)),
    laws: ['odd', 'linear', 'stateless'],
    optax: null
  },
  {
    name: 'notByPath',
    kind: 'transformation',
    make: () => masked(scale(-0.3), notByPath(inPath)),
    laws: ['odd', 'linear', 'stateless'],
    optax: null
  },
  {
    name: 'labelByPath',
    kind: 'transformation',
    make: () => partition({ a: scale(2), b: trace(0.9) }, labelByPath({ '**': 'b' }, { otherwise: 'a' })),
    laws: linear,
    optax: null
  },
  {
    name: 'injectHyperparams',
    variant: 'a schedule',
    kind: 'transformation',
    make: () =>
      injectHyperparams(({ learningRate, b1 }) => chain(ema(b1), scale(learningRate)), {
        learningRate: decay,
        b1: 0.9
      }),
    laws: linear,
    optax: 'optax.inject_hyperparams'
  },
  {
    name: 'setHyperparams',
    kind: 'transformation',
    make: () => {
      const { init, update } = definitionOf(
        'catalogue',
        injectHyperparams(({ rate }) => scale(rate), { rate: 1 })
      )
      return transformation<ReturnType<typeof init>>({
        init,
        update: (u, s, p, e) => update(u, setHyperparams(s, { rate: 1 / (1 + s.count) }), p, e)
      })
    },
    laws: linear,
    optax: null
  },
  {
    name: 'measureWithEma',
    kind: 'transformation',
    make: () => monitor({ norm: measureWithEma((u) => tree.norm(u), 0.9), all: measureWithEma((u) => u, 0.5) }),
    laws: linear,
    optax: 'optax.measure_with_ema'
  },
  {
    name: 'monitor',
    kind: 'transformation',
    make: () => monitor({ norm: (u: Tree) => tree.norm(u), moved: trace(0.9) }),
    laws: linear,
    optax: 'optax.monitor'
  },
  {
    name: 'snapshot',
    kind: 'transformation',
    make: () => snapshot('norm', (u) => tree.norm(u)),
    laws: linear,
    optax: 'optax.snapshot'
  },
  {
    name: 'reduceOnPlateau',
    kind: 'transformation',
    make: () => withFlatLoss(reduceOnPlateau({ factor: 0.5, patience: 2, cooldown: 1 })),
    laws: linear,
    optax: 'optax.contrib.reduce_on_plateau'
  },
  {
    name: 'statelessWithTreeMap',
    kind: 'transformation',
    make: () => statelessWithTreeMap((g, p) => sub(g, mul(0.5, p))),
    laws: [...linearInBoth, 'stateless'],
    optax: 'optax.stateless_with_tree_map'
  },
  {
    name: 'scaleByAdamax',
    kind: 'transformation',
    make: () => scaleByAdamax(),
    laws: adaptive,
    optax: 'optax.scale_by_adamax'
  },
  {
    name: 'scaleByAdan',
    kind: 'transformation',
    make: () => scaleByAdan(),
    laws: adaptive,
    optax: 'optax.scale_by_adan'
  },
  {
    name: 'scaleByAmsgrad',
    kind: 'transformation',
    make: () => scaleByAmsgrad(),
    laws: adaptive,
    optax: 'optax.scale_by_amsgrad'
  },
  {
    name: 'scaleByAmsgrad',
    variant: 'all options',
    kind: 'transformation',
    make: () =>
      scaleByAmsgrad({
        b1: 0.7,
        b2: 0.97,
        eps: 1e-4,
        epsRoot: 1e-5,
        muDtype: 'bfloat16',
        biasCorrectionMu: false,
        maxOn: 'raw'
      }),
    laws: [['elementwise', arraysOnly], 'odd'],
    optax: 'optax.scale_by_amsgrad'
  },
  {
    name: 'scaleByBelief',
    kind: 'transformation',
    make: () => scaleByBelief(),
    laws: ['elementwise', 'odd'],
    optax: 'optax.scale_by_belief'
  },
  {
    name: 'scaleByBelief',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByBelief({ b1: 0.7, b2: 0.97, eps: 1e-4, epsRoot: 1e-5, nesterov: true }),
    laws: ['elementwise', 'odd'],
    optax: 'optax.scale_by_belief'
  },
  {
    name: 'scaleByAcprop',
    kind: 'transformation',
    make: () => scaleByAcprop(),
    notInHalves: unboundedInHalves,
    laws: ['elementwise', 'odd'],
    optax: 'optax.contrib.scale_by_acprop'
  },
  {
    name: 'scaleByAdemamix',
    kind: 'transformation',
    make: () => scaleByAdemamix(),
    laws: adaptive,
    optax: 'optax.contrib.scale_by_ademamix'
  },
  {
    name: 'scaleByAdemamix',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByAdemamix({ b1: 0.7, b2: 0.97, b3: decay, alpha: decay, eps: 1e-4, epsRoot: 1e-5 }),
    laws: ['elementwise', 'odd'],
    optax: 'optax.contrib.scale_by_ademamix'
  },
  {
    name: 'scaleBySimplifiedAdemamix',
    kind: 'transformation',
    make: () => scaleBySimplifiedAdemamix({ alpha: decay }),
    laws: adaptive,
    optax: 'optax.contrib.scale_by_simplified_ademamix'
  },
  {
    name: 'scaleByAdopt',
    kind: 'transformation',
    make: () => scaleByAdopt(),
    laws: adaptive,
    optax: 'optax.contrib.scale_by_adopt'
  },
  {
    name: 'scaleByAdopt',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByAdopt({ b1: 0.7, b2: 0.97, eps: 1e-3, nesterov: true, clipValueFn: () => 0.5 }),
    laws: ['elementwise', 'odd', ['bounded', 0.5]],
    optax: 'optax.contrib.scale_by_adopt'
  },
  {
    name: 'scaleByDog',
    kind: 'transformation',
    make: () => scaleByDog(),
    without: startsAtAll,
    notInHalves: unboundedInHalves,
    laws: ['groupingBlind', 'odd'],
    optax: null
  },
  {
    name: 'scaleByDowg',
    kind: 'transformation',
    make: () => scaleByDowg(),
    notInHalves: unboundedInHalves,
    laws: ['groupingBlind', 'odd'],
    optax: null
  },
  {
    name: 'scaleByCocob',
    kind: 'transformation',
    make: () => scaleByCocob(),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: 'optax.contrib.scale_by_cocob'
  },
  {
    name: 'scaleByFtrl',
    kind: 'transformation',
    make: () => scaleByFtrl(0.1, { l1: 0.01, l2: 0.1, l2Shrinkage: 0.1, initialAccumulatorValue: 0.1, beta: 0 }),
    laws: ['elementwise', ['odd', both]],
    notInHalves,
    optax: null
  },
  {
    name: 'scaleByMadgrad',
    kind: 'transformation',
    make: () => scaleByMadgrad(decay),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: 'optax.contrib.scale_by_madgrad'
  },
  {
    name: 'scaleByProdigy',
    kind: 'transformation',
    make: () => scaleByProdigy(decay, { weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'scaleByDadaptAdamw',
    kind: 'transformation',
    make: () => scaleByDadaptAdamw(decay, { weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'scaleByMomo',
    kind: 'transformation',
    make: () => withValue(scaleByMomo(0.1, { weightDecay: 0.01, adaptLowerBound: true })),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'scaleByMomoAdam',
    kind: 'transformation',
    make: () => withValue(scaleByMomoAdam(decay, { weightDecay: 0.01, adaptLowerBound: true })),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'normalize',
    kind: 'transformation',
    make: normalize,
    laws: ['odd', 'scaleBlind'],
    optax: 'optax.contrib.normalize'
  },
  {
    name: 'hutchinsonEstimatorDiagHessian',
    kind: 'transformation',
    make: () => withObjective(hutchinsonEstimatorDiagHessian()),
    laws: [],
    optax: 'optax.contrib.hutchinson_estimator_diag_hessian'
  },
  {
    name: 'scaleBySophia',
    kind: 'transformation',
    make: () => withObjective(scaleBySophia({ updateInterval: 2 })),
    laws: ['odd', ['bounded', 1]],
    optax: null
  },
  {
    name: 'addCautiousDecayedWeights',
    kind: 'transformation',
    make: () => addCautiousDecayedWeights(0.01),
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'grokfast',
    kind: 'transformation',
    make: () => grokfast(),
    laws: linear,
    optax: null
  },
  {
    name: 'scaleByLaprop',
    kind: 'transformation',
    make: () => scaleByLaprop(),
    laws: adaptive,
    optax: null
  },
  {
    name: 'scaleBySwats',
    kind: 'transformation',
    make: () => scaleBySwats(decay, { b2: 0.5, tolerance: 0.1 }),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByAdahessian',
    kind: 'transformation',
    make: () => withObjective(scaleByAdahessian({ updateInterval: 2, spatialAxes: [0, 1] })),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByAdanorm',
    kind: 'transformation',
    make: () => scaleByAdanorm(),
    laws: ['odd', 'scaleBlind'],
    optax: null
  },
  {
    name: 'scaleByBelief',
    variant: 'rectified',
    kind: 'transformation',
    make: () => scaleByBelief({ b2: 0.9, eps: 1e-4, rectify: true }),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'scaleByYogi',
    kind: 'transformation',
    make: () => scaleByYogi(),
    laws: ['elementwise'],
    optax: 'optax.scale_by_yogi'
  },
  {
    name: 'scaleByYogi',
    variant: 'from zero',
    kind: 'transformation',
    make: () => scaleByYogi({ initialAccumulatorValue: 0, eps: 1e-8 }),
    laws: adaptive,
    optax: 'optax.scale_by_yogi'
  },
  {
    name: 'scaleByRadam',
    kind: 'transformation',
    make: () => scaleByRadam(),
    laws: ['elementwise', 'odd'],
    optax: 'optax.scale_by_radam'
  },
  {
    name: 'scaleByRadam',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByRadam({ b1: 0.7, b2: 0.9, eps: 1e-4, epsRoot: 1e-5, threshold: 4.5, nesterov: true }),
    laws: ['elementwise', 'odd'],
    optax: 'optax.scale_by_radam'
  },
  {
    name: 'scaleByRss',
    kind: 'transformation',
    make: () => scaleByRss(),
    laws: ['elementwise', 'odd', ['bounded', 1]],
    optax: 'optax.scale_by_rss'
  },
  {
    name: 'scaleByRss',
    variant: 'as PyTorch has it',
    kind: 'transformation',
    make: () => scaleByRss({ initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false }),
    laws: [...adaptive, ['bounded', 1]],
    optax: 'optax.scale_by_rss'
  },
  {
    name: 'scaleByAdadelta',
    kind: 'transformation',
    make: () => scaleByAdadelta(),
    laws: ['elementwise', 'odd'],
    optax: 'optax.scale_by_adadelta'
  },
  {
    name: 'scaleByNovograd',
    kind: 'transformation',
    make: () => scaleByNovograd(),
    laws: ['odd', 'scaleBlind'],
    optax: 'optax.scale_by_novograd'
  },
  {
    name: 'scaleByNovograd',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByNovograd({ b1: 0.5, b2: 0.5, eps: 1e-4, epsRoot: 1e-5, weightDecay: decay, muDtype: 'float64' }),
    laws: [['odd', both]],
    optax: 'optax.scale_by_novograd'
  },
  {
    name: 'scaleBySm3',
    kind: 'transformation',
    make: () => scaleBySm3(),
    laws: ['odd', 'scaleBlind', ['bounded', 1]],
    optax: 'optax.scale_by_sm3'
  },
  {
    name: 'scaleBySm3',
    variant: 'averages',
    kind: 'transformation',
    make: () => scaleBySm3({ b1: 0.5, b2: 0.9, eps: 1e-5 }),
    laws: ['odd'],
    optax: 'optax.scale_by_sm3'
  },
  {
    name: 'scaleByFactoredRms',
    kind: 'transformation',
    make: () => scaleByFactoredRms(),
    laws: adaptive,
    optax: 'optax.scale_by_factored_rms'
  },
  {
    name: 'scaleByFactoredRms',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByFactoredRms({ minDimSizeToFactor: 1, decayRate: 0.5, epsilon: 1e-6 }),
    laws: ['odd'],
    optax: 'optax.scale_by_factored_rms'
  },
  {
    name: 'scaleByRprop',
    kind: 'transformation',
    make: () => scaleByRprop(0.1),
    laws: [...adaptive, ['bounded', 50]],
    optax: 'optax.scale_by_rprop'
  },
  {
    name: 'scaleByOptimisticGradient',
    kind: 'transformation',
    make: () => scaleByOptimisticGradient(),
    laws: linear,
    optax: 'optax.scale_by_optimistic_gradient'
  },
  {
    name: 'scaleByOptimisticGradient',
    variant: 'a schedule',
    kind: 'transformation',
    make: () => scaleByOptimisticGradient({ alpha: decay, beta: 0.5 }),
    laws: linear,
    optax: 'optax.scale_by_optimistic_gradient'
  },
  {
    name: 'scaleByAdabound',
    kind: 'transformation',
    make: () => scaleByAdabound(),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'scaleByNadam',
    kind: 'transformation',
    make: () => scaleByNadam(),
    laws: adaptive,
    optax: null
  },
  {
    name: 'scaleByNadam',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByNadam({ b1: 0.7, b2: 0.97, eps: 1e-4, epsRoot: 1e-5, momentumDecay: 4e-3, muDtype: 'bfloat16' }),
    laws: [['elementwise', arraysOnly], 'odd'],
    optax: null
  },
  {
    name: 'scaleByTrustRatio',
    kind: 'transformation',
    make: () => scaleByTrustRatio(),
    laws: ['odd', 'scaleBlind', 'stateless'],
    optax: 'optax.scale_by_trust_ratio'
  },
  {
    name: 'scaleByTrustRatio',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByTrustRatio({ minNorm: 0.1, trustCoefficient: 0.5, eps: 0.01 }),
    laws: ['odd', 'stateless'],
    optax: 'optax.scale_by_trust_ratio'
  },
  {
    name: 'normalizeByUpdateNorm',
    kind: 'transformation',
    make: () => normalizeByUpdateNorm(),
    laws: ['odd', 'stateless', ['bounded', 1, norm], ['groupingBlind', upToRounding]],
    optax: 'optax.normalize_by_update_norm'
  },
  {
    name: 'normalizeByUpdateNorm',
    variant: 'without eps',
    kind: 'transformation',
    make: () => normalizeByUpdateNorm({ eps: 0 }),
    laws: ['odd', 'scaleBlind', 'stateless', ['groupingBlind', upToRounding]],
    optax: 'optax.normalize_by_update_norm'
  },
  {
    name: 'centralize',
    kind: 'transformation',
    make: centralize,
    laws: ['odd', 'linear', 'stateless'],
    optax: 'optax.centralize'
  },
  {
    name: 'scaleByDistanceOverGradients',
    kind: 'transformation',
    make: () => scaleByDistanceOverGradients(),
    laws: ['odd'],
    optax: 'optax.scale_by_distance_over_gradients'
  },
  {
    name: 'scaleByDistanceOverGradients',
    variant: 'all options',
    kind: 'transformation',
    make: () => scaleByDistanceOverGradients({ eps: 0, repsRel: 0.1, globalScale: -1, paramDtype: 'float32' }),
    laws: ['odd', 'scaleBlind'],
    optax: 'optax.scale_by_distance_over_gradients'
  },
  {
    name: 'scaleByPolyak',
    kind: 'transformation',
    make: () => withValue(scaleByPolyak()),
    laws: ['odd', 'stateless', ['groupingBlind', upToRounding]],
    optax: 'optax.scale_by_polyak'
  },
  {
    name: 'applyEvery',
    kind: 'transformation',
    make: () => applyEvery(3),
    laws: linear,
    optax: 'optax.apply_every'
  },
  {
    name: 'adaptiveGradClip',
    kind: 'transformation',
    make: () => adaptiveGradClip(0.5),
    laws: ['odd', 'stateless', ['idempotent', upToRounding], 'shrinking'],
    optax: 'optax.adaptive_grad_clip'
  },
  {
    name: 'zeroNans',
    kind: 'transformation',
    make: zeroNans,
    laws: [...linear, 'idempotent', 'shrinking'],
    optax: 'optax.zero_nans'
  },
  {
    name: 'keepParamsNonnegative',
    kind: 'transformation',
    make: keepParamsNonnegative,
    laws: ['elementwise', 'stateless', 'idempotent'],
    optax: 'optax.keep_params_nonnegative'
  },
  {
    name: 'keepParamsInBox',
    kind: 'transformation',
    make: () => keepParamsInBox({ lower: -1, upper: 1 }),
    laws: ['elementwise', 'stateless', ['odd', both]],
    optax: null
  },
  {
    name: 'maxNorm',
    kind: 'transformation',
    make: () => maxNorm(0.5),
    laws: ['stateless', ['odd', both]],
    optax: null
  },
  {
    name: 'minMaxNorm',
    kind: 'transformation',
    make: () => minMaxNorm(0.25, 0.5, { rate: 0.5 }),
    laws: ['stateless', ['odd', both]],
    optax: null
  },
  {
    name: 'clipByGlobalNorm',
    variant: 'by the sum of absolute values',
    kind: 'transformation',
    make: () => clipByGlobalNorm(0.5, { ord: 1 }),
    laws: [
      'odd',
      'stateless',
      ['idempotent', upToRounding],
      ['bounded', 0.5, l1],
      'shrinking',
      ['groupingBlind', upToRounding]
    ],
    optax: null
  },
  {
    name: 'clipByGlobalNorm',
    variant: 'by the cubes, with eps',
    kind: 'transformation',
    make: () => clipByGlobalNorm(0.5, { ord: 3, eps: 0.25 }),
    laws: ['odd', 'stateless', 'shrinking', ['groupingBlind', upToRounding]],
    optax: null
  },
  {
    name: 'clipByNorm',
    kind: 'transformation',
    make: () => clipByNorm(0.5),
    laws: ['odd', 'stateless', ['idempotent', upToRounding], 'shrinking'],
    optax: null
  },
  {
    name: 'zeroSmall',
    kind: 'transformation',
    make: () => zeroSmall(0.5),
    laws: ['elementwise', 'odd', 'stateless', 'idempotent', 'shrinking'],
    optax: null
  },
  {
    name: 'trace',
    variant: 'dampening',
    kind: 'transformation',
    make: () => trace(0.9, { dampening: 0.4 }),
    laws: linear,
    optax: 'optax.trace'
  },
  {
    name: 'layerwiseLrDecay',
    kind: 'transformation',
    make: () => layerwiseLrDecay({ decay: 0.5, depthOf: (path) => path.length }),
    laws: ['odd', 'linear', 'stateless'],
    optax: null
  },
  {
    name: 'scaleByLabel',
    kind: 'transformation',
    make: () => scaleByLabel({ odd: 0.5, rest: decay }, label),
    laws: ['odd', 'linear'],
    optax: null
  },
  {
    name: 'addDecayedWeightsByLabel',
    kind: 'transformation',
    make: () => addDecayedWeightsByLabel({ odd: 0.5, rest: decay }, label),
    laws: [
      ['odd', both],
      ['linear', both]
    ],
    optax: null
  },
  {
    name: 'unitwiseNorm',
    kind: 'transformation',
    make: () => stateless((updates, params) => tree.map((g, p) => mul(g, unitwiseNorm(p)), updates, params)),
    laws: ['odd', 'linear', 'stateless'],
    optax: 'optax.unitwise_norm'
  },
  {
    name: 'unitwiseClip',
    kind: 'transformation',
    make: () =>
      stateless((updates, params) =>
        tree.map((g, p) => unitwiseClip(unitwiseNorm(g), unitwiseNorm(p), g), updates, params)
      ),
    laws: ['odd', 'stateless', ['idempotent', upToRounding], 'shrinking'],
    optax: 'optax.unitwise_clip'
  },
  {
    name: 'scaleByAdam',
    variant: 'eps before the correction',
    kind: 'transformation',
    make: () => scaleByAdam({ eps: 1e-3, epsRoot: 1e-5, epsPlacement: 'hat' }),
    laws: ['elementwise', 'odd'],
    optax: 'optax.scale_by_adam'
  },
  {
    name: 'scaleByAdamAtan2',
    kind: 'transformation',
    make: () => scaleByAdamAtan2(),
    laws: [...adaptive, ['bounded', Math.PI / 2]],
    optax: null
  },
  {
    name: 'scaleByQhm',
    kind: 'transformation',
    make: () => scaleByQhm(),
    laws: linear,
    optax: null
  },
  {
    name: 'scaleByQhadam',
    kind: 'transformation',
    make: () => scaleByQhadam(),
    laws: adaptive,
    optax: null
  },
  {
    name: 'scaleByPid',
    kind: 'transformation',
    make: () => scaleByPid(),
    laws: linear,
    optax: null
  },
  {
    name: 'scaleByInitialSnr',
    kind: 'transformation',
    make: () => scaleByInitialSnr(),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByAdai',
    kind: 'transformation',
    make: () => scaleByAdai(),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByDiffgrad',
    kind: 'transformation',
    make: () => scaleByDiffgrad(),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'scaleByAdamod',
    kind: 'transformation',
    make: () => scaleByAdamod(),
    laws: adaptive,
    optax: null
  },
  {
    name: 'scaleByPnm',
    kind: 'transformation',
    make: () => scaleByPnm(),
    laws: linear,
    optax: null
  },
  {
    name: 'scaleByFocus',
    kind: 'transformation',
    make: () => scaleByFocus({ weightDecay: 0.1 }),
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'scaleByVsgd',
    kind: 'transformation',
    make: () => scaleByVsgd(),
    laws: ['elementwise', 'odd', ['bounded', 1]],
    optax: null
  },
  {
    name: 'scaleByStableSpam',
    kind: 'transformation',
    make: () => scaleByStableSpam({ resetPeriod: 3 }),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByKate',
    kind: 'transformation',
    make: () => scaleByKate(),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'scaleByAccSgd',
    kind: 'transformation',
    make: () => scaleByAccSgd(decay),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'scaleByMsvag',
    kind: 'transformation',
    make: () => scaleByMsvag(),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'scaleByAno',
    kind: 'transformation',
    make: () => scaleByAno(),
    laws: adaptive,
    optax: null
  },
  {
    name: 'scaleByTam',
    kind: 'transformation',
    make: () => scaleByTam(),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByAvagrad',
    kind: 'transformation',
    make: () => scaleByAvagrad(),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByAdapnm',
    kind: 'transformation',
    make: () => scaleByAdapnm(),
    laws: adaptive,
    optax: null
  },
  {
    name: 'scaleByAmos',
    kind: 'transformation',
    make: () => scaleByAmos(decay),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'scaleByAggmo',
    kind: 'transformation',
    make: () => scaleByAggmo(),
    laws: linear,
    optax: null
  },
  {
    name: 'orthograd',
    kind: 'transformation',
    make: () => orthograd(),
    laws: ['odd', 'stateless'],
    optax: null
  },
  {
    name: 'adaptiveNormClip',
    kind: 'transformation',
    make: () => adaptiveNormClip({ warmupSteps: 3 }),
    laws: ['odd'],
    optax: null
  }
]
