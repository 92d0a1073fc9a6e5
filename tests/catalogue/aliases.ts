import {
  accSgd,
  acprop,
  adabelief,
  adabound,
  adadelta,
  adafactor,
  adagrad,
  adahessian,
  adai,
  adam,
  adamAtan2,
  adamax,
  adamaxw,
  adamod,
  adamp,
  adamw,
  adan,
  adanorm,
  adapnm,
  ademamix,
  adopt,
  aggmo,
  alig,
  amos,
  amsgrad,
  ano,
  asgd,
  avagrad,
  cocob,
  dadaptAdamw,
  diffgrad,
  dog,
  dowg,
  dpsgd,
  focus,
  fromage,
  ftrl,
  heavyBall,
  kate,
  lamb,
  lambw,
  laprop,
  lars,
  lion,
  madgrad,
  mirrorDescent,
  momo,
  momoAdam,
  msvag,
  nadam,
  nadamw,
  noisySgd,
  novograd,
  optimisticAdam,
  optimisticAdamV2,
  optimisticGradientDescent,
  padam,
  pid,
  pnm,
  polyakSgd,
  prodigy,
  qhadam,
  qhm,
  radabelief,
  radam,
  ranger,
  ranger21,
  rmsprop,
  rprop,
  scheduleFreeAdamw,
  scheduleFreeRadam,
  scheduleFreeSgd,
  sgd,
  sgdp,
  sgdSaI,
  signSgd,
  signum,
  simplifiedAdemamix,
  sm3,
  sophia,
  sparseAdam,
  stableAdamw,
  stableSpam,
  swats,
  tam,
  tiger,
  vsgd,
  yogi
} from 'gradchain'
import type { TransformationRow } from './row.js'
import {
  adaptive,
  adaptiveWithDecay,
  both,
  decay,
  isOdd,
  linear,
  linearInBoth,
  notInHalves,
  startsAtAll,
  unboundedInHalves,
  withExamples,
  withObjective,
  withValue
} from './shared.js'

/** Chains that have a name of their own. */
export const aliases: readonly TransformationRow[] = [
  { name: 'sgd', kind: 'alias', make: () => sgd(0.1), laws: linear, optax: 'optax.sgd' },
  {
    name: 'sgd',
    variant: 'Nesterov momentum',
    kind: 'alias',
    make: () => sgd(decay, { momentum: 0.9, nesterov: true }),
    laws: linear,
    optax: 'optax.sgd'
  },
  { name: 'noisySgd', kind: 'alias', make: () => noisySgd(0.1, { key: 7 }), laws: [], optax: 'optax.noisy_sgd' },
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
  },
  {
    name: 'adabelief',
    kind: 'alias',
    make: () => adabelief(0.1),
    laws: ['elementwise', 'odd'],
    optax: 'optax.adabelief'
  },
  {
    name: 'acprop',
    kind: 'alias',
    make: () => acprop(0.1, { weightDecay: 0.01 }),
    notInHalves: unboundedInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: 'optax.contrib.acprop'
  },
  {
    name: 'ademamix',
    kind: 'alias',
    make: () => ademamix(0.1, { weightDecay: 0.01 }),
    laws: adaptiveWithDecay,
    optax: 'optax.contrib.ademamix'
  },
  {
    name: 'simplifiedAdemamix',
    kind: 'alias',
    make: () => simplifiedAdemamix(decay, { weightDecay: 0.01, mask: isOdd }),
    laws: [['odd', both], 'scaleBlind'],
    optax: 'optax.contrib.simplified_ademamix'
  },
  { name: 'adopt', kind: 'alias', make: () => adopt(0.1), laws: adaptive, optax: 'optax.contrib.adopt' },
  {
    name: 'dog',
    kind: 'alias',
    make: () => dog(decay, { weightDecay: 0.01 }),
    without: startsAtAll,
    notInHalves: unboundedInHalves,
    laws: [['odd', both]],
    optax: 'optax.contrib.dog'
  },
  {
    name: 'dowg',
    kind: 'alias',
    make: () => dowg(decay, { weightDecay: 0.01, mask: isOdd }),
    notInHalves: unboundedInHalves,
    laws: [['odd', both]],
    optax: 'optax.contrib.dowg'
  },
  {
    name: 'cocob',
    kind: 'alias',
    make: () => cocob(decay, { weightDecay: 0.01 }),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: 'optax.contrib.cocob'
  },
  {
    name: 'madgrad',
    kind: 'alias',
    make: () => madgrad(0.1, { weightDecay: 0.01 }),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: 'optax.contrib.madgrad'
  },
  { name: 'prodigy', kind: 'alias', make: () => prodigy(), laws: [['odd', both]], optax: 'optax.contrib.prodigy' },
  {
    name: 'dadaptAdamw',
    kind: 'alias',
    make: () => dadaptAdamw(),
    laws: [['odd', both]],
    optax: 'optax.contrib.dadapt_adamw'
  },
  {
    name: 'momo',
    kind: 'alias',
    make: () => withValue(momo()),
    laws: [['odd', both]],
    optax: 'optax.contrib.momo'
  },
  {
    name: 'momoAdam',
    kind: 'alias',
    make: () => withValue(momoAdam()),
    laws: [['odd', both]],
    optax: 'optax.contrib.momo_adam'
  },
  {
    name: 'scheduleFreeSgd',
    kind: 'alias',
    make: () => scheduleFreeSgd(0.5, { warmupSteps: 2, weightDecay: 0.01, mask: isOdd }),
    notInHalves,
    laws: [],
    optax: 'optax.contrib.schedule_free_sgd'
  },
  {
    name: 'scheduleFreeAdamw',
    kind: 'alias',
    make: () => scheduleFreeAdamw(0.1, { weightDecay: 0.01 }),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: 'optax.contrib.schedule_free_adamw'
  },
  {
    name: 'scheduleFreeRadam',
    kind: 'alias',
    make: () => scheduleFreeRadam(0.1, { b2: 0.9, weightDecay: 0.01 }),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'sophia',
    kind: 'alias',
    make: () => withObjective(sophia(0.1)),
    laws: [],
    optax: 'optax.contrib.sophia'
  },
  {
    name: 'laprop',
    kind: 'alias',
    make: () => laprop(decay, { weightDecay: 0.01 }),
    laws: adaptiveWithDecay,
    optax: null
  },
  { name: 'swats', kind: 'alias', make: () => swats(decay), laws: ['odd'], optax: null },
  {
    name: 'adadelta',
    kind: 'alias',
    make: () => adadelta(),
    laws: ['elementwise', 'odd'],
    optax: 'optax.adadelta'
  },
  {
    name: 'adadelta',
    variant: 'decay',
    kind: 'alias',
    make: () => adadelta(decay, { weightDecay: 0.01 }),
    laws: ['elementwise', ['odd', both]],
    optax: 'optax.adadelta'
  },
  {
    name: 'adafactor',
    kind: 'alias',
    make: () => adafactor(0.1),
    laws: ['odd', 'scaleBlind'],
    optax: 'optax.adafactor'
  },
  {
    name: 'adafactor',
    variant: 'all options',
    kind: 'alias',
    make: () =>
      adafactor(decay, {
        minDimSizeToFactor: 1,
        momentum: 0.9,
        weightDecayRate: 0.01,
        clippingThreshold: null,
        multiplyByParameterScale: false,
        eps: 1e-6
      }),
    laws: [['odd', both]],
    optax: 'optax.adafactor'
  },
  {
    name: 'adagrad',
    kind: 'alias',
    make: () => adagrad(0.1),
    laws: ['elementwise', 'odd', ['bounded', 0.1]],
    optax: 'optax.adagrad'
  },
  {
    name: 'adamax',
    kind: 'alias',
    make: () => adamax(0.1),
    laws: adaptive,
    optax: 'optax.adamax'
  },
  {
    name: 'adamaxw',
    kind: 'alias',
    make: () => adamaxw(0.1),
    laws: adaptiveWithDecay,
    optax: 'optax.adamaxw'
  },
  {
    name: 'adan',
    kind: 'alias',
    make: () => adan(0.1),
    laws: adaptive,
    optax: 'optax.adan'
  },
  {
    name: 'amsgrad',
    kind: 'alias',
    make: () => amsgrad(0.1),
    laws: adaptive,
    optax: 'optax.amsgrad'
  },
  {
    name: 'nadam',
    kind: 'alias',
    make: () => nadam(0.1),
    laws: adaptive,
    optax: 'optax.nadam'
  },
  {
    name: 'nadamw',
    kind: 'alias',
    make: () => nadamw(0.1),
    laws: adaptiveWithDecay,
    optax: 'optax.nadamw'
  },
  {
    name: 'novograd',
    kind: 'alias',
    make: () => novograd(0.1),
    laws: ['odd', 'scaleBlind'],
    optax: 'optax.novograd'
  },
  {
    name: 'optimisticAdam',
    kind: 'alias',
    make: () => optimisticAdam(0.1),
    laws: adaptive,
    optax: 'optax.optimistic_adam'
  },
  {
    name: 'optimisticAdamV2',
    kind: 'alias',
    make: () => optimisticAdamV2(0.1),
    laws: adaptive,
    optax: 'optax.optimistic_adam_v2'
  },
  {
    name: 'optimisticGradientDescent',
    kind: 'alias',
    make: () => optimisticGradientDescent(0.1),
    laws: linear,
    optax: 'optax.optimistic_gradient_descent'
  },
  {
    name: 'radam',
    kind: 'alias',
    make: () => radam(0.1),
    laws: ['elementwise', 'odd'],
    optax: 'optax.radam'
  },
  {
    name: 'rprop',
    kind: 'alias',
    make: () => rprop(0.1),
    laws: [...adaptive, ['bounded', 50]],
    optax: 'optax.rprop'
  },
  {
    name: 'sm3',
    kind: 'alias',
    make: () => sm3(0.1),
    laws: ['odd', 'scaleBlind', ['bounded', 0.1]],
    optax: 'optax.sm3'
  },
  {
    name: 'yogi',
    kind: 'alias',
    make: () => yogi(0.1),
    laws: ['elementwise'],
    optax: 'optax.yogi'
  },
  {
    name: 'adabound',
    kind: 'alias',
    make: () => adabound(0.1),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'dpsgd',
    kind: 'alias',
    make: () => withExamples(dpsgd(decay, { l2NormClip: 1, noiseMultiplier: 0.5, key: 7, momentum: 0.9 })),
    laws: [],
    optax: 'optax.contrib.dpsgd'
  },
  {
    name: 'fromage',
    kind: 'alias',
    make: () => fromage(0.1),
    laws: [['odd', both]],
    optax: 'optax.fromage'
  },
  {
    name: 'lamb',
    kind: 'alias',
    make: () => lamb(0.1),
    laws: ['odd'],
    optax: 'optax.lamb'
  },
  {
    name: 'lamb',
    variant: 'decay by mask',
    kind: 'alias',
    make: () => lamb(0.1, { weightDecay: 0.01, mask: isOdd }),
    laws: [['odd', both]],
    optax: 'optax.lamb'
  },
  {
    name: 'lars',
    kind: 'alias',
    make: () => lars(0.1),
    laws: ['odd', 'scaleBlind'],
    optax: 'optax.lars'
  },
  {
    name: 'lars',
    variant: 'all options',
    kind: 'alias',
    make: () =>
      lars(decay, { weightDecay: 0.01, weightDecayMask: isOdd, trustRatioMask: isOdd, momentum: 0.5, nesterov: true }),
    laws: [['odd', both]],
    optax: 'optax.lars'
  },
  {
    name: 'polyakSgd',
    kind: 'alias',
    make: () => withValue(polyakSgd()),
    laws: ['odd'],
    optax: 'optax.polyak_sgd'
  },
  {
    name: 'signSgd',
    kind: 'alias',
    make: () => signSgd(0.1),
    laws: [...adaptive, ['bounded', 0.1]],
    optax: 'optax.sign_sgd'
  },
  {
    name: 'signum',
    kind: 'alias',
    make: () => signum(0.1),
    laws: [...adaptive, ['bounded', 0.1]],
    optax: 'optax.signum'
  },
  {
    name: 'ftrl',
    kind: 'alias',
    make: () => ftrl(decay, { l1: 0.01 }),
    laws: ['elementwise', ['odd', both]],
    notInHalves,
    optax: null
  },
  {
    name: 'mirrorDescent',
    kind: 'alias',
    make: () => mirrorDescent(decay),
    notInHalves,
    laws: [],
    optax: null
  },
  {
    name: 'heavyBall',
    kind: 'alias',
    make: () => heavyBall(decay),
    laws: linear,
    optax: null
  },
  {
    name: 'sgd',
    variant: 'as PyTorch has it',
    kind: 'alias',
    make: () => sgd(decay, { momentum: 0.9, dampening: 0.5, lrPlacement: 'inside' }),
    laws: linear,
    optax: 'optax.sgd'
  },
  {
    name: 'amsgrad',
    variant: 'as Keras has it',
    kind: 'alias',
    make: () => amsgrad(decay, { maxOn: 'raw', eps: 1e-3, epsPlacement: 'hat' }),
    laws: ['elementwise', 'odd'],
    optax: 'optax.amsgrad'
  },
  {
    name: 'rmsprop',
    variant: 'as PyTorch has it',
    kind: 'alias',
    make: () => rmsprop(decay, { epsInSqrt: false, momentum: 0.9, centered: true, lrPlacement: 'outside' }),
    laws: adaptive,
    optax: 'optax.rmsprop'
  },
  {
    name: 'sparseAdam',
    kind: 'alias',
    make: () => sparseAdam(decay, { eps: 1e-3 }),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'adamAtan2',
    kind: 'alias',
    make: () => adamAtan2(decay, { weightDecay: 0.01 }),
    laws: adaptiveWithDecay,
    optax: null
  },
  {
    name: 'qhm',
    kind: 'alias',
    make: () => qhm(decay),
    laws: linear,
    optax: null
  },
  {
    name: 'qhadam',
    kind: 'alias',
    make: () => qhadam(decay, { weightDecay: 0.01 }),
    laws: adaptiveWithDecay,
    optax: null
  },
  {
    name: 'pid',
    kind: 'alias',
    make: () => pid(decay),
    laws: linear,
    optax: null
  },
  {
    name: 'tiger',
    kind: 'alias',
    make: () => tiger(decay),
    laws: adaptiveWithDecay,
    optax: null
  },
  {
    name: 'asgd',
    kind: 'alias',
    make: () => asgd(decay, { lambd: 0.01, t0: 2 }),
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'sgdSaI',
    kind: 'alias',
    make: () => sgdSaI(decay, { weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'adai',
    kind: 'alias',
    make: () => adai(decay, { weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'padam',
    kind: 'alias',
    make: () => padam(decay, { weightDecay: 0.01 }),
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'diffgrad',
    kind: 'alias',
    make: () => diffgrad(decay),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'adamod',
    kind: 'alias',
    make: () => adamod(decay),
    laws: adaptive,
    optax: null
  },
  {
    name: 'pnm',
    kind: 'alias',
    make: () => pnm(decay, { weightDecay: 0.01 }),
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'focus',
    kind: 'alias',
    make: () => focus(decay),
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'vsgd',
    kind: 'alias',
    make: () => vsgd(decay),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'stableSpam',
    kind: 'alias',
    make: () => stableSpam(decay, { resetPeriod: 3 }),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'alig',
    kind: 'alias',
    make: () => withValue(alig(0.1, { momentum: 0.5 })),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'kate',
    kind: 'alias',
    make: () => kate(decay),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'accSgd',
    kind: 'alias',
    make: () => accSgd(decay),
    notInHalves,
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'msvag',
    kind: 'alias',
    make: () => msvag(decay),
    laws: ['elementwise', 'odd'],
    optax: null
  },
  {
    name: 'ano',
    kind: 'alias',
    make: () => ano(decay, { weightDecay: 0.01 }),
    laws: adaptiveWithDecay,
    optax: null
  },
  {
    name: 'tam',
    kind: 'alias',
    make: () => tam(decay),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'avagrad',
    kind: 'alias',
    make: () => avagrad(decay, { weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'adapnm',
    kind: 'alias',
    make: () => adapnm(decay, { weightDecay: 0.01 }),
    laws: adaptiveWithDecay,
    optax: null
  },
  {
    name: 'amos',
    kind: 'alias',
    make: () => amos(decay, { momentum: 0.5 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'aggmo',
    kind: 'alias',
    make: () => aggmo(decay),
    laws: linear,
    optax: null
  },
  {
    name: 'adamp',
    kind: 'alias',
    make: () => adamp(decay, { delta: 2, weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'sgdp',
    kind: 'alias',
    make: () => sgdp(decay, { delta: 2, weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'adahessian',
    kind: 'alias',
    make: () => withObjective(adahessian(0.1)),
    laws: [],
    optax: null
  },
  {
    name: 'adanorm',
    kind: 'alias',
    make: () => adanorm(decay, { weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'radabelief',
    kind: 'alias',
    make: () => radabelief(decay, { weightDecay: 0.01 }),
    laws: ['elementwise', ['odd', both]],
    optax: null
  },
  {
    name: 'lambw',
    kind: 'alias',
    make: () => lambw(decay, { weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'ranger',
    kind: 'alias',
    make: () => ranger(decay, { weightDecay: 0.01, syncPeriod: 2 }),
    notInHalves,
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'ranger21',
    kind: 'alias',
    make: () => ranger21(decay, { weightDecay: 0.01, syncPeriod: 2 }),
    notInHalves,
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'stableAdamw',
    kind: 'alias',
    make: () => stableAdamw(decay, { weightDecay: 0.01 }),
    laws: [['odd', both]],
    optax: null
  }
]
