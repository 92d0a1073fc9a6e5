import { adam, applyEvery, chain, ema, trace } from 'gradchain'
import type { Cases } from './shared.js'

/** Sums and means of updates. */
export const accumulation: Cases = {
  trace: () => trace(0.9),
  'trace/nesterov': () => trace(0.9, { nesterov: true }),
  'trace/zero_decay': () => trace(0),
  'trace/accumulator_float32': () => trace(0.9, { accumulatorDtype: 'float32' }),
  'trace/accumulator_bfloat16': () => trace(0.9, { accumulatorDtype: 'bfloat16' }),
  ema: () => ema(0.9),
  'ema/no_debias': () => ema(0.9, { debias: false }),
  'ema/accumulator_float32': () => ema(0.9, { accumulatorDtype: 'float32' }),
  'ema/accumulator_bfloat16': () => ema(0.9, { accumulatorDtype: 'bfloat16' }),
  apply_every: () => applyEvery(),
  'apply_every/three': () => chain(adam(0.1), applyEvery(3))
}
