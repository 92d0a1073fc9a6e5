import {
  add,
  atan2,
  cos,
  div,
  exp,
  less,
  mul,
  type Operand,
  pow,
  sin,
  sqrt,
  square,
  sub,
  sumSquares,
  type Value,
  where
} from '@gradchain/core'

/** A problem of least squares: f is the sum of the squared residuals, without a half. */
export interface LeastSquaresProblem {
  readonly name: string
  /** Its number in Moré, Garbow and Hillstrom (1981), `null` for none. */
  readonly number: number | null
  readonly start: readonly number[]
  /** The least value, and the values of minima that are not the least. */
  readonly minimum: number
  readonly localMinima: readonly number[]
  /** Numbers, or vectors of several. */
  readonly residuals: (x: readonly Operand[]) => readonly Operand[]
}

/** The sum of the squared residuals. */
export const lossOf =
  ({ residuals }: LeastSquaresProblem) =>
  (x: readonly Operand[]): Value =>
    total(residuals(x).map(sumSquares))

const total = (terms: readonly Operand[]): Value => terms.reduce<Value>((sum, term) => add(sum, term), 0)
const product = (terms: readonly Operand[]): Value => terms.reduce<Value>((all, term) => mul(all, term), 1)
const upTo = <T>(n: number, f: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => f(i + 1))
const vector = (n: number, f: (i: number) => number): Float64Array => Float64Array.from(upTo(n, f))
const at = (x: readonly Operand[], i: number): Operand => x[i - 1] ?? 0

/** exp(−t x) */
const decay = (t: Operand, x: Operand): Value => exp(mul(-1, mul(t, x)))

const rosenbrock = (a: Operand, b: Operand): Operand[] => [mul(10, sub(b, square(a))), sub(1, a)]

const powellSingular = (a: Operand, b: Operand, c: Operand, d: Operand): Operand[] => [
  add(a, mul(10, b)),
  mul(Math.sqrt(5), sub(c, d)),
  square(sub(b, mul(2, c))),
  mul(Math.sqrt(10), square(sub(a, d)))
]

const beale = [1.5, 2.25, 2.625]

const bard = Float64Array.of(
  ...[0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39]
)

const gaussian = Float64Array.of(
  ...[0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989, 0.3521, 0.242, 0.1295, 0.054, 0.0175, 0.0044],
  0.0009
)

const meyer = Float64Array.of(
  ...[34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872]
)

const kowalikY = Float64Array.of(
  ...[0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
)
const kowalikU = Float64Array.of(...[4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])

const osborne = Float64Array.of(
  ...[0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603],
  ...[0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411],
  0.406
)

const WATSON = 6

/** Σ (j − 1) xⱼ tʲ⁻² − (Σ xⱼ tʲ⁻¹)² − 1 */
const watson = (x: readonly Operand[]): Value => {
  const t = vector(29, (i) => i / 29)
  const powers = (exponent: number): Float64Array => t.map((base) => integerPower(base, exponent))
  const slope = total(
    x.map((xj, j) =>
      j === 0
        ? 0
        : mul(
            xj,
            powers(j - 1).map((power) => j * power)
          )
    )
  )
  const value = total(x.map((xj, j) => mul(xj, powers(j))))
  return sub(sub(slope, square(value)), 1)
}

const integerPower = (base: number, exponent: number): number =>
  Array.from({ length: exponent }, () => base).reduce((power, factor) => power * factor, 1)

/** T₁(y), …, Tₙ(y) */
const chebyshev = (y: Operand, n: number): Operand[] => {
  const found: Operand[] = []
  let [before, now]: [Operand, Operand] = [1, y]
  for (let i = 0; i < n; i++) {
    found.push(now)
    ;[before, now] = [now, sub(mul(mul(2, y), now), before)]
  }
  return found
}

const chebyquad = (x: readonly Operand[]): Operand[] => {
  const n = x.length
  const each = x.map((xj) => chebyshev(sub(mul(2, xj), 1), n))
  return upTo(n, (i) => {
    const mean = div(total(each.map((values) => at(values, i))), n)
    return i % 2 === 0 ? add(mean, 1 / (i * i - 1)) : mean
  })
}

/** The problems of Moré, Garbow and Hillstrom that are of any dimension here, and Himmelblau's. */
export const problems: readonly LeastSquaresProblem[] = [
  {
    name: 'rosenbrock',
    number: 1,
    start: [-1.2, 1],
    minimum: 0,
    localMinima: [],
    residuals: (x) => rosenbrock(at(x, 1), at(x, 2))
  },
  {
    name: 'freudenstein_roth',
    number: 2,
    start: [0.5, -2],
    minimum: 0,
    localMinima: [48.98425367924],
    residuals: (x) => {
      const [a, b] = [at(x, 1), at(x, 2)]
      return [add(sub(a, 13), mul(sub(mul(sub(5, b), b), 2), b)), add(sub(a, 29), mul(sub(mul(add(b, 1), b), 14), b))]
    }
  },
  {
    name: 'powell_badly_scaled',
    number: 3,
    start: [0, 1],
    minimum: 0,
    localMinima: [],
    residuals: (x) => [
      sub(mul(1e4, mul(at(x, 1), at(x, 2))), 1),
      sub(add(decay(1, at(x, 1)), decay(1, at(x, 2))), 1.0001)
    ]
  },
  {
    name: 'brown_badly_scaled',
    number: 4,
    start: [1, 1],
    minimum: 0,
    localMinima: [],
    residuals: (x) => [sub(at(x, 1), 1e6), sub(at(x, 2), 2e-6), sub(mul(at(x, 1), at(x, 2)), 2)]
  },
  {
    name: 'beale',
    number: 5,
    start: [1, 1],
    minimum: 0,
    localMinima: [],
    residuals: (x) => beale.map((y, i) => sub(y, mul(at(x, 1), sub(1, pow(at(x, 2), i + 1)))))
  },
  {
    name: 'himmelblau',
    number: null,
    start: [0, 0],
    minimum: 0,
    localMinima: [],
    residuals: (x) => [sub(add(square(at(x, 1)), at(x, 2)), 11), sub(add(at(x, 1), square(at(x, 2))), 7)]
  },
  {
    name: 'jennrich_sampson',
    number: 6,
    start: [0.3, 0.4],
    minimum: 124.36218235561,
    localMinima: [],
    residuals: (x) => {
      const i = vector(10, (k) => k)
      return [
        sub(
          i.map((k) => 2 + 2 * k),
          add(exp(mul(i, at(x, 1))), exp(mul(i, at(x, 2))))
        )
      ]
    }
  },
  {
    name: 'helical_valley',
    number: 7,
    start: [-1, 0, 0],
    minimum: 0,
    localMinima: [],
    residuals: (x) => {
      const [a, b, c] = [at(x, 1), at(x, 2), at(x, 3)]
      const turn = add(div(atan2(div(b, a), 1), 2 * Math.PI), where(less(a, 0), 0.5, 0))
      return [mul(10, sub(c, mul(10, turn))), mul(10, sub(sqrt(add(square(a), square(b))), 1)), c]
    }
  },
  {
    name: 'bard',
    number: 8,
    start: [1, 1, 1],
    minimum: 8.214877306579e-3,
    localMinima: [17.4286932692],
    residuals: (x) => {
      const u = vector(15, (i) => i)
      const v = vector(15, (i) => 16 - i)
      const w = vector(15, (i) => Math.min(i, 16 - i))
      return [sub(bard, add(at(x, 1), div(u, add(mul(v, at(x, 2)), mul(w, at(x, 3))))))]
    }
  },
  {
    name: 'gaussian',
    number: 9,
    start: [0.4, 1, 0],
    minimum: 1.1279327696189e-8,
    localMinima: [],
    residuals: (x) => {
      const t = vector(15, (i) => (8 - i) / 2)
      return [sub(mul(at(x, 1), decay(div(square(sub(t, at(x, 3))), 2), at(x, 2))), gaussian)]
    }
  },
  {
    name: 'meyer',
    number: 10,
    start: [0.02, 4000, 250],
    minimum: 87.945855170851,
    localMinima: [],
    residuals: (x) => [
      sub(
        mul(
          at(x, 1),
          exp(
            div(
              at(x, 2),
              add(
                vector(16, (i) => 45 + 5 * i),
                at(x, 3)
              )
            )
          )
        ),
        meyer
      )
    ]
  },
  {
    name: 'box_3d',
    number: 12,
    start: [0, 10, 20],
    minimum: 0,
    localMinima: [],
    residuals: (x) => {
      const t = vector(10, (i) => i / 10)
      return [sub(sub(decay(t, at(x, 1)), decay(t, at(x, 2))), mul(at(x, 3), sub(decay(t, 1), decay(t, 10))))]
    }
  },
  {
    name: 'powell_singular',
    number: 13,
    start: [3, -1, 0, 1],
    minimum: 0,
    localMinima: [],
    residuals: (x) => powellSingular(at(x, 1), at(x, 2), at(x, 3), at(x, 4))
  },
  {
    name: 'wood',
    number: 14,
    start: [-3, -1, -3, -1],
    minimum: 0,
    localMinima: [],
    residuals: (x) => {
      const [a, b, c, d] = [at(x, 1), at(x, 2), at(x, 3), at(x, 4)]
      return [
        ...rosenbrock(a, b),
        mul(Math.sqrt(90), sub(d, square(c))),
        sub(1, c),
        mul(Math.sqrt(10), sub(add(b, d), 2)),
        div(sub(b, d), Math.sqrt(10))
      ]
    }
  },
  {
    name: 'kowalik_osborne',
    number: 15,
    start: [0.25, 0.39, 0.415, 0.39],
    minimum: 3.0750560384924e-4,
    localMinima: [],
    residuals: (x) => {
      const squares = kowalikU.map((u) => u * u)
      const above = mul(at(x, 1), add(squares, mul(kowalikU, at(x, 2))))
      return [sub(kowalikY, div(above, add(add(squares, mul(kowalikU, at(x, 3))), at(x, 4))))]
    }
  },
  {
    name: 'brown_dennis',
    number: 16,
    start: [25, 5, -5, -1],
    minimum: 85822.201626356,
    localMinima: [],
    residuals: (x) => {
      const t = vector(20, (i) => i / 5)
      const first = sub(add(at(x, 1), mul(t, at(x, 2))), exp(t))
      const second = sub(add(at(x, 3), mul(at(x, 4), sin(t))), cos(t))
      return [add(square(first), square(second))]
    }
  },
  {
    name: 'osborne1',
    number: 17,
    start: [0.5, 1.5, -1, 0.01, 0.02],
    minimum: 5.4648946974826e-5,
    localMinima: [],
    residuals: (x) => {
      const t = vector(33, (i) => 10 * (i - 1))
      const [a, b] = [mul(at(x, 2), decay(t, at(x, 4))), mul(at(x, 3), decay(t, at(x, 5)))]
      return [sub(osborne, add(at(x, 1), add(a, b)))]
    }
  },
  {
    name: 'biggs_exp6',
    number: 18,
    start: [1, 2, 1, 1, 1, 1],
    minimum: 0,
    localMinima: [5.65565e-3],
    residuals: (x) => {
      const t = vector(13, (i) => i / 10)
      const y = add(sub(decay(t, 1), mul(5, decay(t, 10))), mul(3, decay(t, 4)))
      const model = sub(mul(at(x, 3), decay(t, at(x, 1))), mul(at(x, 4), decay(t, at(x, 2))))
      return [sub(add(model, mul(at(x, 6), decay(t, at(x, 5)))), y)]
    }
  },
  {
    name: 'watson_6',
    number: 20,
    start: upTo(WATSON, () => 0),
    minimum: 2.2876700535523e-3,
    localMinima: [],
    residuals: (x) => [watson(x), at(x, 1), sub(sub(at(x, 2), square(at(x, 1))), 1)]
  },
  {
    name: 'rosenbrock_10',
    number: 21,
    start: upTo(10, (i) => (i % 2 === 1 ? -1.2 : 1)),
    minimum: 0,
    localMinima: [],
    residuals: (x) => upTo(5, (k) => rosenbrock(at(x, 2 * k - 1), at(x, 2 * k))).flat()
  },
  {
    name: 'powell_singular_12',
    number: 22,
    start: [3, -1, 0, 1, 3, -1, 0, 1, 3, -1, 0, 1],
    minimum: 0,
    localMinima: [],
    residuals: (x) => [0, 4, 8].flatMap((k) => powellSingular(at(x, k + 1), at(x, k + 2), at(x, k + 3), at(x, k + 4)))
  },
  {
    name: 'penalty1_10',
    number: 23,
    start: upTo(10, (i) => i),
    minimum: 7.0876514670904e-5,
    localMinima: [],
    residuals: (x) => [...x.map((xi) => mul(Math.sqrt(1e-5), sub(xi, 1))), sub(total(x.map(square)), 0.25)]
  },
  {
    name: 'variably_dimensioned_10',
    number: 25,
    start: upTo(10, (i) => 1 - i / 10),
    minimum: 0,
    localMinima: [],
    residuals: (x) => {
      const s = total(x.map((xj, j) => mul(j + 1, sub(xj, 1))))
      return [...x.map((xi) => sub(xi, 1)), s, square(s)]
    }
  },
  {
    name: 'trigonometric_10',
    number: 26,
    start: upTo(10, () => 0.1),
    minimum: 0,
    localMinima: [2.79506e-5],
    residuals: (x) => {
      const cosines = x.map(cos)
      const rest = sub(x.length, total(cosines))
      return x.map((xi, i) => sub(add(rest, mul(i + 1, sub(1, cosines[i] ?? 0))), sin(xi)))
    }
  },
  {
    name: 'brown_almost_linear_10',
    number: 27,
    start: upTo(10, () => 0.5),
    minimum: 0,
    localMinima: [1],
    residuals: (x) => {
      const rest = sub(total(x), x.length + 1)
      return [...x.slice(0, -1).map((xi) => add(xi, rest)), sub(product(x), 1)]
    }
  },
  {
    name: 'discrete_boundary_10',
    number: 28,
    start: upTo(10, (i) => (i / 11) * (i / 11 - 1)),
    minimum: 0,
    localMinima: [],
    residuals: (x) => {
      const h = 1 / (x.length + 1)
      return x.map((xi, k) => {
        const bend = sub(sub(mul(2, xi), at(x, k)), at(x, k + 2))
        return add(bend, mul((h * h) / 2, pow(add(xi, h * (k + 1) + 1), 3)))
      })
    }
  },
  {
    name: 'broyden_tridiagonal_10',
    number: 30,
    start: upTo(10, () => -1),
    minimum: 0,
    localMinima: [],
    residuals: (x) =>
      x.map((xi, k) => {
        const own = add(mul(sub(3, mul(2, xi)), xi), 1)
        return sub(sub(own, at(x, k)), mul(2, at(x, k + 2)))
      })
  },
  {
    name: 'linear_full_rank_5_10',
    number: 32,
    start: upTo(5, () => 1),
    minimum: 5,
    localMinima: [],
    residuals: (x) => {
      const share = add(mul(2 / 10, total(x)), 1)
      return [...x.map((xi) => sub(xi, share)), ...upTo(5, () => mul(-1, share))]
    }
  },
  {
    name: 'chebyquad_8',
    number: 35,
    start: upTo(8, (j) => j / 9),
    minimum: 3.5168737256779e-3,
    localMinima: [],
    residuals: chebyquad
  }
]
