import {
  adam,
  chain,
  greater,
  injectHyperparams,
  measureWithEma,
  monitor,
  reduceOnPlateau,
  type StatefulMeasure,
  scaleByAdam,
  sgd,
  snapshot,
  type Tree,
  trace,
  tree,
  type Value
} from 'gradchain'
import { type Cases, cosine, emit, linear, pending, type WithValue } from './shared.js'

/** `Following(0.1)` of generate.py: a rate that moves halfway to the value of the loss. */
const following = {
  init: () => ({ rate: 1 }),
  value: ({ rate }: { readonly rate: number }) => 0.1 * rate,
  update: ({ rate }: { readonly rate: number }, { value }: WithValue) => ({ rate: (rate + value) / 2 })
}

const norm = (updates: Tree) => tree.norm(updates)

/** Multiplies the updates by what is measured of them. */
const timesMean = <S>(mean: StatefulMeasure<S, Value>) =>
  emit(monitor({ mean }), (updates, { measurements }) => tree.scale(pending(measurements.mean), updates))

/** What follows the run and can be read or set in between. */
export const running: Cases = {
  inject_hyperparams: () =>
    injectHyperparams(({ learningRate, momentum }) => sgd(learningRate, { momentum }), {
      learningRate: 0.1,
      momentum: 0.9
    }),
  'inject_hyperparams/schedules': () =>
    injectHyperparams(({ learningRate, b1, b2 }) => adam(learningRate, { b1, b2 }), {
      learningRate: cosine,
      b1: linear,
      b2: 0.99
    }),
  'inject_hyperparams/stateful': () =>
    injectHyperparams(({ learningRate, momentum }) => sgd(learningRate, { momentum }), {
      learningRate: following,
      momentum: 0.9
    }),
  'inject_hyperparams/hyperparams': () =>
    emit(
      injectHyperparams(({ learningRate }) => sgd(learningRate), { learningRate: linear }),
      (updates, { hyperparams }) => tree.scale(hyperparams.learningRate, updates)
    ),
  reduce_on_plateau: () => reduceOnPlateau(),
  'reduce_on_plateau/patience': () => reduceOnPlateau({ patience: 2 }),
  'reduce_on_plateau/factor': () => reduceOnPlateau({ factor: 0.5, patience: 1 }),
  'reduce_on_plateau/rtol': () => reduceOnPlateau({ patience: 1, rtol: 0.2 }),
  'reduce_on_plateau/atol': () => reduceOnPlateau({ patience: 1, rtol: 0, atol: 0.6 }),
  'reduce_on_plateau/cooldown': () => reduceOnPlateau({ factor: 0.5, patience: 1, cooldown: 2 }),
  'reduce_on_plateau/accumulation_size': () => reduceOnPlateau({ factor: 0.5, patience: 1, accumulationSize: 2 }),
  'reduce_on_plateau/min_scale': () => reduceOnPlateau({ factor: 0.5, patience: 1, minScale: 0.2 }),
  'reduce_on_plateau/all': () =>
    chain(
      adam(0.1),
      reduceOnPlateau({
        factor: 0.3,
        patience: 2,
        rtol: 0.05,
        atol: 0.01,
        cooldown: 1,
        accumulationSize: 2,
        minScale: 0.01
      })
    ),
  snapshot: () => snapshot('norm', norm),
  'snapshot/measurement': () =>
    emit(snapshot('norm', norm), (updates, { measurement }) => tree.scale(pending(measurement.norm), updates)),
  'snapshot/tree': () =>
    emit(
      chain(
        snapshot('raw', (updates) => updates),
        scaleByAdam()
      ),
      (_, [{ measurement }]) => measurement.raw
    ),
  monitor: () => monitor({ norm }),
  'monitor/measurements': () =>
    emit(monitor({ norm, moved: trace(0.9) }), (_, { measurements }) =>
      tree.scale(pending(measurements.norm), measurements.moved)
    ),
  measure_with_ema: () => timesMean(measureWithEma(norm, 0.9)),
  'measure_with_ema/no_debias': () => timesMean(measureWithEma(norm, 0.5, { debias: false })),
  'measure_with_ema/accumulator_float32': () => timesMean(measureWithEma(norm, 0.9, { accumulatorDtype: 'float32' })),
  'measure_with_ema/is_clipped': () => timesMean(measureWithEma((updates) => greater(norm(updates), 5), 0.8))
}
