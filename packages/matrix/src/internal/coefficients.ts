import { check, InvalidOption, type Requirement, show } from '@gradchain/core'

/** The coefficients a, b, c of one step X ← a X + b (X Xᵀ) X + c (X Xᵀ)² X. */
export type Quintic = readonly [a: number, b: number, c: number]

/** Known lists of coefficients. */
export const COEFFICIENTS = {
  jordan: [[3.4445, -4.775, 2.0315]],
  dion: [
    [4.0848, -6.8946, 2.927],
    [3.9505, -6.3029, 2.6377],
    [3.7418, -5.5913, 2.3037],
    [2.8769, -3.1427, 1.2046],
    [2.8366, -3.0525, 1.2012]
  ],
  // Amsel et al. (2025), with a margin of 1 % for singular values that rounding puts above 1.
  polarExpress: [
    [8.237312490495555, -23.157747414558198, 16.680568411445915],
    [4.082441999064835, -2.893047735332586, 0.5252849256975648],
    [3.9263479922546582, -2.8547468034765298, 0.5318022422894988],
    [3.2982187133085143, -2.424541981026706, 0.48632008358844075],
    [2.2970369434552573, -1.63662558125903, 0.4002628455953627],
    [1.8763805351440397, -1.2347896577722228, 0.35891887501668385],
    [1.8564423485617974, -1.2132449880935525, 0.3568003487825883],
    [1.8749994008682747, -1.2499988017229169, 0.3749994008546422]
  ],
  // The same with a margin of 2 %, for iterations in 16 bits.
  polarExpressSafer: [
    [8.156554524902461, -22.48329292557795, 15.878769915207462],
    [4.0429299351667245, -2.808917465908704, 0.5000178451051299],
    [3.8916678022926563, -2.7724841532176825, 0.5060648178503389],
    [3.285753657755658, -2.3681294933425394, 0.46449024233003117],
    [2.3005307116270983, -1.6111665557258408, 0.3833374427545273],
    [1.8631210546382593, -1.2042160621002727, 0.3421879560523383],
    [1.8382572152247512, -1.1779263289537742, 0.3396513038637379],
    [1.8749999923301852, -1.2499999836060613, 0.374999991275876]
  ]
} as const satisfies Readonly<Record<string, readonly Quintic[]>>

/** One triple for all steps, one for each, or a list that is known by its name. */
export type Coefficients = Quintic | readonly Quintic[] | keyof typeof COEFFICIENTS

const isQuintic = (value: unknown): value is Quintic =>
  Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)

const isList = (value: unknown): value is readonly Quintic[] =>
  Array.isArray(value) && value.length > 0 && value.every(isQuintic)

const isKnown = (value: unknown): value is keyof typeof COEFFICIENTS =>
  typeof value === 'string' && Object.hasOwn(COEFFICIENTS, value)

const aSetOfCoefficients: Requirement = {
  what: `three numbers, a list of such triples, or one of ${Object.keys(COEFFICIENTS).map(show).join(', ')}`,
  holds: (value) => isKnown(value) || isQuintic(value) || isList(value)
}

/** The coefficients of each of so many steps: of a list that is too short the last are repeated, of one too long the rest is left. */
export const coefficientsOf = (owner: string, coefficients: Coefficients, steps: number): readonly Quintic[] => {
  check(owner, { coefficients }, aSetOfCoefficients)
  const list: readonly Quintic[] = isKnown(coefficients)
    ? COEFFICIENTS[coefficients]
    : isQuintic(coefficients)
      ? [coefficients]
      : coefficients
  return Array.from({ length: steps }, (_, i) => {
    const quintic = list[Math.min(i, list.length - 1)]
    if (quintic === undefined) throw new InvalidOption(`${owner}: coefficients must not be empty`)
    return quintic
  })
}
