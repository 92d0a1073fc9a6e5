import type { GradientTransformation } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import type { AddDecayedWeightsState } from '../decay/addDecayedWeights.js'
import { addDecayedWeightsByLabel } from '../decay/addDecayedWeightsByLabel.js'
import { type ScaleByLabelState, scaleByLabel } from './scaleByLabel.js'

interface LabelsOfModel {
  readonly w: 'slow' | 'fast'
  readonly b: 'slow'
}
declare const labels: LabelsOfModel

// Labels may be a tree, one whose type is an interface, or a function of the params.
expectTypeOf(scaleByLabel({ slow: 1, fast: (step) => step }, { w: 'fast', b: 'slow' })).toEqualTypeOf<
  GradientTransformation<ScaleByLabelState>
>()
expectTypeOf(scaleByLabel({ slow: 1, fast: 2 }, labels)).toEqualTypeOf(scaleByLabel({ a: 1 }, 'a'))
expectTypeOf(scaleByLabel({ a: 1 }, (params: { readonly w: number }) => (params.w > 0 ? 'a' : 'a'))).toEqualTypeOf(
  scaleByLabel({ a: 1 }, 'a')
)
expectTypeOf(addDecayedWeightsByLabel({ slow: 1, fast: (step) => step }, labels)).toEqualTypeOf<
  GradientTransformation<AddDecayedWeightsState>
>()

// @ts-expect-error -- a factor is a number or a schedule
scaleByLabel({ a: '1' }, 'a')
// @ts-expect-error -- labels are texts
scaleByLabel({ a: 1 }, { w: 1 })
// @ts-expect-error -- labels are needed
addDecayedWeightsByLabel({ a: 1 })
