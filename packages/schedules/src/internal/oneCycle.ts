import { boolean, check, inClosedUnitInterval, oneOf, positiveInteger, type Requirement } from '@gradchain/core'
import type { InterpolateType, OneCycleStyle, Schedule } from '../types.js'
import { anInterpolateType, blends } from './interpolate.js'
import { leftOut } from './leftOut.js'

/** What the learning rate and the momentum of one cycle have in common; what is `undefined` is the style's own. */
export interface OneCycleShape {
  readonly totalSteps: number
  readonly style: OneCycleStyle
  readonly pctStart: number | undefined
  readonly annealUp: InterpolateType
  readonly annealDown: InterpolateType
  readonly threePhase: boolean | undefined
}

/** The value that each phase leads to, and the one before the first: a third phase has its own `last`. */
export interface OneCycleValues {
  readonly first: number
  readonly middle: number
  /** Reached at the end of a second phase that is not the last. */
  readonly again: number
  readonly last: number
}

/** The curve of one cycle; options outside their range are refused in the name of `owner`. */
export const oneCycle = (
  owner: string,
  shape: OneCycleShape,
  { first, middle, again, last }: OneCycleValues
): Schedule => {
  const { totalSteps, style, annealUp, annealDown } = shape
  const threePhase = shape.threePhase ?? false
  check(owner, { totalSteps }, positiveInteger)
  check(owner, { style }, oneOf('torch', 'fastai'))
  const pctStart = shape.pctStart ?? (style === 'torch' ? 0.3 : 0.25)
  check(owner, { annealUp, annealDown }, anInterpolateType)
  if (style === 'fastai') check(owner, { threePhase: shape.threePhase }, leftOut("where the style is 'fastai'"))
  check(owner, { threePhase }, boolean)
  check(owner, { pctStart }, threePhase ? inLowerHalf : inClosedUnitInterval)

  if (style === 'fastai') {
    return phases([
      { end: pctStart * totalSteps, from: first, to: middle, along: annealUp },
      { end: totalSteps, from: middle, to: last, along: annealDown }
    ])
  }
  // PyTorch counts the end of the first phase from 1: the last step of a phase is the one that reaches its value.
  const up = { end: pctStart * totalSteps - 1, from: first, to: middle, along: annealUp }
  const end = totalSteps - 1
  if (!threePhase) return phases([up, { end, from: middle, to: last, along: annealDown }])
  return phases([
    up,
    { end: 2 * pctStart * totalSteps - 2, from: middle, to: again, along: annealDown },
    { end, from: again, to: last, along: annealDown }
  ])
}

const inLowerHalf: Requirement = {
  what: 'in [0, 0.5] with three phases',
  holds: (value) => inClosedUnitInterval.holds(value) && (value as number) <= 0.5
}

interface Phase {
  readonly end: number
  readonly from: number
  readonly to: number
  readonly along: InterpolateType
}

/** One phase after the other; the last value is held. Where a phase ends before step 0, it is over at once. */
const phases = (all: readonly [Phase, ...Phase[]]): Schedule => {
  const last = all.reduce((_, { to }) => to, all[0].to)
  return (step) => {
    let begin = 0
    for (const { end, from, to, along } of all) {
      if (step < end) return blends[along](from, to, (step - begin) / (end - begin))
      begin = end
    }
    return last
  }
}
