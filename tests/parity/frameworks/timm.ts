// The functions of `timm` for each expression of `generate_frameworks.py`.
import { timm } from '@gradchain/frameworks'
import { correctedDecay } from '@gradchain/schedules'
import { byValues } from './byValues.js'
import type { Rows } from './rows.js'

const { schedules } = timm
const lr = 0.3
const wd = { weightDecay: 0.1 }
/** Param groups that say so of all matrices; and without timm's floor for norms, which is an eps here. */
const asTold = { useMuon: (_: string, shape: readonly number[]) => shape.length === 2, eps: 1e-30 }
const falling = (t: number) => 0.1 / (1 + t)
/** What `corrected_weight_decay` makes of it, the class being given 0.1. */
const corrected = { weightDecay: correctedDecay({ ...wd, learningRate: falling, maxLearningRate: 0.1 }) }

export const rows: Rows = {
  cases: {
    adamw: () => timm.adamw(),
    'adamw/options': () => timm.adamw(0.1, { betas: [0.8, 0.95], eps: 0.01, weightDecay: 0.2 }),
    nadam: () => timm.nadam(),
    'nadam/options': () => timm.nadam(0.1, { ...wd, betas: [0.7, 0.8], eps: 0.01, scheduleDecay: 0.3 }),
    adabelief: () => timm.adabelief(),
    'adabelief/options': () => timm.adabelief(0.1, { ...wd, betas: [0.7, 0.8], eps: 0.01 }),
    adan: () => timm.adan(),
    'adan/options': () => timm.adan(0.1, { ...wd, betas: [0.9, 0.8, 0.95], eps: 0.01, noProx: true }),
    'adan/prox': () => timm.adan(0.1, wd),
    lamb: () => timm.lamb(),
    'lamb/options': () => timm.lamb(0.1, { ...wd, betas: [0.8, 0.95], eps: 0.01, maxGradNorm: null }),
    'lamb/no_decay': () => timm.lamb(0.1, { weightDecay: 0 }),
    'lamb/always_adapt': () => timm.lamb(0.1, { weightDecay: 0, alwaysAdapt: true }),
    'lamb/decoupled_decay': () => timm.lamb(0.1, { ...wd, decoupledDecay: true }),
    lars: () => timm.lars(0.1, { momentum: 0.9 }),
    'lars/weight_decay': () => timm.lars(0.5, { ...wd, momentum: 0.9, trustCoeff: 0.1 }),
    'lars/always_adapt': () => timm.lars(0.5, { momentum: 0.9, nesterov: true, alwaysAdapt: true }),
    lion: () => timm.lion(),
    'lion/options': () => timm.lion(0.1, { ...wd, betas: [0.8, 0.7] }),
    novograd: () => timm.novograd(),
    'novograd/options': () => timm.novograd(0.1, { ...wd, betas: [0.8, 0.7], eps: 0.01 }),
    rmsproptf: () => timm.rmsproptf(),
    'rmsproptf/momentum': () => timm.rmsproptf(falling, { ...wd, alpha: 0.8, eps: 0.01, momentum: 0.9 }),
    'rmsproptf/outside': () => timm.rmsproptf(falling, { momentum: 0.9, lrInMomentum: false }),
    'rmsproptf/decoupled_decay': () => timm.rmsproptf(0.1, { ...wd, eps: 0.1, decoupledDecay: true }),
    sgdw: () => timm.sgdw(),
    'sgdw/options': () => timm.sgdw(0.1, { ...wd, momentum: 0.9, nesterov: true }),
    'sgdw/dampening': () => timm.sgdw(0.1, { ...wd, momentum: 0.9, dampening: 0.3 }),
    'sgdw/caution': () => timm.sgdw(0.1, { ...wd, momentum: 0.9, nesterov: true, caution: true }),
    'adamw/caution': () => timm.adamw(0.1, { ...wd, caution: true }),
    'lamb/caution': () => timm.lamb(0.1, { ...wd, caution: true }),
    'lion/caution': () => timm.lion(0.1, { ...wd, caution: true }),
    'lars/trust_clip': () => timm.lars(0.5, { ...wd, momentum: 0.9, trustCoeff: 0.2, trustClip: true }),
    'lars/larc': () => timm.lars((t) => 0.5 / (1 + t), { alwaysAdapt: true, trustCoeff: 0.2, trustClip: true }),
    'rmsproptf/caution': () => timm.rmsproptf(0.1, { ...wd, momentum: 0.9, caution: true }),
    nadamw: () => timm.nadamw(),
    'nadamw/options': () => timm.nadamw(0.1, { betas: [0.8, 0.95], eps: 0.01, weightDecay: 0.2 }),
    'nadamw/caution': () => timm.nadamw(0.1, { caution: true }),
    radam: () => timm.radam(),
    'radam/options': () => timm.radam(0.1, { betas: [0.8, 0.95], eps: 0.01, weightDecay: 0.2 }),
    radabelief: () => timm.radabelief(),
    'radabelief/options': () => timm.radabelief(0.1, { ...wd, betas: [0.7, 0.9], eps: 0.01 }),
    adopt: () => timm.adopt(),
    'adopt/options': () => timm.adopt(0.1, { ...wd, betas: [0.8, 0.9], eps: 0.1, clipExp: 0.1 }),
    'adopt/decoupled': () => timm.adopt(0.1, { ...wd, clipExp: null, decoupled: true, caution: true }),
    laprop: () => timm.laprop(),
    'laprop/options': () => timm.laprop(falling, { ...wd, betas: [0.8, 0.95], eps: 0.01 }),
    'laprop/caution': () => timm.laprop(0.1, { ...wd, caution: true }),
    madgrad: () => timm.madgrad(),
    'madgrad/options': () => timm.madgrad(falling, { ...wd, momentum: 0.5, eps: 0.01 }),
    'madgrad/no_momentum': () => timm.madgrad(0.1, { momentum: 0 }),
    'madgrad/decoupled_decay': () => timm.madgrad(falling, { ...wd, decoupledDecay: true }),
    mars: () => timm.mars(),
    'mars/options': () =>
      timm.mars(0.1, { ...wd, betas: [0.8, 0.95], eps: 0.01, gamma: 0.2, lr1dFactor: 0.5, betas1d: [0.7, 0.9] }),
    'mars/optimize_1d': () => timm.mars(0.1, { optimize1d: true, caution: true }),
    'mars/lion': () => timm.mars(0.1, { ...wd, marsType: 'lion', caution: true }),
    muon: () => timm.muon(undefined, asTold),
    'muon/nesterov': () =>
      timm.muon(0.1, {
        ...wd,
        ...asTold,
        momentum: 0.8,
        nesterov: true,
        adjustLrFn: 'original',
        fallbackLrScale: 0.5,
        betas: [0.8, 0.9]
      }),
    'muon/polar_express': () =>
      timm.muon(undefined, { ...asTold, nsCoefficients: 'polar_express', nsSteps: 7, adjustLrFn: 'rms_to_rms' }),
    'muon/triple': () => timm.muon(undefined, { ...asTold, nsCoefficients: [2, -1.5, 0.5], nsSteps: 3 }),
    'muon/routing': () => timm.muon(),
    adamuon: () => timm.adamuon(undefined, asTold),
    'adamuon/nesterov': () =>
      timm.adamuon(0.1, { ...wd, ...asTold, nesterov: true, betas: [0.8, 0.9], adjustLrFn: 'rms_to_rms' }),
    adafactor: () => timm.adafactor(),
    'adafactor/options': () =>
      timm.adafactor(undefined, {
        minDimSizeToFactor: 1,
        epsScale: 0.1,
        clipThreshold: 0.5,
        decayRate: -0.6,
        weightDecay: 0.5,
        warmupInit: true
      }),
    'adafactor/lr': () => timm.adafactor(0.05, { beta1: 0.9, weightDecay: 0.5, caution: true }),
    'adafactor/betas': () => timm.adafactor(undefined, { beta1: 0.8, weightDecay: 0.5 }),
    adafactorbv: () => timm.adafactorbv(0.01),
    'adafactorbv/options': () =>
      timm.adafactorbv(0.05, {
        ...wd,
        minDimSizeToFactor: 2,
        decayRate: 0.6,
        beta2Cap: 0.7,
        momentum: null,
        unscaledWd: true
      }),
    'adafactorbv/caution': () => timm.adafactorbv(0.05, { ...wd, caution: true }),
    'adafactorbv/corrected': () => timm.adafactorbv(falling, corrected),
    adamp: () => timm.adamp(),
    'adamp/options': () => timm.adamp(0.1, { ...wd, betas: [0.8, 0.95], eps: 0.01, delta: 2, wdRatio: 0.5 }),
    'adamp/nesterov': () => timm.adamp(0.1, { ...wd, nesterov: true }),
    sgdp: () => timm.sgdp(0.1),
    'sgdp/options': () => timm.sgdp(0.1, { ...wd, momentum: 0.9, dampening: 0.3, eps: 0.01, delta: 2, wdRatio: 0.5 }),
    'sgdp/nesterov': () => timm.sgdp(0.1, { ...wd, momentum: 0.8, nesterov: true }),
    'adamw/corrected': () => timm.adamw(falling, corrected),
    'nadamw/corrected': () => timm.nadamw(falling, corrected),
    'adopt/corrected': () => timm.adopt(falling, { ...corrected, decoupled: true }),
    'lamb/corrected': () => timm.lamb(falling, { ...corrected, decoupledDecay: true }),
    'laprop/corrected': () => timm.laprop(falling, corrected),
    'lion/corrected': () => timm.lion(falling, corrected),
    'rmsproptf/corrected': () => timm.rmsproptf(falling, { ...corrected, decoupledDecay: true }),
    'sgdw/corrected': () => timm.sgdw(falling, { ...corrected, momentum: 0.9, nesterov: true })
  },
  schedules: {
    cosine: () => schedules.cosine(lr, { tInitial: 20 }),
    'cosine/warmup': () => schedules.cosine(lr, { tInitial: 20, lrMin: 0.01, warmupT: 4, warmupLrInit: 0.02 }),
    'cosine/warmup_prefix': () =>
      schedules.cosine(lr, { tInitial: 20, lrMin: 0.01, warmupT: 4, warmupLrInit: 0.02, warmupPrefix: true }),
    'cosine/cycles': () => schedules.cosine(lr, { tInitial: 6, cycleDecay: 0.5, cycleLimit: 3, warmupT: 2 }),
    'cosine/cycle_mul': () =>
      schedules.cosine(lr, { tInitial: 5, cycleMul: 1.5, cycleDecay: 0.8, cycleLimit: 4, lrMin: 0.01 }),
    'cosine/k_decay': () => schedules.cosine(lr, { tInitial: 20, kDecay: 1.5 }),
    tanh: () => schedules.tanh(lr, { tInitial: 20 }),
    'tanh/options': () =>
      schedules.tanh(lr, {
        tInitial: 9,
        lb: -5,
        ub: 4,
        lrMin: 0.01,
        cycleDecay: 0.5,
        cycleLimit: 2,
        warmupT: 3,
        warmupLrInit: 0.02
      }),
    'tanh/warmup_prefix': () =>
      schedules.tanh(lr, { tInitial: 9, cycleMul: 2, cycleLimit: 3, warmupT: 3, warmupPrefix: true }),
    poly: () => schedules.poly(lr, { tInitial: 20 }),
    'poly/options': () =>
      schedules.poly(lr, {
        tInitial: 8,
        power: 2,
        lrMin: 0.01,
        cycleDecay: 0.5,
        cycleLimit: 2,
        warmupT: 3,
        warmupPrefix: true,
        kDecay: 1.5
      }),
    'poly/cycle_mul': () => schedules.poly(lr, { tInitial: 5, cycleMul: 1.5, cycleLimit: 2 }),
    step: () => schedules.step(lr, { decayT: 7, decayRate: 0.5 }),
    'step/warmup': () => schedules.step(lr, { decayT: 7, decayRate: 0.5, warmupT: 3, warmupLrInit: 0.02 }),
    'step/no_prefix': () => schedules.step(lr, { decayT: 7, decayRate: 0.5, warmupT: 3, warmupPrefix: false }),
    // Before its range there is no noise; in it the numbers are those of another generator.
    noisy: () => schedules.noisy(schedules.cosine(lr, { tInitial: 20 }), { noiseRangeT: 30 }),
    plateau: () => byValues(lr, timm.plateau(lr, { patienceT: 2 })),
    'plateau/warmup': () =>
      byValues(
        lr,
        timm.plateau(lr, {
          decayRate: 0.5,
          patienceT: 1,
          threshold: 0.01,
          cooldownT: 2,
          warmupT: 5,
          warmupLrInit: 0.02,
          lrMin: 0.05,
          mode: 'min'
        })
      ),
    multistep: () => schedules.multistep(lr, { decayT: [4, 11, 20], decayRate: 0.5 }),
    'multistep/warmup': () =>
      schedules.multistep(lr, { decayT: [4, 11], decayRate: 0.5, warmupT: 3, warmupLrInit: 0.02 }),
    'multistep/no_prefix': () =>
      schedules.multistep(lr, { decayT: [4, 11], decayRate: 0.5, warmupT: 6, warmupPrefix: false })
  },
  deviations: {}
}
