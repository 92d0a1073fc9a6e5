import { type AnyGradientTransformation, chain, identity } from '@gradchain/core'
import { momentum, pullToZero, scaleBy, scaleByValue, shrinkByNorm } from '../internal/companions.js'
import { differentUpdates } from '../internal/emitted.js'
import { bare } from '../internal/erase.js'
import { observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'
import type { Law } from '../law.js'
import type { Trajectory } from '../trajectory.js'
import { universal } from '../universal/index.js'

/** What makes a transformation out of another. */
export type Wrapper = (inner: AnyGradientTransformation) => AnyGradientTransformation

/** A law about wrappers. */
export type WrapperLaw = Law<Wrapper, Trajectory>

const inners: readonly (() => AnyGradientTransformation)[] = [
  () => momentum(),
  identity,
  shrinkByNorm,
  pullToZero,
  () => bare(momentum()),
  () => chain(momentum(), shrinkByNorm(), pullToZero())
]

/** A law of transformations, for a wrapper around one of several. */
const around = (law: Law<AnyGradientTransformation, Trajectory>): WrapperLaw => ({
  ...law,
  sentence: `around any transformation, ${law.sentence}`,
  flaw: (wrap, trajectory, options) => {
    const choice = trajectory.choice ?? 0
    const inner = inners[choice % inners.length] ?? identity
    const rest = { ...trajectory, choice: Math.floor(choice / inners.length) }
    return law.flaw(wrap(inner()), rest, options)
  }
})

const over = { domain: 'any', minSteps: 1 } as const

/** A law of wrappers, on trajectories. */
const wrapperLaw = (name: string, sentence: string, flaw: WrapperLaw['flaw']): WrapperLaw => ({
  name,
  sentence,
  cases: transformationLaw(name, sentence, over, () => null).cases,
  flaw
})

/** A user's own pair of functions on arrays is as good as what `transformation` made. */
export const wrapsBarePairs = wrapperLaw(
  'wrapsBarePairs',
  'around a bare pair of functions it does what it does around a transformation',
  (wrap, trajectory) =>
    differentUpdates(observe(wrap(bare(momentum())), trajectory).updates, observe(wrap(momentum()), trajectory).updates)
)

/** What `update` is given beyond the params reaches the inside. */
export const passesExtraOn = wrapperLaw(
  'passesExtraOn',
  'what the inner transformation needs beyond the params reaches it',
  (wrap, trajectory) => {
    const value = (((trajectory.choice ?? 0) % 65) - 32) / 8
    const steps = trajectory.steps.map((step) => ({ ...step, extra: { ...(step.extra as object | undefined), value } }))
    return differentUpdates(
      observe(wrap(scaleByValue()), { ...trajectory, steps }).updates,
      observe(wrap(scaleBy(value)), { ...trajectory, steps }).updates
    )
  }
)

/** The laws of wrappers: the universal ones around any transformation, and their own. */
export const wrapper = {
  deterministic: around(universal.deterministic),
  argumentsUntouched: around(universal.argumentsUntouched),
  operandsUntouched: around(universal.operandsUntouched),
  noSharedBuffers: around(universal.noSharedBuffers),
  likeGradients: around(universal.likeGradients),
  stateKeepsForm: around(universal.stateKeepsForm),
  plainState: around(universal.plainState),
  finiteStaysFinite: around(universal.finiteStaysFinite),
  identityIsUnit: around(universal.identityIsUnit),
  chainIsAssociative: around(universal.chainIsAssociative),
  lazyIsConcrete: around(universal.lazyIsConcrete),
  enginesAgree: around(universal.enginesAgree),
  stepIsUpdateAndApply: around(universal.stepIsUpdateAndApply),
  transientIsStep: around(universal.transientIsStep),
  resumesFromSavedState: around(universal.resumesFromSavedState),
  keysGoByName: around(universal.keysGoByName),
  absentParamsRest: around(universal.absentParamsRest),
  wrapsBarePairs,
  passesExtraOn
} as const satisfies Readonly<Record<keyof typeof universal, WrapperLaw>> & Readonly<Record<string, WrapperLaw>>
