import { check, type EmptyState, type GradientTransformation, oneOf, withDefaults, withOrigin } from '@gradchain/core'
import { scaleByShape } from '@gradchain/matrix'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  MUON,
  type MuonFormOptions,
  type MuonFormState,
  muonForm,
  weightDimensionNumbers
} from './internal/muonForm.js'

/** Options of {@link muon}. */
export interface MuonOptions extends MuonFormOptions {
  /** The factor of a shape: 0.2 √max(out, in), √max(1, out / in), or √(out / in). @defaultValue `'match_rms_adamw'` */
  readonly adjustLrFn?: keyof typeof FACTORS
}

/** State of {@link muon}. */
export type MuonState = MuonFormState<EmptyState>

/**
 * timm's `Muon`: matrices by Muon, all else by AdamW. With `nesterov: true` it is `nmuon` of its factory.
 *
 *     partition({
 *       muon: chain(
 *         scaleByMuon({ coefficients: 'dion', debias: false, nesterov: false, eps: 1e-30, … }),
 *         scaleByShape({ adjustLr: 'matchRmsAdamw', … }),
 *         addDecayedWeights(weightDecay),
 *         scaleByLearningRate(learningRate)
 *       ),
 *       adamw: adamw(fallbackLrScale * learningRate, { b1, b2, eps, weightDecay })
 *     }, …)
 *
 * The coefficients are not Jordan's but five different triples, Nesterov's momentum is off, and the learning rate of 0.02 is that of AdamW too,
 * unless `fallbackLrScale` lowers it. A matrix is `[out, in, …]`, a kernel of a convolution flattened behind its first axis. To be one, it
 * must not have a length of 1 in its first two axes, nor fewer than 4 rows or columns, nor 128 times as many of one as of the other; `useMuon`
 * decides otherwise, as a param group's `use_muon` does. timm iterates in bfloat16 whatever the dtype, so that its updates are off in their
 * third digit; these are iterated in the dtype of the params, and are what timm gives when its cast is taken out. timm's `eps` is a floor for the
 * norm that the momentum is divided by, too: here a momentum that is shorter has updates like any other.
 *
 * timm's factory has a momentum of 0.9.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `0.02` by default.
 *
 * @example
 * const tx = timm.muon(0.1, { useMuon: () => true })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([1, 0, 0, 1]), [2, 2]) }
 * step(tx, grads, tx.init(params), params)[0].w.data // => Float64Array [-0.02…, 0, 0, -0.02…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const muon = (
  learningRate: ScalarOrSchedule = 0.02,
  options: MuonOptions = {}
): GradientTransformation<MuonState> => {
  const owner = 'timm.muon'
  const { adjustLrFn, ...rest } = withDefaults<Required<MuonOptions>>(owner, options, {
    ...MUON,
    adjustLrFn: 'match_rms_adamw'
  })
  check(owner, { adjustLrFn }, oneOf('match_rms_adamw', 'original', 'rms_to_rms'))
  return withOrigin(
    ['timm.muon', learningRate, { ...options }],
    muonForm(owner, learningRate, rest, scaleByShape({ adjustLr: FACTORS[adjustLrFn], weightDimensionNumbers }))
  )
}

const FACTORS = { match_rms_adamw: 'matchRmsAdamw', original: 'original', rms_to_rms: 'rmsToRms' } as const
