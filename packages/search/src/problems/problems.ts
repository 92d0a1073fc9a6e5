import {
  add,
  castLike,
  check,
  cos,
  dot,
  exp,
  force,
  InvalidOption,
  type Key,
  keyOrSeed,
  type Leaf,
  matmul,
  mean,
  mul,
  ndarray,
  nonNegative,
  type Operand,
  orNull,
  positiveInteger,
  type Requirement,
  random,
  required,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Value,
  withDefaults
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { qr } from '@gradchain/matrix'
import { atLeast } from '../internal/requirements.js'

/** A function whose minimum is known, to try optimizers on. */
export interface Problem {
  /** What it is called, with what it was made of. */
  readonly name: string
  /** How many numbers it is a function of. */
  readonly dimension: number
  /** The function, of a vector of that length: an expression, so that there are gradients of it. */
  readonly f: (x: Operand) => Value
  /** What an optimizer sees of it at a step: the same, but for noise. */
  readonly at: (x: Operand, step: number) => Value
  /** Where one usually begins. */
  readonly start: Float64Array
  /** The box that is usually searched. */
  readonly bounds: { readonly lower: number; readonly upper: number }
  /** The lowest value. */
  readonly minimum: number
  /** Where it is lowest: all such places. */
  readonly minimizers: readonly Float64Array[]
}

const aboveOrOne: Requirement = {
  what: 'a finite number ≥ 1',
  holds: (value) => typeof value === 'number' && value >= 1 && value < Infinity
}

type Made = Omit<Problem, 'at' | 'dimension'>

const problem = (made: Made): Problem => ({ ...made, dimension: made.start.length, at: made.f })

const filled = (length: number, value: number): Float64Array => new Float64Array(length).fill(value)

/** One element of a vector, as a lazy scalar. */
const element = (x: Operand, i: number, length: number): Value => {
  const unit = new Float64Array(length)
  unit[i] = 1
  return dot(castLike(unit, x), x)
}

/** The vector without its first or its last element, as a column. */
const shifted = (x: Operand, by: 0 | 1, length: number): Value => {
  const picks = new Float64Array((length - 1) * length)
  for (let i = 0; i < length - 1; i++) picks[i * length + i + by] = 1
  return matmul(castLike(ndarray(picks, [length - 1, length]), x), reshape(x, [length, 1]))
}

const rosenbrock = (dimension = 2): Problem => {
  check('rosenbrock', { dimension }, atLeast(2))
  return problem({
    name: `rosenbrock ${dimension}`,
    f: (x) => {
      const [before, after] = [shifted(x, 0, dimension), shifted(x, 1, dimension)]
      return sum(add(mul(100, square(sub(after, square(before)))), square(sub(1, before))))
    },
    start: Float64Array.from({ length: dimension }, (_, i) => (i % 2 === 0 ? -1.2 : 1)),
    bounds: { lower: -5, upper: 10 },
    minimum: 0,
    minimizers: [filled(dimension, 1)]
  })
}

const rastrigin = (dimension = 2): Problem => {
  check('rastrigin', { dimension }, positiveInteger)
  return problem({
    name: `rastrigin ${dimension}`,
    f: (x) => sum(add(10, sub(square(x), mul(10, cos(mul(2 * Math.PI, x)))))),
    start: filled(dimension, 2.2),
    bounds: { lower: -5.12, upper: 5.12 },
    minimum: 0,
    minimizers: [filled(dimension, 0)]
  })
}

const ackley = (dimension = 2): Problem => {
  check('ackley', { dimension }, positiveInteger)
  return problem({
    name: `ackley ${dimension}`,
    f: (x) => {
      const far = mul(-20, exp(mul(-0.2, sqrt(mean(square(x))))))
      return add(sub(far, exp(mean(cos(mul(2 * Math.PI, x))))), 20 + Math.E)
    },
    start: filled(dimension, 2.7),
    bounds: { lower: -32.768, upper: 32.768 },
    minimum: 0,
    minimizers: [filled(dimension, 0)]
  })
}

const beale = (): Problem =>
  problem({
    name: 'beale',
    f: (v) => {
      const [x, y] = [element(v, 0, 2), element(v, 1, 2)]
      const term = (constant: number, power: Value) => square(add(constant, mul(x, sub(power, 1))))
      const y2 = square(y)
      return add(add(term(1.5, y), term(2.25, y2)), term(2.625, mul(y, y2)))
    },
    start: Float64Array.of(1, 1),
    bounds: { lower: -4.5, upper: 4.5 },
    minimum: 0,
    minimizers: [Float64Array.of(3, 0.5)]
  })

const himmelblau = (): Problem =>
  problem({
    name: 'himmelblau',
    f: (v) => {
      const [x, y] = [element(v, 0, 2), element(v, 1, 2)]
      return add(square(sub(add(square(x), y), 11)), square(sub(add(x, square(y)), 7)))
    },
    start: Float64Array.of(0, 0),
    bounds: { lower: -5, upper: 5 },
    minimum: 0,
    minimizers: [
      Float64Array.of(3, 2),
      Float64Array.of(-2.805118086952745, 3.131312518250573),
      Float64Array.of(-3.779310253377747, -3.28318599128617),
      Float64Array.of(3.584428340330492, -1.848126526964404)
    ]
  })

/** Where x⁴ − 16 x² + 5 x is lowest, and its half there. */
const LOWEST = { at: -2.903534027771177, value: -39.16616570377142 }

const styblinskiTang = (dimension = 2): Problem => {
  check('styblinskiTang', { dimension }, positiveInteger)
  return problem({
    name: `styblinskiTang ${dimension}`,
    f: (x) => {
      const squares = square(x)
      return mul(0.5, sum(add(sub(square(squares), mul(16, squares)), mul(5, x))))
    },
    start: filled(dimension, -1),
    bounds: { lower: -5, upper: 5 },
    minimum: dimension * LOWEST.value,
    minimizers: [filled(dimension, LOWEST.at)]
  })
}

/** Options of `problems.quadratic`. */
export interface QuadraticOptions {
  /** How many numbers it is a function of, a whole number ≥ 1. @defaultValue `10` */
  readonly dimension?: number | undefined
  /** The largest curvature by the least, a number ≥ 1. @defaultValue `100` */
  readonly condition?: number | undefined
  /** A key or the seed of one, by which it is turned at random; `null` leaves its axes those of the params. @defaultValue `null` */
  readonly rotation?: Key | number | null | undefined
}

const quadratic = (options: QuadraticOptions = {}): Problem => {
  const { dimension, condition, rotation } = withDefaults<Required<QuadraticOptions>>('quadratic', options, {
    dimension: 10,
    condition: 100,
    rotation: null
  }) as { dimension: number; condition: number; rotation: Key | number | null }
  check('quadratic', { dimension }, positiveInteger)
  check('quadratic', { condition }, aboveOrOne)
  check('quadratic', { rotation }, orNull(keyOrSeed))
  const curvatures = Float64Array.from({ length: dimension }, (_, i) =>
    dimension === 1 ? 1 : pow(condition, i / (dimension - 1))
  )
  const turned =
    rotation === null ? null : orthogonal(dimension, typeof rotation === 'number' ? random.key(rotation) : rotation)
  return problem({
    name: `quadratic ${dimension}, condition ${condition}${turned === null ? '' : ', turned'}`,
    f: (x) => {
      const own = turned === null ? x : reshape(matmul(castLike(turned, x), reshape(x, [dimension, 1])), [dimension])
      return mul(0.5, dot(castLike(curvatures, x), square(own)))
    },
    start: filled(dimension, 1),
    bounds: { lower: -5, upper: 5 },
    minimum: 0,
    minimizers: [filled(dimension, 0)]
  })
}

/** A random orthogonal matrix. */
const orthogonal = (n: number, key: Key): Leaf => force(qr(random.normal(key, [n, n], { dtype: 'float64' })).q) as Leaf

/** Options of `problems.noisy`. */
export interface NoisyOptions {
  /** The deviation of the noise, in the value and in each element of the gradient: a finite number ≥ 0. */
  readonly deviation: number
  /** Where the noise comes from: a key, or the seed of one. */
  readonly key: Key | number
}

const noisy = (of: Problem, options: NoisyOptions): Problem => {
  const { deviation, key } = withDefaults<NoisyOptions>('noisy', options, { deviation: required, key: required })
  check('noisy', { deviation }, nonNegative)
  check('noisy', { key }, keyOrSeed)
  if (typeof of?.f !== 'function') throw new InvalidOption('noisy: the problem must be one of problems, got none')
  const root = typeof key === 'number' ? random.key(key) : key
  return {
    ...of,
    name: `${of.name}, noise ${deviation}`,
    at: (x, step) => {
      const draws = random.normal(random.foldIn(root, step), [of.dimension + 1], { dtype: 'float64' }).data
      const tilt = dot(castLike(draws.slice(1), x), x)
      return add(of.at(x, step), mul(deviation, add(draws[0] as number, tilt)))
    }
  }
}

/**
 * Functions whose minima are known, to try optimizers and searches on. Each is made by a call and is data: what it is called, f as
 * an expression, a start, a box, the minimum and where it is.
 *
 *     rosenbrock(n)      Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²                  a bent valley; n ≥ 2
 *     rastrigin(n)       Σ xᵢ² − 10 cos 2πxᵢ + 10                         a local minimum near each whole number
 *     ackley(n)          −20 e^(−√(mean x²)/5) − e^(mean cos 2πx) + 20 + e     flat far away, a pit in the middle
 *     beale()            (3/2 − x + xy)² + (9/4 − x + xy²)² + (21/8 − x + xy³)²
 *     himmelblau()       (x² + y − 11)² + (x + y² − 7)²                   four minima
 *     styblinskiTang(n)  ½ Σ xᵢ⁴ − 16 xᵢ² + 5 xᵢ
 *     quadratic({ dimension, condition, rotation })   ½ Σ λᵢ (Q x)ᵢ²,  λᵢ = condition^(i / (n − 1)),  Q the identity or a rotation
 *     noisy(problem, { deviation, key })   at step t what one sees is f + σ (ζ + ⟨ξ, x⟩),  ζ and ξ normal, drawn anew at each step
 *
 * `f` is exact, `at(x, step)` is what an optimizer sees: the two differ in noisy problems alone, whose gradients have noise of the same
 * deviation.
 *
 * Laws: at a minimizer f is the minimum, and the gradient is 0; the minimizers and the start lie in the box; f of a vector of float32
 * is computed in float32.
 *
 * @example
 * const { f, start, minimum } = problems.rosenbrock()
 * const [value, gradient] = valueAndGrad(f)(start)
 * value.toFixed(3) // => '24.200'
 * gradient // => Float64Array [-215.59999999999997, -87.99999999999999]
 * minimum // => 0
 *
 * @throws InvalidOption for a dimension, a condition or noise outside its range.
 * @see compareOptimizers
 */
export const problems = {
  rosenbrock,
  rastrigin,
  ackley,
  beale,
  himmelblau,
  styblinskiTang,
  quadratic,
  noisy
} as const
