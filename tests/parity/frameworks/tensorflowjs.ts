// The functions of `tensorflowjs` for each expression of `generate_tfjs.mjs`.
import { tensorflowjs } from '@gradchain/frameworks'
import type { Rows } from './rows.js'

export const rows: Rows = {
  cases: {
    sgd: () => tensorflowjs.sgd(0.1),
    momentum: () => tensorflowjs.momentum(0.1, 0.9),
    'momentum/nesterov': () => tensorflowjs.momentum(0.1, 0.8, { useNesterov: true }),
    adagrad: () => tensorflowjs.adagrad(0.1),
    'adagrad/initial': () => tensorflowjs.adagrad(0.1, { initialAccumulatorValue: 0.5 }),
    adadelta: () => tensorflowjs.adadelta(),
    'adadelta/options': () => tensorflowjs.adadelta(0.1),
    adam: () => tensorflowjs.adam(),
    'adam/options': () => tensorflowjs.adam(0.1, { beta1: 0.8, beta2: 0.95, epsilon: 0.01 }),
    adamax: () => tensorflowjs.adamax(),
    'adamax/options': () => tensorflowjs.adamax(0.1, { beta1: 0.8, beta2: 0.9, epsilon: 0.01, decay: 0.3 }),
    rmsprop: () => tensorflowjs.rmsprop(0.01),
    'rmsprop/options': () => tensorflowjs.rmsprop(0.1, { decay: 0.8, momentum: 0.9, epsilon: 0.01 })
  },
  schedules: {},
  deviations: {}
}
