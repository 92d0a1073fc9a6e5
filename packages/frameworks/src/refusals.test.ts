import { describe, expect, test } from 'vitest'
import { keras, pytorch, tensorflowjs, timm, transformers } from './index.js'

const namespaces = { keras, pytorch, tensorflowjs, timm, transformers }

/** Every function of a framework, with its full name. */
const functions = Object.entries(namespaces).flatMap(([framework, { ...members }]) =>
  Object.entries(members as Readonly<Record<string, unknown>>).flatMap(([name, member]) =>
    typeof member === 'function'
      ? [[`${framework}.${name}`, member as (...given: readonly unknown[]) => unknown] as const]
      : Object.entries(member as Readonly<Record<string, unknown>>).map(
          ([schedule, made]) =>
            [`${framework}.${name}.${schedule}`, made as (...given: readonly unknown[]) => unknown] as const
        )
  )
)
/** Those that take no options. */
const plain = [
  'pytorch.clipGradValue',
  'pytorch.schedules.chainedScheduler',
  'pytorch.schedules.lambdaLR',
  'pytorch.schedules.multiplicativeLR',
  'tensorflowjs.sgd',
  'tensorflowjs.adadelta',
  'transformers.schedules.constant'
]
/** Those whose only argument is their options. */
const alone = ['keras.schedules.piecewiseConstantDecay', 'pytorch.schedules.oneCycleMomentum']

test('there are as many functions as there should be at least', () => {
  expect(functions.length).toBeGreaterThan(70)
})

describe.each(functions.filter(([name]) => !plain.includes(name)))('%s', (name, make) => {
  const made = (options: unknown) => {
    if (alone.includes(name)) return make(options)
    return name === 'tensorflowjs.momentum' ? make(0.1, 0.9, options) : make(0.1, options)
  }

  test('refuses an option that it does not have in its own name', () => {
    expect(() => made({ nothing: 1 })).toThrow(`${name}: there is no option nothing; there are `)
  })

  test('refuses options that are no object', () => {
    expect(() => made(0.9)).toThrow(`${name}: options must be an object, got 0.9`)
  })
})

describe('what is out of range is refused', () => {
  test.each<readonly [message: string, make: () => unknown]>([
    ['pytorch.adam: betas must be two numbers, got 0.9', () => pytorch.adam(0.1, { betas: 0.9 as never })],
    ['pytorch.adamw: weightDecay must be a finite number ≥ 0, got -1', () => pytorch.adamw(0.1, { weightDecay: -1 })],
    ['pytorch.sgd: maximize must be true or false, got 1', () => pytorch.sgd(0.1, { maximize: 1 as never })],
    ['pytorch.rprop: etas must be two numbers, got 0.5', () => pytorch.rprop(0.1, { etas: 0.5 as never })],
    ['pytorch.adafactor: eps must be two numbers, got 1', () => pytorch.adafactor(0.1, { eps: 1 as never })],
    ['pytorch.asgd: t0 must be a whole number ≥ 0, got -1', () => pytorch.asgd(0.1, { t0: -1 })],
    ['pytorch.muon: adjustLrFn must be one of ', () => pytorch.muon(0.1, { adjustLrFn: 'moonlight' as never })],
    [
      'pytorch.schedules.oneCycleLR: annealStrategy must be one of "cos", "linear", got "cosine"',
      () => pytorch.schedules.oneCycleLR(0.1, { totalSteps: 10, annealStrategy: 'cosine' as never })
    ],
    ['keras.adam: clipnorm must be a finite number > 0, got 0', () => keras.adam(0.1, { clipnorm: 0 })],
    [
      'keras.adam: only one of clipnorm, clipvalue and globalClipnorm can be given',
      () => keras.adam(0.1, { clipnorm: 1, clipvalue: 1 })
    ],
    [
      'keras.adam: gradientAccumulationSteps must be a whole number ≥ 2, got 1',
      () => keras.adam(0.1, { gradientAccumulationSteps: 1 })
    ],
    [
      'keras.adamw: excludeFromWeightDecay must be an array of regular expressions, got "bias"',
      () => keras.adamw(0.1, { excludeFromWeightDecay: 'bias' as never })
    ],
    ['keras.sgd: useEma must be true or false, got 1', () => keras.sgd(0.1, { useEma: 1 as never })],
    ['keras.sgd: emaMomentum must be in [0, 1], got 2', () => keras.sgd(0.1, { emaMomentum: 2 })],
    ['keras.sgd: lossScaleFactor must be a finite number > 0, got 0', () => keras.sgd(0.1, { lossScaleFactor: 0 })],
    [
      'keras.scheduleFreeAdamw: warmupSteps must be a whole number ≥ 0, got -1',
      () => keras.scheduleFreeAdamw(0.1, { warmupSteps: -1 })
    ],
    ['pytorch.reduceLROnPlateau: learningRate must be a finite number > 0, got 0', () => pytorch.reduceLROnPlateau(0)],
    [
      'pytorch.schedules.multiplicativeLR: lrLambda must be a function, got 0.5',
      () => pytorch.schedules.multiplicativeLR(0.1, 0.5 as never)
    ],
    [
      'pytorch.schedules.chainedScheduler: shares must be an array of schedules, got [0.5]',
      () => pytorch.schedules.chainedScheduler(0.1, [0.5 as never])
    ],
    ['transformers.greedyLR: factor must be in (0, 1), got 1', () => transformers.greedyLR(0.1, { factor: 1 })],
    ['transformers.adafactor: beta1 must be in [0, 1), got 1', () => transformers.adafactor(0.1, { beta1: 1 })],
    ['timm.plateau: mode must be one of "min", "max", got "up"', () => timm.plateau(0.1, { mode: 'up' as never })],
    [
      'timm.schedules.noisy: noisePct must be a finite number > 0, got 0',
      () => timm.schedules.noisy(() => 1, { noiseRangeT: 0, noisePct: 0 })
    ],
    ['keras.muon: excludeLayers must be an array', () => keras.muon(0.1, { excludeLayers: 'head' as never })],
    [
      'keras.schedules.piecewiseConstantDecay: values must be one more than boundaries, got 1',
      () => keras.schedules.piecewiseConstantDecay({ boundaries: [1], values: [1] })
    ],
    [
      'transformers.schedules.linear: numTrainingSteps must be a whole number > 5, got 5',
      () => transformers.schedules.linear(0.1, { numWarmupSteps: 5, numTrainingSteps: 5 })
    ],
    [
      'transformers.schedules.cosineWithMinLr: one of minLr and minLrRate must be given',
      () => transformers.schedules.cosineWithMinLr(0.1, { numWarmupSteps: 0, numTrainingSteps: 5 })
    ],
    [
      'transformers.schedules.warmupStableDecay: numStableSteps must be a whole number ≥ 0, got NaN',
      () => transformers.schedules.warmupStableDecay(0.1, { numWarmupSteps: 0, numDecaySteps: 5 })
    ],
    [
      'transformers.adafactor: there must be a learning rate or relativeStep, and not both',
      () => transformers.adafactor(0.1, { relativeStep: true })
    ],
    [
      'transformers.adafactor: warmupInit must be left out without relativeStep',
      () => transformers.adafactor(0.1, { warmupInit: true })
    ],
    ['timm.adamw: caution must be true or false, got 1', () => timm.adamw(0.1, { caution: 1 as never })],
    ['timm.muon: adjustLrFn must be one of ', () => timm.muon(0.1, { adjustLrFn: 'matchRmsAdamw' as never })],
    ['timm.muon: useMuon must be a function, got true', () => timm.muon(0.1, { useMuon: true as never })],
    ['timm.muon: nsCoefficients must be one of ', () => timm.muon(0.1, { nsCoefficients: 'jordan' as never })],
    [
      'timm.mars: marsType must be one of "adamw", "lion", got "adam"',
      () => timm.mars(0.1, { marsType: 'adam' as never })
    ],
    ['timm.adopt: clipExp must be a finite number ≥ 0, got -1', () => timm.adopt(0.1, { clipExp: -1 })],
    ['timm.laprop: learningRate must be a finite number ≥ 0, got -1', () => timm.laprop(-1)],
    [
      'timm.adafactor: warmupInit must be left out with a learning rate',
      () => timm.adafactor(0.1, { warmupInit: true })
    ],
    ['timm.adafactorbv: momentum must be in [0, 1), got 1', () => timm.adafactorbv(0.1, { momentum: 1 })],
    ['timm.adamp: nesterov must be true or false, got 1', () => timm.adamp(0.1, { nesterov: 1 as never })],
    ['timm.adamp: weightDecay must be a finite number ≥ 0, got -1', () => timm.adamp(0.1, { weightDecay: -1 })],
    ['timm.sgdp: momentum must be in [0, 1), got 1', () => timm.sgdp(0.1, { momentum: 1 })],
    [
      'timm.sgdp: dampening must be 0 with nesterov, got 0.5',
      () => timm.sgdp(0.1, { dampening: 0.5, momentum: 0.9, nesterov: true })
    ],
    [
      'timm.lamb: weightDecay must be a finite number ≥ 0 or a schedule, got -1',
      () => timm.lamb(0.1, { weightDecay: -1 })
    ],
    ['timm.adan: betas must be three numbers, got [0.9, 0.9]', () => timm.adan(0.1, { betas: [0.9, 0.9] as never })],
    [
      'timm.schedules.cosine: cycleLimit must be a whole number ≥ 1, got 0',
      () => timm.schedules.cosine(0.1, { tInitial: 5, cycleLimit: 0 })
    ],
    ['tensorflowjs.adamax: decay must be a finite number ≥ 0, got -1', () => tensorflowjs.adamax(0.1, { decay: -1 })]
  ])('%s', (message, make) => {
    expect(make).toThrow(message)
  })
})
