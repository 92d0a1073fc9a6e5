import { type AnyGradientTransformation, chain } from '@gradchain/core'
import fc from 'fast-check'
import { test } from 'vitest'
import { scale } from '../../scaling/scale.js'
import { aCourse, expectDtypesKept, expectSame, refuses } from './courses.js'
import { SIX } from './goldens.js'

/** What is to be tried of a rule. */
export interface MomentLaws<Options> {
  /** Options with which it is odd in the gradient; none where it is not. */
  readonly odd?: fc.Arbitrary<Options>
  /** What its options are when nobody says anything. */
  readonly defaults: Options
  /** The options that are decay rates. */
  readonly decays: readonly (keyof Options & string)[]
  /** The options that are finite numbers ≥ 0. */
  readonly nonNegative: readonly (keyof Options & string)[]
}

/** What holds of every rule that keeps moments: its sign, its defaults, its dtypes, and what its numbers may be. */
export const momentLaws = <Options extends object>(
  name: string,
  make: (options?: Options) => AnyGradientTransformation,
  { odd, defaults, decays, nonNegative }: MomentLaws<Options>
): void => {
  test.runIf(odd !== undefined)('is odd in the gradient', () => {
    fc.assert(
      fc.property(aCourse(), odd ?? fc.constant(defaults), (course, options) =>
        expectSame(chain(scale(-1), make(options)), chain(make(options), scale(-1)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(make(defaults), make(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(make())
  })

  const row = (key: string, wanted: string, got: number): readonly [string, () => unknown] => [
    `${name}: ${key} must be ${wanted}, got ${got}`,
    // What the types allow is not what is tried here.
    () => make({ [key]: got } as Options)
  ]
  refuses([
    ...decays.flatMap((key) => [1, -0.1, Number.NaN].map((got) => row(key, 'in [0, 1)', got))),
    ...nonNegative.flatMap((key) => [-1, Infinity].map((got) => row(key, 'a finite number ≥ 0', got)))
  ])
}
