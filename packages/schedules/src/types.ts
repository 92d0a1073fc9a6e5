/**
 * A value that depends on the step: a pure function of how many updates came before, 0 at the first.
 *
 * Steps may be fractional. As a type it is fp-ts's `Reader<number, number>`, so `Reader.map`, `Reader.local` and the
 * other functions of that module apply as they are.
 */
export type Schedule = (step: number) => number

/** A number that stays as it is, or a schedule. */
export type ScalarOrSchedule = number | Schedule

/** How a schedule moves between two knots: along a straight line, or along half a period of the cosine. */
export type InterpolateType = 'linear' | 'cosine'

/** Factors by the step from which they count, e.g. `{ 100: 0.1, 200: 0.5 }`: whole steps ≥ 0, finite factors ≥ 0. */
export type BoundariesAndScales = Readonly<Record<number, number>>

/** Whose one cycle it is, to the letter: PyTorch's `OneCycleLR`, or the `fit_one_cycle` of fastai. */
export type OneCycleStyle = 'torch' | 'fastai'
