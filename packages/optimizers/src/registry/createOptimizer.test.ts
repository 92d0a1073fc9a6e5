import { step } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { adafactor } from '../adafactor.js'
import { adamw } from '../adamw.js'
import { polyakSgd } from '../polyakSgd.js'
import { createOptimizer } from './createOptimizer.js'
import { optimizers } from './optimizers.js'

const params = { w: [4, -2] }
const grads = { w: [3, 0.5] }

/** What has no default, by optimizer. */
const REQUIRED: Readonly<Record<string, object>> = {
  dpsgd: { l2NormClip: 1, noiseMultiplier: 1, key: 1 },
  noisySgd: { key: 1 }
}

describe('createOptimizer', () => {
  test('is the optimizer of the name with these arguments', () => {
    const tx = createOptimizer({ name: 'adamw', learningRate: 0.1, weightDecay: 0.5, b1: 0.5 })
    const same = adamw(0.1, { weightDecay: 0.5, b1: 0.5 })
    const [a, b] = [step(tx, grads, tx.init(params), params)[0], step(same, grads, same.init(params), params)[0]]
    expect(a.w.every((x, i) => Object.is(x, b.w[i]))).toBe(true)
  })

  test('a learning rate that has a default can be left out', () => {
    const tx = createOptimizer({ name: 'adafactor', minDimSizeToFactor: 2 })
    const same = adafactor(undefined, { minDimSizeToFactor: 2 })
    const [a, b] = [step(tx, grads, tx.init(params), params)[0], step(same, grads, same.init(params), params)[0]]
    expect(a.w.every((x, i) => Object.is(x, b.w[i]))).toBe(true)
  })

  test('an optimizer without a learning rate is given its options alone', () => {
    const tx = createOptimizer({ name: 'polyakSgd', maxLearningRate: 0.25 })
    const same = polyakSgd({ maxLearningRate: 0.25 })
    const value = { value: 10 }
    const a = tx.update(grads, tx.init(params), params, value)[0]
    const b = same.update(grads, same.init(params), params, value)[0]
    expect(a.w.every((x, i) => Object.is(x, b.w[i]))).toBe(true)
  })

  test.each(Object.keys(optimizers))('%s is made from a configuration that was JSON', (name) => {
    const rate = name === 'polyakSgd' ? {} : { learningRate: 0.1 }
    const tx = createOptimizer(JSON.parse(JSON.stringify({ name, ...rate, ...REQUIRED[name] })))
    expect(typeof tx.init).toBe('function')
  })

  const parsed = (text: string) => () => createOptimizer(JSON.parse(text))

  test.each([
    ['{ "name": "AdamW" }', /got "AdamW"; did you mean "adamw"\?$/],
    ['{ "name": "rms_prop" }', /did you mean "rmsprop"\?$/],
    [
      '{ "name": "adma" }',
      /^createOptimizer: name must be one of "accSgd", "acprop", .*"yogi", got "adma"; did you mean "adam"\?$/
    ],
    ['{ "name": "optimistic-adam" }', /did you mean "optimisticAdam"\?$/],
    ['{ "name": "lbfgs" }', /"yogi", got "lbfgs"$/],
    ['{ "name": "toString" }', /got "toString"$/],
    ['{ "name": 3 }', /got 3$/],
    ['{}', /got undefined$/],
    ['null', /^createOptimizer: the configuration must be an object, got null$/],
    ['[]', /^createOptimizer: the configuration must be an object, got \[\]$/],
    ['{ "name": "adam", "learningRate": 0.1, "beta1": 0.9 }', /^adam: there is no option beta1; there are b1, b2, eps/],
    ['{ "name": "adam", "learningRate": "0.1" }', /^scaleByLearningRate: learningRate must be /],
    ['{ "name": "adam" }', /^scaleByLearningRate: learningRate must be .* got undefined$/],
    ['{ "name": "signSgd", "learningRate": 0.1, "b1": 0 }', /^signSgd: there is no option b1; there is learningRate$/],
    ['{ "name": "polyakSgd", "learningRate": 0.1 }', /^polyakSgd: there is no option learningRate/]
  ])('refuses %s', (text, message) => {
    expect(parsed(text)).toThrow(message)
  })
})
