import type { Wrapper } from '@gradchain/laws'
import {
  applyIfFinite,
  asam,
  cautious,
  chain,
  clipSpikes,
  conditionallyMask,
  conditionallyTransform,
  dAdapt,
  decayFirst,
  dynamicLossScale,
  emaParams,
  flatten,
  friendlySam,
  grams,
  gsam,
  hypergradient,
  injectHyperparams,
  kahanParams,
  type Leaf,
  lazyRows,
  lookahead,
  lookSam,
  mars,
  masked,
  mechanize,
  mixedPrecision,
  multiSteps,
  namedChain,
  nesterovLookahead,
  normalize,
  partition,
  polyakAverage,
  projectRadial,
  quantizedState,
  sam,
  scale,
  scaleByLearningRate,
  scheduleFree,
  selectiveTransform,
  skipLargeUpdates,
  skipNotFinite,
  stableUpdates,
  swa,
  switchTransform,
  tieWeights,
  trac,
  trace,
  tree,
  withTrustRatio,
  wsam
} from 'gradchain'
import type { WrapperRow } from './row.js'
import { both, decay, isOdd, label, linear, linearInBoth, notInHalves } from './shared.js'

const dtypeOf = (leaf: Leaf) =>
  typeof leaf === 'number' || leaf instanceof Float64Array
    ? 'float64'
    : leaf instanceof Float32Array
      ? 'float32'
      : leaf.dtype
/** Trees of one dtype are what `flatten` takes. */
const flattenEach: Wrapper = (inner) =>
  partition(
    { float32: flatten(inner), float64: flatten(inner), bfloat16: flatten(inner), float16: flatten(inner) },
    (params) => tree.map(dtypeOf, params)
  )

const ownState = 'what a bare pair keeps is its own business, and stays as it is'

/** What makes transformations out of others. */
export const wrappers: readonly WrapperRow[] = [
  {
    name: 'chain',
    kind: 'wrapper',
    make: () => (inner) => chain(trace(0.5), inner, scale(-0.5)),
    laws: linear,
    optax: 'optax.chain'
  },
  {
    name: 'kahanParams',
    kind: 'wrapper',
    make: () => (inner) => kahanParams(inner),
    notInHalves,
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'mixedPrecision',
    kind: 'wrapper',
    make: () => (inner) => mixedPrecision(inner),
    notInHalves,
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'mixedPrecision',
    variant: 'stochastic',
    kind: 'wrapper',
    make: () => (inner) => mixedPrecision(inner, { stochastic: 1 }),
    notInHalves,
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'quantizedState',
    kind: 'wrapper',
    make: () => (inner) => quantizedState(inner),
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'quantizedState',
    variant: 'of all arrays',
    kind: 'wrapper',
    make: () => (inner) => quantizedState(inner, { atLeast: 0, format: 'dynamic4' }),
    without: { wrapsBarePairs: ownState },
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'quantizedState',
    variant: 'stochastic',
    kind: 'wrapper',
    make: () => (inner) => quantizedState(inner, { atLeast: 0, format: 'bfloat16', stochastic: 1 }),
    without: {
      wrapsBarePairs: ownState,
      absentParamsRest: 'what is not 0 at the start is rounded by bits that are drawn for each array by its number'
    },
    laws: linearInBoth,
    optax: null
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
    notInHalves,
    laws: linearInBoth,
    optax: 'optax.lookahead'
  },
  {
    name: 'lookahead',
    variant: 'inner starts afresh',
    kind: 'wrapper',
    make: () => (inner) => lookahead(inner, { syncPeriod: 2, slowStepSize: 0.75, resetState: true }),
    notInHalves,
    laws: linearInBoth,
    optax: 'optax.lookahead'
  },
  {
    name: 'lookahead',
    variant: 'slow params start at the first slow step',
    kind: 'wrapper',
    make: () => (inner) => lookahead(inner, { syncPeriod: 2, slowStepSize: 0.5, slowStart: 'firstSync' }),
    notInHalves,
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'withTrustRatio',
    kind: 'wrapper',
    make: () => (inner) => withTrustRatio(inner, { trustCoefficient: 0.5, eps: 0.25, denominator: 'sum' }),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'applyIfFinite',
    kind: 'wrapper',
    make: () => (inner) => applyIfFinite(inner, 1),
    laws: ['odd', 'linear'],
    optax: 'optax.apply_if_finite'
  },
  {
    name: 'dynamicLossScale',
    kind: 'wrapper',
    make: () => (inner) => dynamicLossScale(inner, { initialScale: 4, growthInterval: 2 }),
    laws: ['odd', 'linear'],
    optax: null
  },
  {
    name: 'conditionallyMask',
    kind: 'wrapper',
    make: () => (inner) => conditionallyMask(inner, (t) => t % 2 === 0),
    laws: linear,
    optax: 'optax.conditionally_mask'
  },
  {
    name: 'conditionallyTransform',
    kind: 'wrapper',
    make: () => (inner) => conditionallyTransform(inner, (t) => t % 2 === 0),
    laws: linear,
    optax: 'optax.conditionally_transform'
  },
  {
    name: 'emaParams',
    kind: 'wrapper',
    make: () => (inner) => emaParams(inner, { decay: 0.5 }),
    laws: linear,
    optax: null
  },
  {
    name: 'emaParams',
    variant: 'all options',
    kind: 'wrapper',
    make: () => (inner) => emaParams(inner, { decay: 0.9, debias: false, accumulatorDtype: 'float32' }),
    laws: linear,
    optax: null
  },
  {
    name: 'emaParams',
    variant: 'scheduled, from the first update, overwriting',
    kind: 'wrapper',
    make: () => (inner) => emaParams(inner, { decay: (n) => n / (n + 1), start: 'firstUpdate', overwritePeriod: 2 }),
    laws: linearInBoth,
    optax: null
  },
  { name: 'flatten', kind: 'wrapper', make: () => flattenEach, laws: linear, optax: 'optax.flatten' },
  {
    name: 'injectHyperparams',
    kind: 'wrapper',
    make: () => (inner) => injectHyperparams(() => inner, { a: 1, b: decay }),
    laws: linear,
    optax: 'optax.inject_hyperparams'
  },
  { name: 'polyakAverage', kind: 'wrapper', make: () => polyakAverage, laws: linear, optax: null },
  {
    name: 'selectiveTransform',
    kind: 'wrapper',
    make: () => (inner) => selectiveTransform(inner, { freezeMask: isOdd }),
    laws: ['odd', 'linear'],
    optax: 'optax.transforms.selective_transform'
  },
  {
    name: 'swa',
    kind: 'wrapper',
    make: () => (inner) => swa(inner, { start: 2, period: 2 }),
    laws: linear,
    optax: null
  },
  {
    name: 'nesterovLookahead',
    kind: 'wrapper',
    make: () => (inner) => nesterovLookahead(inner, 0.5),
    laws: linear,
    optax: null
  },
  {
    name: 'scheduleFree',
    kind: 'wrapper',
    make: () => (inner) => scheduleFree(inner, decay, { b1: 0.5 }),
    notInHalves,
    laws: ['elementwise'],
    optax: 'optax.contrib.schedule_free'
  },
  {
    name: 'scheduleFree',
    variant: 'refined',
    kind: 'wrapper',
    make: () => (inner) => scheduleFree(inner, decay, { b1: 0.5, c: 5 }),
    notInHalves,
    laws: ['elementwise'],
    optax: null
  },
  {
    name: 'mechanize',
    kind: 'wrapper',
    make: () => (inner) => mechanize(inner, { numBetas: 2, sInit: 0.5 }),
    notInHalves,
    laws: [['odd', both]],
    optax: 'optax.contrib.mechanize'
  },
  {
    name: 'sam',
    kind: 'wrapper',
    make: () => (inner) => sam(inner, chain(normalize(), scaleByLearningRate(0.5))),
    notInHalves,
    laws: [['odd', both]],
    optax: 'optax.contrib.sam'
  },
  {
    name: 'sam',
    variant: 'three gradients, the adversary goes on',
    kind: 'wrapper',
    make: () => (inner) => sam(inner, trace(0.5), { syncPeriod: 3, resetState: false }),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: 'optax.contrib.sam'
  },
  {
    name: 'asam',
    kind: 'wrapper',
    make: () => (inner) => asam(inner),
    notInHalves,
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'friendlySam',
    kind: 'wrapper',
    make: () => (inner) => friendlySam(inner),
    notInHalves,
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'gsam',
    kind: 'wrapper',
    make: () => (inner) => gsam(inner),
    notInHalves,
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'lookSam',
    kind: 'wrapper',
    make: () => (inner) => lookSam(inner, { k: 2 }),
    notInHalves,
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'wsam',
    kind: 'wrapper',
    make: () => (inner) => wsam(inner, { gamma: 0.6 }),
    notInHalves,
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'switchTransform',
    kind: 'wrapper',
    make: () => (inner) => switchTransform([trace(0.5), inner, scale(-0.5)], { boundaries: [1, 3], warm: 1 }),
    laws: linear,
    optax: null
  },
  {
    // Ties are paths, and these trees have any: tests/laws/ties.test.ts has the laws for those that hold ties.
    name: 'tieWeights',
    kind: 'wrapper',
    make: () => (inner) => tieWeights(inner, []),
    laws: linear,
    optax: null
  },
  {
    name: 'hypergradient',
    kind: 'wrapper',
    make: () => (inner) => hypergradient(inner, { learningRate: 0.5, hyperLearningRate: 1e-3 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'hypergradient',
    variant: 'multiplicative',
    kind: 'wrapper',
    make: () => (inner) => hypergradient(inner, { learningRate: 0.5, hyperLearningRate: 0.25, rule: 'multiplicative' }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'trac',
    kind: 'wrapper',
    make: () => (inner) => trac(inner, { sInit: 0.5 }),
    notInHalves,
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'dAdapt',
    kind: 'wrapper',
    make: () => (inner) => dAdapt(inner, decay, { estimLr0: 0.25, decay: 0.5 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'dAdapt',
    variant: 'along updates, in the Euclidean norm, growing slowly',
    kind: 'wrapper',
    make: () => (inner) =>
      dAdapt(inner, 1, { along: 'updates', norm: 'l2', estimLrCoef: 2, growthRate: 1.5, estimLr0: 0.25 }),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'cautious',
    kind: 'wrapper',
    make: () => (inner) => cautious(inner),
    laws: [],
    optax: null
  },
  {
    name: 'cautious',
    variant: 'nothing makes up for what is left out',
    kind: 'wrapper',
    make: () => (inner) => cautious(inner, { descends: false, normalize: 'none' }),
    laws: linear,
    optax: null
  },
  {
    name: 'grams',
    kind: 'wrapper',
    make: () => (inner) => grams(inner),
    laws: linear,
    optax: null
  },
  {
    name: 'lazyRows',
    kind: 'wrapper',
    make: () => (inner) => lazyRows(inner),
    laws: linear,
    optax: null
  },
  {
    name: 'mars',
    kind: 'wrapper',
    make: () => (inner) => mars(inner),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'decayFirst',
    kind: 'wrapper',
    make: () => (inner) => decayFirst(inner, decay),
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'projectRadial',
    kind: 'wrapper',
    make: () => (inner) => projectRadial(inner, { delta: 2, weightDecay: 0.5 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'stableUpdates',
    kind: 'wrapper',
    make: () => (inner) => stableUpdates(inner),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'clipSpikes',
    kind: 'wrapper',
    make: () => (inner) => clipSpikes(inner, { threshold: 2, graceSteps: 1, resetPeriod: 3, warmupSteps: 2 }),
    laws: ['elementwise', 'odd'],
    optax: null
  }
]
