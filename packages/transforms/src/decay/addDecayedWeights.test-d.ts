import { type GradientTransformation, type Leaf, type Tree, tree } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { type AddDecayedWeightsState, addDecayedWeights } from './addDecayedWeights.js'

interface Params {
  readonly w: Float32Array
  readonly b: number
}
interface Marks {
  readonly w: boolean
  readonly b: boolean
}
const marks: Marks = { w: true, b: false }

// The state has one type, whatever the options.
type Decay = GradientTransformation<AddDecayedWeightsState>
expectTypeOf(addDecayedWeights()).toEqualTypeOf<Decay>()
expectTypeOf(addDecayedWeights((step) => step)).toEqualTypeOf<Decay>()
expectTypeOf(addDecayedWeights(0.1, { mask: false })).toEqualTypeOf<Decay>()
expectTypeOf(addDecayedWeights(0.1, { mask: { w: true, layers: [false, true] } })).toEqualTypeOf<Decay>()
expectTypeOf(addDecayedWeights(0.1, { mask: marks })).toEqualTypeOf<Decay>()

// A function may say what it takes its argument to be, and give a prefix.
addDecayedWeights(0.1, { mask: (params: Params) => ({ w: params.b > 0, b: false }) })
addDecayedWeights(0.1, { mask: (params: Tree<Leaf>) => tree.map((p) => typeof p !== 'number', params) })
addDecayedWeights(0.1, { mask: () => true })

// @ts-expect-error -- a mask holds booleans
addDecayedWeights(0.1, { mask: { w: 1 } })
// @ts-expect-error -- a mask holds booleans, one that a function makes too
addDecayedWeights(0.1, { mask: () => ({ w: 'yes' }) })
// @ts-expect-error -- a schedule gives numbers
addDecayedWeights(() => 'much')
