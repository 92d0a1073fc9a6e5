import type { GradientTransformation } from '@gradchain/core'
import type { AdamwState } from '../adamw.js'
import { createOptimizer } from './createOptimizer.js'

// The state is that of the optimizer.
export const tx: GradientTransformation<AdamwState> = createOptimizer({
  name: 'adamw',
  learningRate: (t: number) => 1 / (1 + t),
  weightDecay: 0.1
})

// @ts-expect-error -- there is no such optimizer
createOptimizer({ name: 'adamW', learningRate: 0.1 })
// @ts-expect-error -- adam has no such option
createOptimizer({ name: 'adam', learningRate: 0.1, beta1: 0.9 })
// @ts-expect-error -- adam needs a learning rate
createOptimizer({ name: 'adam' })
// @ts-expect-error -- an option is of another type
createOptimizer({ name: 'adam', learningRate: 0.1, b1: '0.9' })
// @ts-expect-error -- the learning rate of rprop is a number
createOptimizer({ name: 'rprop', learningRate: (t: number) => t })
