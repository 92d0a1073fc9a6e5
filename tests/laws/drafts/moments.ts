import { arbitrary, checkLaws, laws, universal } from '@gradchain/laws'
import { type AnyGradientTransformation, exponentialDecay, reference } from 'gradchain'
import * as g from 'gradchain'
import { describe, test } from 'vitest'
import { runs } from './settings.js'

const decay = exponentialDecay({ initValue: 0.5, transitionSteps: 3, decayRate: 0.5 })
const both = { of: 'both' } as const
const arraysOnly = { params: arbitrary.params({ numbers: false }) } as const
const adaptive = ['elementwise', 'odd', 'scaleBlind'] as const
type Entry = 'elementwise' | 'odd' | 'scaleBlind' | 'linear' | readonly ['elementwise' | 'odd' | 'scaleBlind' | 'linear', object] | readonly ['bounded', number]
const rows: readonly (readonly [string, () => AnyGradientTransformation, readonly Entry[]])[] = [
  ['scaleByAdamax', () => g.scaleByAdamax(), adaptive],
  ['scaleByAdan', () => g.scaleByAdan(), adaptive],
  ['scaleByAmsgrad', () => g.scaleByAmsgrad(), adaptive],
  ['scaleByAmsgrad, all options', () => g.scaleByAmsgrad({ b1: 0.7, b2: 0.97, eps: 1e-4, epsRoot: 1e-5, muDtype: 'bfloat16', biasCorrectionMu: false, maxOn: 'raw' }), [['elementwise', arraysOnly], 'odd']],
  ['scaleByBelief', () => g.scaleByBelief(), ['elementwise', 'odd']],
  ['scaleByBelief, all options', () => g.scaleByBelief({ b1: 0.7, b2: 0.97, eps: 1e-4, epsRoot: 1e-5, nesterov: true }), ['elementwise', 'odd']],
  ['scaleByYogi', () => g.scaleByYogi(), ['elementwise']],
  ['scaleByYogi, from zero', () => g.scaleByYogi({ initialAccumulatorValue: 0, eps: 1e-8 }), ['elementwise', 'odd', 'scaleBlind']],
  ['scaleByRadam', () => g.scaleByRadam(), ['elementwise', 'odd']],
  ['scaleByRadam, all options', () => g.scaleByRadam({ b1: 0.7, b2: 0.9, eps: 1e-4, epsRoot: 1e-5, threshold: 4.5, nesterov: true }), ['elementwise', 'odd']],
  ['scaleByRss', () => g.scaleByRss(), ['elementwise', 'odd', ['bounded', 1]]],
  ['scaleByRss, PyTorch', () => g.scaleByRss({ initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false }), [...adaptive, ['bounded', 1]]],
  ['scaleByAdadelta', () => g.scaleByAdadelta(), ['elementwise', 'odd']],
  ['scaleByNovograd', () => g.scaleByNovograd(), ['odd', 'scaleBlind']],
  ['scaleByNovograd, all', () => g.scaleByNovograd({ b1: 0.5, b2: 0.5, eps: 1e-4, epsRoot: 1e-5, weightDecay: decay, muDtype: 'float64' }), [['odd', both]]],
  ['scaleBySm3', () => g.scaleBySm3(), ['odd', 'scaleBlind', ['bounded', 1]]],
  ['scaleBySm3, averages', () => g.scaleBySm3({ b1: 0.5, b2: 0.9, eps: 1e-5 }), ['odd']],
  ['scaleByFactoredRms', () => g.scaleByFactoredRms(), ['elementwise', 'odd', 'scaleBlind']],
  ['scaleByFactoredRms, all', () => g.scaleByFactoredRms({ minDimSizeToFactor: 1, decayRate: 0.5, epsilon: 1e-6 }), ['odd']],
  ['scaleByRprop', () => g.scaleByRprop(0.1), [...adaptive, ['bounded', 50]]],
  ['scaleByOptimisticGradient', () => g.scaleByOptimisticGradient(), ['elementwise', 'odd', 'linear']],
  ['scaleByOptimisticGradient, s', () => g.scaleByOptimisticGradient({ alpha: decay, beta: 0.5 }), ['elementwise', 'odd', 'linear']],
  ['scaleByAdabound', () => g.scaleByAdabound(), ['elementwise', 'odd']],
  ['scaleByNadam', () => g.scaleByNadam(), adaptive],
  ['scaleByNadam, all', () => g.scaleByNadam({ b1: 0.7, b2: 0.97, eps: 1e-4, epsRoot: 1e-5, momentumDecay: 4e-3, muDtype: 'bfloat16' }), [['elementwise', arraysOnly], 'odd']],
  ['adabelief', () => g.adabelief(0.1), ['elementwise', 'odd']],
  ['adadelta', () => g.adadelta(), ['elementwise', 'odd']],
  ['adadelta, decay', () => g.adadelta(decay, { weightDecay: 0.01 }), ['elementwise', ['odd', both]]],
  ['adafactor', () => g.adafactor(0.1), ['odd', 'scaleBlind']],
  ['adafactor, all', () => g.adafactor(decay, { minDimSizeToFactor: 1, momentum: 0.9, weightDecayRate: 0.01, clippingThreshold: null, multiplyByParameterScale: false, eps: 1e-6 }), [['odd', both]]],
  ['adagrad', () => g.adagrad(0.1), ['elementwise', 'odd', ['bounded', 0.1]]],
  ['adamax', () => g.adamax(0.1), adaptive],
  ['adamaxw', () => g.adamaxw(0.1), ['elementwise', ['odd', both], 'scaleBlind']],
  ['adan', () => g.adan(0.1), ['elementwise', 'odd', 'scaleBlind']],
  ['amsgrad', () => g.amsgrad(0.1), adaptive],
  ['nadam', () => g.nadam(0.1), adaptive],
  ['nadamw', () => g.nadamw(0.1), ['elementwise', ['odd', both], 'scaleBlind']],
  ['novograd', () => g.novograd(0.1), ['odd', 'scaleBlind']],
  ['optimisticAdam', () => g.optimisticAdam(0.1), adaptive],
  ['optimisticAdamV2', () => g.optimisticAdamV2(0.1), adaptive],
  ['optimisticGradientDescent', () => g.optimisticGradientDescent(0.1), ['elementwise', 'odd', 'linear']],
  ['radam', () => g.radam(0.1), ['elementwise', 'odd']],
  ['rprop', () => g.rprop(0.1), [...adaptive, ['bounded', 50]]],
  ['sm3', () => g.sm3(0.1), ['odd', 'scaleBlind', ['bounded', 0.1]]],
  ['yogi', () => g.yogi(0.1), ['elementwise']],
  ['adabound', () => g.adabound(0.1), ['elementwise', 'odd']]
]
const halves = arbitrary.params({ dtypes: ['bfloat16', 'float16', 'float32'] })
for (const [name, make, entries] of rows) {
  describe(name, () => {
    const tx = make()
    laws.gradientTransformation(tx, { test, runs: runs(30) })
    for (const e of entries) {
      if (typeof e === 'string') laws[e](tx, { test, runs: runs(30) })
      else if (e[0] === 'bounded') laws.bounded(tx, e[1], { test, runs: runs(30) })
      else laws[e[0]](tx, { test, runs: runs(30), ...e[1] })
    }
    test('reference and 16', () => {
      checkLaws(universal, tx, { engine: reference, runs: 8 })
      checkLaws(universal, tx, { params: halves, runs: 8, without: { lazyIsConcrete: 'x' } })
    })
  })
}
