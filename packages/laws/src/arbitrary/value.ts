import fc from 'fast-check'

/**
 * Which numbers a law is about:
 *
 * - `'any'`: NaN and the infinities too
 * - `'finite'`: subnormals, huge numbers, both zeros
 * - `'moderate'`: at most 2³⁰ in size, so that squares, and their sums, stay finite in float32
 * - `'wellScaled'`: from 1 to 1024 in size, so that no epsilon matters
 * - `'dyadic'`: multiples of 1/8 from −8 to 8, whose sums and short products are exact
 */
export type Domain = 'any' | 'finite' | 'moderate' | 'wellScaled' | 'dyadic'

const zeros = fc.constantFrom(0, -0)
const ordinary = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -10, max: 10, noNaN: true }))
const tiny = fc.constantFrom(
  2 ** -149,
  -(2 ** -149),
  3 * 2 ** -149,
  1e-40,
  -(2 ** -126),
  5e-324,
  -1e-310,
  2 ** -133,
  2 ** -24
)
const huge = fc.constantFrom(
  3.4028234663852886e38,
  -3.4e38,
  1.9e19,
  -1.8e19,
  65504,
  1e30,
  1.7976931348623157e308,
  -1e155
)
const anySize = fc.double({ noNaN: true, noDefaultInfinity: true })
const moderate = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: -(2 ** 30), max: 2 ** 30, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 30, -(2 ** 30)) }
)
const special = fc.constantFrom(Number.NaN, Infinity, -Infinity)

const finite = fc.oneof(
  { weight: 4, arbitrary: ordinary },
  { weight: 2, arbitrary: zeros },
  { weight: 2, arbitrary: tiny },
  { weight: 2, arbitrary: huge },
  { weight: 2, arbitrary: anySize }
)

const signed = (size: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.tuple(fc.boolean(), size).map(([isNegative, x]) => (isNegative ? -x : x))

const domains: Readonly<Record<Domain, fc.Arbitrary<number>>> = {
  any: fc.oneof({ weight: 14, arbitrary: finite }, { weight: 1, arbitrary: special }),
  finite,
  moderate: fc.oneof(
    { weight: 4, arbitrary: ordinary },
    { weight: 2, arbitrary: zeros },
    { weight: 2, arbitrary: tiny },
    { weight: 2, arbitrary: moderate }
  ),
  wellScaled: signed(fc.double({ min: 1, max: 1024, noNaN: true })),
  dyadic: fc.integer({ min: -64, max: 64 }).map((n) => n / 8)
}

/**
 * Single numbers of a domain, its edges among them.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitrary.value('dyadic'), (x) => Number.isInteger(8 * x)))
 */
export const value = (domain: Domain = 'finite'): fc.Arbitrary<number> => domains[domain]
