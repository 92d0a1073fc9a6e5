import {
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  identity,
  oneOf,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type ScaleByMuonRmsState, scaleByMuonRms, scaleByShape } from '@gradchain/matrix'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { namedBetas } from '../internal/adamOrAmsgrad.js'
import {
  MUON,
  type MuonFormOptions,
  type MuonFormState,
  muonForm,
  weightDimensionNumbers
} from './internal/muonForm.js'

/** Options of {@link adamuon}. */
export interface AdamuonOptions extends MuonFormOptions {
  /** What an update is brought to: a root mean square of 0.2, or √(out / in) times what the mean squares leave. @defaultValue `'match_rms_adamw'` */
  readonly adjustLrFn?: 'match_rms_adamw' | 'rms_to_rms'
}

/** State of {@link adamuon}. */
export type AdamuonState = MuonFormState<readonly [ScaleByMuonRmsState, EmptyState]>

/**
 * timm's `Muon(algo='adamuon')`, `adamuon` of its factory; with `nesterov: true` it is `nadamuon`.
 *
 *     partition({
 *       muon: chain(
 *         scaleByMuon({ coefficients: 'dion', debias: false, nesterov: false, eps: 1e-30, … }),
 *         scaleByMuonRms({ per: 'element', b2, eps, rms: 0.2 }),
 *         addDecayedWeights(weightDecay),
 *         scaleByLearningRate(learningRate)
 *       ),
 *       adamw: adamw(fallbackLrScale * learningRate, { b1, b2, eps, weightDecay })
 *     }, …)
 *
 * The mean squares are not made up for their start, and the first step is one of signs: ±0.2 α everywhere. With `'rms_to_rms'` they are made
 * up for it. β₂ is that of AdamW. Kernels of convolutions are not brought to the same root mean square in timm, as it looks at their last two
 * axes alone; here they are. For all else see {@link muon}.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `0.02` by default.
 *
 * @example
 * const tx = timm.adamuon(0.1, { useMuon: () => true })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([3, 1, 1, 2]), [2, 2]) }
 * step(tx, grads, tx.init(params), params)[0].w.data // => Float64Array [-0.0200…, 0.0199…, 0.0199…, -0.0200…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const adamuon = (
  learningRate: ScalarOrSchedule = 0.02,
  options: AdamuonOptions = {}
): GradientTransformation<AdamuonState> => {
  const owner = 'timm.adamuon'
  const { adjustLrFn, ...rest } = withDefaults<Required<AdamuonOptions>>(owner, options, {
    ...MUON,
    adjustLrFn: 'match_rms_adamw'
  })
  check(owner, { adjustLrFn }, oneOf('match_rms_adamw', 'rms_to_rms'))
  const isMatched = adjustLrFn === 'match_rms_adamw'
  const { b2 } = namedBetas(owner, rest.betas)
  const { eps } = rest
  const scaling = chain(
    scaleByMuonRms({
      per: 'element',
      b2,
      eps,
      debias: !isMatched,
      rms: isMatched ? 0.2 : null,
      weightDimensionNumbers
    }),
    isMatched ? identity() : scaleByShape({ adjustLr: 'rmsToRms', weightDimensionNumbers })
  )
  return withOrigin(['timm.adamuon', learningRate, { ...options }], muonForm(owner, learningRate, rest, scaling))
}
