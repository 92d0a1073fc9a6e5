import {
  acprop,
  adam,
  add,
  ademamix,
  adopt,
  chain,
  cocob,
  dadaptAdamw,
  differentiallyPrivateAggregate,
  div,
  dog,
  dowg,
  dpsgd,
  force,
  hutchinsonEstimatorDiagHessian,
  type Leaf,
  linearSchedule,
  madgrad,
  mechanize,
  momo,
  momoAdam,
  mul,
  normalize,
  type Operand,
  prodigy,
  sam,
  scale,
  scaleByAcprop,
  scaleByAdemamix,
  scaleByAdopt,
  scaleByCocob,
  scaleByMadgrad,
  scaleBySimplifiedAdemamix,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeEvalParams,
  scheduleFreeSgd,
  sgd,
  simplifiedAdemamix,
  sophia,
  square,
  sub,
  type Tree,
  tree
} from 'gradchain'
import { ofExamples } from './examples.js'
import { type Cases, cosine, emit, given, linear, smallMask } from './shared.js'

const to = (initValue: number, endValue: number) => linearSchedule({ initValue, endValue, transitionSteps: 8 })

// QUARTIC, SQUARED_NORM and GRAD_FN of generate.py.
const quartic = (params: Tree) =>
  tree.sum(tree.map((p: Operand) => add(square(square(sub(p, 0.5))), square(p)), params))
const squaredNorm = (params: Tree) => div(square(tree.squaredNorm(params)), 4)
const gradFn = (params: Tree<Leaf>, i: number) =>
  force(tree.map((p: Operand) => div(add(mul(4, mul(square(sub(p, 0.5)), sub(p, 0.5))), mul(2, p)), 1 + i), params))

/** What Optax keeps in `optax.contrib`. */
export const contrib: Cases = {
  scale_by_acprop: () => scaleByAcprop(),
  'scale_by_acprop/all': () => scaleByAcprop({ b1: 0.7, b2: 0.97, eps: 1e-3, epsRoot: 1e-4 }),
  scale_by_ademamix: () => scaleByAdemamix(),
  'scale_by_ademamix/all': () => scaleByAdemamix({ b1: 0.7, b2: 0.97, b3: 0.98, alpha: 3, eps: 1e-3, epsRoot: 1e-4 }),
  'scale_by_ademamix/schedules': () => scaleByAdemamix({ b3: to(0.9, 0.999), alpha: to(0, 5) }),
  scale_by_simplified_ademamix: () => scaleBySimplifiedAdemamix(),
  'scale_by_simplified_ademamix/all': () =>
    scaleBySimplifiedAdemamix({ b1: 0.9, b2: 0.8, alpha: to(0, 5), eps: 1e-3, epsRoot: 1e-4 }),
  scale_by_adopt: () => scaleByAdopt(),
  'scale_by_adopt/betas': () => scaleByAdopt({ b1: 0.7, b2: 0.8, eps: 0.1 }),
  'scale_by_adopt/nesterov': () => scaleByAdopt({ nesterov: true }),
  'scale_by_adopt/no_clipping': () => scaleByAdopt({ useClipping: false }),
  'scale_by_adopt/clip_value_fn': () => scaleByAdopt({ clipValueFn: (step) => 0.1 * step }),
  differentially_private_aggregate: () =>
    ofExamples(differentiallyPrivateAggregate({ l2NormClip: 2, noiseMultiplier: 0, key: 7 })),
  'differentially_private_aggregate/no_clipping': () =>
    ofExamples(differentiallyPrivateAggregate({ l2NormClip: Infinity, noiseMultiplier: 0, key: 7 })),
  'differentially_private_aggregate/noise': () =>
    ofExamples(differentiallyPrivateAggregate({ l2NormClip: 2, noiseMultiplier: 0.3, key: 7 })),
  dpsgd: () => ofExamples(dpsgd(0.1, { l2NormClip: 2, noiseMultiplier: 0, key: 7 })),
  'dpsgd/schedule': () => ofExamples(dpsgd(linear, { l2NormClip: 2, noiseMultiplier: 0.3, key: 8 })),
  'dpsgd/momentum': () => ofExamples(dpsgd(0.1, { l2NormClip: 2, noiseMultiplier: 0.3, key: 9, momentum: 0.9 })),
  'dpsgd/nesterov': () =>
    ofExamples(dpsgd(0.1, { l2NormClip: 2, noiseMultiplier: 0, key: 9, momentum: 0.9, nesterov: true })),
  acprop: () => acprop(0.05),
  'acprop/schedule': () => acprop(cosine),
  'acprop/all': () => acprop(0.05, { b1: 0.8, b2: 0.95, eps: 1e-3, epsRoot: 1e-4, weightDecay: 0.1, mask: smallMask }),
  ademamix: () => ademamix(0.05),
  'ademamix/schedule': () => ademamix(cosine),
  'ademamix/all': () =>
    ademamix(0.05, {
      b1: 0.8,
      b2: 0.95,
      b3: 0.97,
      alpha: 2,
      eps: 1e-3,
      epsRoot: 1e-4,
      weightDecay: 0.1,
      mask: smallMask
    }),
  simplified_ademamix: () => simplifiedAdemamix(0.05),
  'simplified_ademamix/all': () =>
    simplifiedAdemamix(cosine, {
      b1: 0.8,
      b2: 0.9,
      alpha: 2,
      eps: 1e-3,
      epsRoot: 1e-4,
      weightDecay: 0.1,
      mask: smallMask
    }),
  adopt: () => adopt(0.05),
  'adopt/schedule': () => adopt(cosine),
  'adopt/all': () => adopt(0.05, { b1: 0.8, b2: 0.95, eps: 0.01, nesterov: true, clipValueFn: (step) => 0.3 * step }),
  dog: () => dog(),
  'dog/schedule': () => dog(cosine, { initStep: ['distance', 0.5], eps: 0.1 }),
  'dog/learning_rate': () => dog(1, { initStep: ['learningRate', 0.01] }),
  'dog/weight_decay': () => dog(0.5, { initStep: ['heuristic', 0.01], weightDecay: 0.1, mask: smallMask }),
  dowg: () => dowg(),
  'dowg/schedule': () => dowg(cosine, { initEstimSqDist: 0.25, eps: 0.01 }),
  'dowg/weight_decay': () => dowg(0.5, { weightDecay: 0.1, mask: smallMask }),
  cocob: () => cocob(),
  'cocob/schedule': () => cocob(cosine, { alpha: 10, eps: 1e-4 }),
  'cocob/weight_decay': () => cocob(0.5, { weightDecay: 0.1, mask: smallMask }),
  scale_by_cocob: () => scaleByCocob(),
  madgrad: () => madgrad(0.05),
  'madgrad/schedule': () => madgrad(cosine, { momentum: 0.5 }),
  'madgrad/all': () => madgrad(0.05, { momentum: 0, weightDecay: 0.1, eps: 1e-3 }),
  scale_by_madgrad: () => scaleByMadgrad(0.05),
  prodigy: () => prodigy(),
  'prodigy/schedule': () => prodigy(linear, { estimLr0: 1e-2 }),
  'prodigy/all': () =>
    prodigy(0.5, { b1: 0.8, b2: 0.95, b3: 0.9, eps: 1e-3, estimLr0: 0.1, estimLrCoef: 0.5, weightDecay: 0.1 }),
  'prodigy/safeguard_warmup': () => prodigy(cosine, { estimLr0: 0.1, safeguardWarmup: true }),
  dadapt_adamw: () => dadaptAdamw(),
  'dadapt_adamw/schedule': () => dadaptAdamw(linear, { estimLr0: 1e-2 }),
  'dadapt_adamw/all': () => dadaptAdamw(0.5, { b1: 0.8, b2: 0.95, eps: 1e-3, estimLr0: 0.1, weightDecay: 0.1 }),
  momo: () => momo(),
  'momo/schedule': () => momo(cosine, { beta: 0.5 }),
  'momo/lower_bound': () => momo(0.1, { lowerBound: 0.5, weightDecay: 0.1 }),
  'momo/adapt_lower_bound': () => momo(0.1, { lowerBound: -0.5, weightDecay: 0.1, adaptLowerBound: true }),
  momo_adam: () => momoAdam(),
  'momo_adam/schedule': () => momoAdam(cosine, { b1: 0.5, b2: 0.9 }),
  'momo_adam/lower_bound': () => momoAdam(0.1, { eps: 1e-3, lowerBound: 0.5, weightDecay: 0.1 }),
  'momo_adam/adapt_lower_bound': () => momoAdam(0.1, { lowerBound: -0.5, weightDecay: 0.1, adaptLowerBound: true }),
  schedule_free: () => scheduleFree(sgd(0.1), 0.1),
  'schedule_free/adam': () => scheduleFree(adam(0.1, { b1: 0 }), 0.1, { b1: 0.6, weightLrPower: 0.5 }),
  'schedule_free/schedule': () => scheduleFree(sgd(cosine), cosine, { b1: 0.95 }),
  'schedule_free/last': () => scheduleFree(sgd(0.1), 0.1, { b1: 1 }),
  'schedule_free/eval_params': () =>
    emit(scheduleFree(sgd(0.1), 0.1), (updates, state) => scheduleFreeEvalParams(state, updates)),
  schedule_free_sgd: () => scheduleFreeSgd(),
  'schedule_free_sgd/all': () => scheduleFreeSgd(0.5, { warmupSteps: 4, b1: 0.8, weightDecay: 0.1, weightLrPower: 1 }),
  schedule_free_adamw: () => scheduleFreeAdamw(),
  'schedule_free_adamw/all': () =>
    scheduleFreeAdamw(0.5, { warmupSteps: 4, b1: 0.8, b2: 0.95, eps: 1e-3, weightDecay: 0.1, weightLrPower: 1 }),
  mechanize: () => mechanize(sgd(1)),
  'mechanize/adam': () => mechanize(adam(cosine), { weightDecay: 0.1, eps: 1e-6, sInit: 0.1, numBetas: 3 }),
  normalize: () => normalize(),
  sam: () => sam(sgd(0.1), chain(normalize(), sgd(0.05))),
  'sam/sync_period': () => sam(adam(0.1), chain(normalize(), sgd(0.05, { momentum: 0.9 })), { syncPeriod: 3 }),
  'sam/keep_state': () => sam(adam(0.1), sgd(0.05, { momentum: 0.9 }), { syncPeriod: 4, resetState: false }),
  'sam/opaque': () =>
    given(sam(adam(0.1), chain(normalize(), sgd(0.05)), { syncPeriod: 3, opaqueMode: true }), { gradFn }),
  sophia: () => given(sophia(0.1), { objFn: quartic }),
  'sophia/all': () =>
    given(
      sophia(0.1, {
        b1: 0.8,
        b2: 0.9,
        eps: 1e-3,
        weightDecay: 0.1,
        weightDecayMask: smallMask,
        gamma: 0.5,
        clipThreshold: 2,
        updateInterval: 3
      }),
      { objFn: quartic }
    ),
  'sophia/no_clipping': () => given(sophia(0.1, { eps: 0.1, clipThreshold: null }), { objFn: quartic }),
  'sophia/random': () =>
    given(
      sophia(0.1, {
        gamma: 1,
        updateInterval: 2,
        hessianDiagonalFn: hutchinsonEstimatorDiagHessian({ key: 7 })
      }),
      { objFn: squaredNorm }
    ),
  hutchinson_estimator_diag_hessian: () =>
    given(chain(hutchinsonEstimatorDiagHessian(), scale(0.001)), { objFn: quartic }),
  'hutchinson_estimator_diag_hessian/key': () =>
    given(chain(hutchinsonEstimatorDiagHessian({ key: 7 }), scale(-0.001)), { objFn: squaredNorm })
}
