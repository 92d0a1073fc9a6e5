// Ours for each row of `data/halves.json`, with the options that keep what Optax keeps of 16-bit params.
import {
  type AnyGradientTransformation,
  adagrad,
  adam,
  adamax,
  adamw,
  clipByGlobalNorm,
  ema,
  nadam,
  rmsprop,
  sgd,
  trace
} from 'gradchain'

/** The dtypes of 16 bits. */
export type Half = 'bfloat16' | 'float16'

/** Our transformation for each name, for params of a dtype. */
export const halves: Readonly<Record<string, (half: Half) => AnyGradientTransformation>> = {
  sgd: () => sgd(0.0625),
  'sgd/momentum': (half) => sgd(0.0625, { momentum: 0.9, accumulatorDtype: half }),
  'sgd/momentum_float32': () => sgd(0.0625, { momentum: 0.9 }),
  trace: (half) => trace(0.75, { accumulatorDtype: half }),
  'trace/nesterov': (half) => trace(0.75, { nesterov: true, accumulatorDtype: half }),
  ema: (half) => ema(0.75, { accumulatorDtype: half }),
  adam: (half) => adam(0.0625, { muDtype: half, nuDtype: half }),
  'adam/b2': (half) => adam(0.0625, { b1: 0.75, b2: 0.9, muDtype: half, nuDtype: half }),
  'adam/mu_float32': (half) => adam(0.0625, { nuDtype: half }),
  adamw: (half) => adamw(0.0625, { weightDecay: 0.125, muDtype: half, nuDtype: half }),
  nadam: (half) => nadam(0.0625, { muDtype: half, nuDtype: half }),
  adamax: (half) => adamax(0.0625, { muDtype: half, nuDtype: half }),
  rmsprop: (half) => rmsprop(0.0625, { nuDtype: half }),
  adagrad: (half) => adagrad(0.0625, { accumulatorDtype: half }),
  clip_by_global_norm: () => clipByGlobalNorm(1)
}
