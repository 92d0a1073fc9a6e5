import type { EmptyState, GradientTransformation, Tree } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { type MomentumState, momentum, timesValue } from '../internal/testing/parts.js'
import { freeze } from '../selection/freeze.js'
import { type ApplyIfFiniteState, applyIfFinite } from './applyIfFinite.js'
import { type LookaheadState, lookahead } from './lookahead.js'
import { type MultiStepsState, multiSteps, type SkipState } from './multiSteps.js'
import { type SkipLargeUpdatesState, skipLargeUpdates } from './skipLargeUpdates.js'
import { type SkipNotFiniteState, skipNotFinite } from './skipNotFinite.js'

// The state is kept: that of the inner transformation, and what shouldSkip reports.
expectTypeOf(multiSteps(momentum(), 2)).toEqualTypeOf<
  GradientTransformation<MultiStepsState<MomentumState, SkipState>, unknown>
>()
expectTypeOf(multiSteps(momentum(), 2, { useGradMean: false })).toEqualTypeOf<
  GradientTransformation<MultiStepsState<MomentumState, SkipState>, unknown>
>()
expectTypeOf(multiSteps(timesValue(), (step) => step + 1, { shouldSkip: skipNotFinite })).toEqualTypeOf<
  GradientTransformation<MultiStepsState<EmptyState, SkipNotFiniteState>, { readonly value: number }>
>()
expectTypeOf(
  multiSteps(momentum(), 2, { shouldSkip: skipLargeUpdates(1) }).init({ w: 0 }).skipState
).toEqualTypeOf<SkipLargeUpdatesState>()
expectTypeOf(
  multiSteps(momentum(), 2, {
    shouldSkip: (updates, gradientStep, params) => {
      expectTypeOf(updates).toEqualTypeOf<Tree>()
      expectTypeOf(gradientStep).toEqualTypeOf<number>()
      expectTypeOf(params).toEqualTypeOf<Tree>()
      return { shouldSkip: false, at: gradientStep }
    }
  }).init({ w: 0 }).skipState.at
).toEqualTypeOf<number>()

// @ts-expect-error -- k is a number or a function
multiSteps(momentum(), '2')
// @ts-expect-error -- a decision is an object
multiSteps(momentum(), 2, { shouldSkip: () => true })
// @ts-expect-error -- there is no such option
multiSteps(momentum(), 2, { every: 3 })
// @ts-expect-error -- there is no such dtype
multiSteps(momentum(), 2, { accumulatorDtype: 'int8' })

expectTypeOf(lookahead(timesValue(), { syncPeriod: 2, slowStepSize: 0.5 })).toEqualTypeOf<
  GradientTransformation<LookaheadState<EmptyState>, { readonly value: number }>
>()
// @ts-expect-error -- slowStepSize is missing
lookahead(momentum(), { syncPeriod: 2 })

expectTypeOf(applyIfFinite(timesValue(), 2)).toEqualTypeOf<
  GradientTransformation<ApplyIfFiniteState<EmptyState>, { readonly value: number }>
>()
// @ts-expect-error -- how many errors is missing
applyIfFinite(momentum())

expectTypeOf(freeze({ w: true })).toEqualTypeOf<GradientTransformation<EmptyState>>()
