import fc from 'fast-check'

/**
 * Decay rates: in [0, 1), 0 and the number just below 1 among them.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitrary.decayRate(), (b1) => b1 >= 0 && b1 < 1))
 */
export const decayRate = (): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 1 - 2 ** -53),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  )

/**
 * Numbers above 0 of every practical size.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitrary.positive(), (eps) => eps > 0 && Number.isFinite(eps)))
 */
export const positive = (): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(1e-12, 1e-8, 1e-3, 0.1, 1, 2, 100), fc.double({ min: 1e-12, max: 1e6, noNaN: true }))

/**
 * Counts of steps: from 1, mostly small.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitrary.stepCount(), (k) => Number.isInteger(k) && k >= 1))
 */
export const stepCount = (most = 8): fc.Arbitrary<number> => fc.integer({ min: 1, max: most })

/**
 * Steps of a schedule: 0, small ones, and all the way up to the largest whole number that counts.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitrary.step(), (step) => Number.isSafeInteger(step) && step >= 0))
 */
export const step = (): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.nat(200) },
    { weight: 2, arbitrary: fc.nat(1_000_000) },
    { weight: 1, arbitrary: fc.nat(Number.MAX_SAFE_INTEGER) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER) }
  )
