import { describe, expect, test } from 'vitest'
import type { Data } from '../array/dtype.js'
import { type NdArray, ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import type { Expr, Operand } from '../expression/expr.js'
import {
  add,
  cast,
  div,
  dot,
  exp,
  greater,
  log,
  max,
  maxOf,
  mul,
  opaque,
  sqrt,
  sum,
  sumSquares,
  tanh,
  type Value,
  where
} from '../expression/operations.js'
import { matmul } from '../matrix/matmul.js'
import { collect } from '../transformation/heapTesting.js'
import { grad } from './grad.js'
import { hvp } from './hvp.js'
import { jvp } from './jvp.js'
import { remat } from './remat.js'
import { stopGradient } from './stopGradient.js'
import { valueAndGrad } from './valueAndGrad.js'

type Layer = (h: Operand, w: Operand) => Value
type Wrapper = <Given extends readonly unknown[]>(f: (...given: Given) => Value) => (...given: Given) => Value

const plain: Wrapper = (f) => f
const matrix = (seed: number, dtype: 'float32' | 'bfloat16' = 'float32') =>
  ndarray(
    Array.from({ length: 16 }, (_, i) => (((i + seed) * 7919) % 31) / 16 - 1),
    [4, 4],
    dtype
  )
const weights = { a: matrix(1), b: matrix(2), c: matrix(3), s: 0.75 }
type Weights = { readonly a: Operand; readonly b: Operand; readonly c: Operand; readonly s: Operand }

/** Losses with segments of every kind; each is written once, and asked for with segments and without. */
const losses: Readonly<Record<string, (wrap: Wrapper) => (w: Weights) => Value>> = {
  'layers one after the other': (wrap) => {
    const layer = wrap<Parameters<Layer>>((h, w) => tanh(matmul(h, w)))
    return ({ a, b, c }) => sumSquares(layer(layer(layer(matrix(0), a), b), c))
  },
  'what is taken from around': (wrap) => {
    return ({ a, b, s }) => {
      const h = tanh(matmul(a, b))
      const inner = wrap(() => mul(exp(mul(s, matmul(matrix(5), a))), 0.5))
      return sum(mul(h, inner()))
    }
  },
  'numbers in, numbers out': (wrap) => {
    const scale = wrap((x: Operand, s: Operand) => add(mul(s, sum(x)), maxOf(x)))
    return ({ a, s }) => mul(scale(tanh(a), s), scale(mul(a, s), mul(s, s)))
  },
  'a tree of arguments': (wrap) => {
    const blend = wrap(({ x, ys }: { x: Operand; ys: readonly Operand[] }, k: number) =>
      sum(mul(k, mul(x, ys[1] ?? 0)))
    )
    return ({ a, b, c }) => blend({ x: matmul(a, b), ys: [b, c] }, 3)
  },
  'branches not taken, infinite inside': (wrap) => {
    const root = wrap((x: Operand) => sqrt(max(x, 0)))
    const inverse = wrap((x: Operand) => div(1, x))
    const zero = (x: Operand) => mul(x, greater(x, 0))
    return ({ a }) => sum(where(greater(a, 0.25), mul(root(a), inverse(zero(a))), a))
  },
  'a branch that decides within': (wrap) => {
    const both = wrap((x: Operand) => where(greater(x, 0), log(x), x))
    return ({ a, b }) => sum(both(both(mul(a, b))))
  },
  '16 bits at a border': (wrap) => {
    const layer = wrap((h: Operand, w: Operand) => cast(tanh(matmul(h, w)), 'bfloat16'))
    return ({ a, b }) => sumSquares(layer(layer(matrix(0, 'bfloat16'), a), b))
  },
  'constants within': (wrap) => {
    const shifted = wrap((h: Operand, w: Operand) => add(mul(h, stopGradient(mul(w, h))), mul(w, read(sum(w)))))
    return ({ a, b }) => sumSquares(shifted(tanh(a), b))
  },
  'a function of a user': (wrap) => {
    const cubed = wrap(
      (x: Operand): Value =>
        opaque(
          ({ data }) => (data as Float32Array).map((v) => v * v * v),
          [mul(x, 2)],
          { like: x },
          {
            vjp: (dy, [y]) => [mul(dy, mul(3, mul(y as Expr, y as Expr)))]
          }
        )
    )
    return ({ a }) => sum(cubed(cubed(a)))
  },
  'one in another': (wrap) => {
    const inner = wrap((h: Operand, w: Operand) => tanh(matmul(h, w)))
    const outer = wrap((h: Operand, v: Operand, w: Operand) => mul(2, inner(inner(h, v), w)))
    return ({ a, b, c }) => sumSquares(outer(matrix(0), a, add(b, c)))
  },
  'the argument itself, and a number': (wrap) => {
    const same = wrap((x: Operand) => x as Value)
    const three = wrap(() => 3)
    return ({ a }) => mul(three(), dot(same(a), a))
  }
}

describe.each(Object.entries(losses))('of %s', (_, loss) => {
  test('value and gradient are those without, bit for bit', () => {
    // Twice: what is repeated goes another way.
    const [with_, without] = [valueAndGrad(loss(remat)), valueAndGrad(loss(plain))]
    for (let i = 0; i < 3; i++) {
      const at = { ...weights, a: matrix(i + 4), s: weights.s - i }
      const found = with_(at)
      expect(found).toStrictEqual(without(at))
    }
  })

  test('and so are products with the Jacobian and the Hessian', () => {
    const along = { a: matrix(7), b: matrix(8), c: matrix(9), s: 1 }
    const close = (x: number, y: number): boolean =>
      Math.abs(x - y) <= 1e-4 * Math.max(1, Math.abs(y)) || Object.is(x, y)
    const [value, tangent] = jvp(loss(remat))(weights, along)
    const [wantedValue, wantedTangent] = jvp(loss(plain))(weights, along)
    expect(value).toBe(wantedValue)
    // Sums of the same terms in another order.
    expect(close(tangent as number, wantedTangent as number)).toBe(true)
    const [found, wanted] = [hvp(loss(remat))(weights, along), hvp(loss(plain))(weights, along)]
    for (const name of ['a', 'b', 'c'] as const) {
      expect(found[name].data.every((x, i) => close(x, wanted[name].data[i] as number))).toBe(true)
    }
  })
})

describe('what is kept between forward and backward pass', () => {
  const SIZE = 2 ** 15
  /** How many arrays there are, at the most, in every third layer on the way back. */
  const mostArrays = async (layers: number, every: number): Promise<number> => {
    let [most, calls] = [0, 0]
    const back = ({ data }: NdArray): Data => {
      if (calls++ % 3 === 0) {
        collect()
        most = Math.max(most, process.memoryUsage().arrayBuffers)
      }
      return data.slice()
    }
    const watched = (x: Operand): Expr =>
      opaque(({ data }) => data.slice(), [x], { like: x }, { vjp: (dy) => [opaque(back as never, [dy], { like: dy })] })
    const layer = (h: Operand): Value => tanh(watched(mul(h, 1.01)))
    const segment = (h: Operand): Value => Array.from({ length: every }).reduce<Value>((x) => layer(x), h as Value)
    const of = every === 1 ? segment : remat(segment)
    const loss = (x: Operand): Value =>
      sum(Array.from({ length: layers / every }).reduce<Value>((h) => of(h), x as Value))
    // What earlier tests left is swept meanwhile.
    collect()
    await new Promise(setImmediate)
    collect()
    const before = process.memoryUsage().arrayBuffers
    grad(loss)(new Float32Array(SIZE).fill(0.5))
    return (most - before) / (4 * SIZE)
  }

  test('is of the order of the root of the layers, and not of the layers', async () => {
    const some = await mostArrays(36, 6)
    const none = await mostArrays(36, 1)
    // What a user's function is given, and what it gives.
    expect(none).toBeGreaterThan(2 * 36)
    // At each border, and for each layer of one segment, that and cotangents.
    expect(some).toBeLessThan(5 * (6 + 6))
  })
})

test('where nothing is differentiated it is the function', () => {
  const seen: unknown[] = []
  const f = remat((x: Operand, name: string) => {
    seen.push(x, name)
    return sum(x)
  })
  const x = Float32Array.of(1, 2)
  expect(read(f(x, 'a'))).toBe(3)
  expect(seen).toStrictEqual([x, 'a'])
})

test('what it takes from around and is no argument is differentiated, too', () => {
  const f = ({ w }: { readonly w: Operand }): Value => remat(() => sumSquares(w))()
  expect(grad(f)({ w: Float32Array.of(1, 2) })).toStrictEqual({ w: Float32Array.of(2, 4) })
})

test.each([
  ['remat: f must be a function, got 3', () => remat(3 as never)],
  ['remat: f must give one expression or number, got [1, 2]', () => remat((() => [1, 2]) as never)()],
  [
    'remat: f must give one expression or number, got a Float32Array',
    () => remat((() => new Float32Array(2)) as never)()
  ]
])('refuses: %s', (message, misuse) => {
  expect(misuse).toThrow(message)
})
