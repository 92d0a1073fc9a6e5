import { describe, expect, expectTypeOf, test } from 'vitest'
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
  lift,
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
import { bernoulli } from '../random/bernoulli.js'
import { foldIn, type Key, key } from '../random/key.js'
import { normal } from '../random/normal.js'
import { force } from '../transformation/force.js'
import { collect } from '../transformation/heapTesting.js'
import { stateless } from '../transformation/stateless.js'
import { step } from '../transformation/step.js'
import { transient } from '../transient/transient.js'
import { map } from '../tree/tree.js'
import { grad } from './grad.js'
import { hvp } from './hvp.js'
import { jvp } from './jvp.js'
import { remat } from './remat.js'
import { stopGradient } from './stopGradient.js'
import { valueAndGrad } from './valueAndGrad.js'
import { vjp } from './vjp.js'

type Layer = (h: Operand, w: Operand) => Value
type Wrapper = <Given extends readonly unknown[], R>(f: (...given: Given) => R) => (...given: Given) => R

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
    const layer = wrap<Parameters<Layer>, Value>((h, w) => tanh(matmul(h, w)))
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
  },
  'a tree of results': (wrap) => {
    const layer = wrap((h: Operand, w: Operand) => {
      const before = matmul(h, w)
      return { h: tanh(before), parts: [sumSquares(before), 0.5, before] as const, at: Float32Array.of(3), name: 'x' }
    })
    return ({ a, b, s }) => {
      const first = layer(matrix(0), a)
      const { h, parts, at } = layer(first.h, b)
      const [squares, half, before] = parts
      return add(mul(mul(squares, s), half), add(sum(mul(h, before)), mul(first.parts[0], sum(at))))
    }
  },
  'results that are not all used': (wrap) => {
    const layer = wrap((h: Operand, w: Operand, s: Operand) => {
      const before = matmul(h, w)
      return { scaled: mul(before, s), before, h: tanh(before), unlike: sum(exp(mul(s, 3))), list: [exp(before)] }
    })
    return ({ a, b, s }) => {
      const first = layer(matrix(0), a, s)
      const second = layer(first.h, b, 2)
      return add(dot(second.h, second.scaled), sum(first.list[0] ?? 0))
    }
  },
  'leaves that results share, and that others are made of': (wrap) => {
    const parts = wrap((x: Operand, s: Operand) => {
      const root = sqrt(add(exp(x), 1))
      const scaled = mul(root, s)
      const total = sum(scaled)
      return { root, again: { scaled, x }, totals: [total, total, s] as const }
    })
    return ({ a, s }) => {
      const { root, again, totals } = parts(tanh(a), mul(s, s))
      return add(add(dot(root, again.x), totals[0]), mul(totals[1], add(totals[2], sum(again.scaled))))
    }
  },
  'results asked for in another order, of what all of them are made of': (wrap) => {
    const views = wrap((x: Operand, w: Operand) => {
      const shared = matmul(x, w)
      return [exp(mul(shared, 0.3)), mul(shared, shared), tanh(shared), div(1, add(2, tanh(shared))), sum(shared)]
    })
    return ({ a, b }) => {
      const [v, w, x, y, z] = views(a, b) as [Value, Value, Value, Value, Value]
      return add(sum(mul(y, w)), add(sumSquares(v), mul(z, sum(x))))
    }
  },
  'one in another, with several results each': (wrap) => {
    const inner = wrap((h: Operand, w: Operand) => {
      const next = tanh(matmul(h, w))
      return { next, squares: sumSquares(next), unused: exp(next) }
    })
    const outer = wrap((h: Operand, v: Operand, w: Operand) => {
      const first = inner(h, v)
      const second = inner(first.next, w)
      return { h: mul(2, second.next), penalty: [first.squares, second.squares] as const, unused: second.unused }
    })
    return ({ a, b, c, s }) => {
      const { h, penalty } = outer(matrix(0), a, add(b, c))
      const after = outer(h, b, c)
      return add(sumSquares(after.h), mul(s, add(penalty[1], mul(penalty[0], after.penalty[1]))))
    }
  },
  'branches not taken, of several results': (wrap) => {
    const both = wrap((x: Operand) => ({ root: sqrt(max(x, 0)), inverse: div(1, x), x }))
    const zero = (x: Operand) => mul(x, greater(x, 0))
    return ({ a }) => {
      const { root, inverse, x } = both(zero(a))
      return sum(where(greater(x, 0.25), mul(root, inverse), a))
    }
  },
  'what is dropped at random': (wrap) => {
    const layer = wrap((h: Operand, w: Operand, own: Key) => {
      const next = tanh(matmul(h, w))
      const kept = bernoulli(own, [4, 4], { p: 0.75 })
      const noise = opaque(() => normal(foldIn(own, 1), [4, 4]).data, [], { dtype: 'float32', shape: [4, 4] })
      return { h: div(mul(next, kept), 0.75), noisy: add(next, noise) }
    })
    return ({ a, b }) => {
      const first = layer(matrix(0), a, key(1))
      const second = layer(first.h, b, key(2))
      return add(sumSquares(second.h), dot(second.noisy, first.noisy))
    }
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

/** A function of a user that is its own derivative, and tells when it is called. */
const watched = (x: Operand, call: () => void, callBack: () => void = call): Expr => {
  const back = ({ data }: NdArray): Data => {
    callBack()
    return data.slice()
  }
  const forth = ({ data }: NdArray): Data => {
    call()
    return data.slice()
  }
  return opaque(forth, [x], { like: x }, { vjp: (dy) => [opaque(back as never, [dy], { like: dy })] })
}

describe('what is kept between forward and backward pass', () => {
  const SIZE = 2 ** 15
  /** What a segment gives, and how the next is given it. */
  interface Kind {
    readonly segment: (layers: (h: Operand) => Value, h: Operand) => Value
  }
  const kinds: Readonly<Record<string, Kind>> = {
    'one array': { segment: (layers, h) => remat(layers)(h) },
    'several, of which some are not used': {
      segment: (layers, h) =>
        remat((x: Operand) => {
          const next = layers(x)
          return { sum: sum(next), unused: [exp(next), add(next, 1)], next }
        })(h).next
    }
  }
  const none: Kind = { segment: (layers, h) => layers(h) }

  /** How many arrays there are, at the most, in every third layer on the way back, in each of some gradients. */
  const mostArrays = async (layers: number, every: number, { segment }: Kind): Promise<readonly number[]> => {
    let [most, calls] = [0, 0]
    const back = (): void => {
      if (calls++ % 3 === 0) {
        collect()
        most = Math.max(most, process.memoryUsage().arrayBuffers)
      }
    }
    const layer = (h: Operand): Value => tanh(watched(mul(h, 1.01), () => {}, back))
    const several = (h: Operand): Value => Array.from({ length: every }).reduce<Value>((x) => layer(x), h as Value)
    const loss = (x: Operand): Value =>
      sum(Array.from({ length: layers / every }).reduce<Value>((h) => segment(several, h), x as Value))
    const differentiated = grad(loss)
    const found: number[] = []
    for (let i = 0; i < 3; i++) {
      // What earlier tests left is swept meanwhile.
      collect()
      await new Promise(setImmediate)
      collect()
      most = 0
      const before = process.memoryUsage().arrayBuffers
      differentiated(new Float32Array(SIZE).fill(0.5))
      found.push((most - before) / (4 * SIZE))
    }
    return found
  }

  test.each(Object.entries(kinds))(
    'is of the order of the root of the layers, where a segment gives %s',
    async (_, kind) => {
      const some = await mostArrays(36, 6, kind)
      // At each border, and for each layer of one segment, that and cotangents.
      for (const arrays of some) expect(arrays).toBeLessThan(5 * (6 + 6))
    }
  )

  test('without segments it is of the order of the layers', async () => {
    const all = await mostArrays(36, 6, none)
    // What a user's function is given, and what it gives.
    for (const arrays of all) expect(arrays).toBeGreaterThan(2 * 36)
  })
})

describe('a segment with several results', () => {
  const counting = () => {
    const calls = { shared: 0, unused: 0, back: 0 }
    const segment = (x: Operand) => {
      const shared = watched(
        x,
        () => calls.shared++,
        () => calls.back++
      )
      return {
        sums: [sum(shared), sumSquares(shared)] as const,
        h: tanh(shared),
        unused: watched(shared, () => calls.unused++)
      }
    }
    return { calls, segment }
  }

  test('is computed once forward and once again, however many of them are used, and without those that are not', () => {
    const { calls, segment } = counting()
    const loss = (x: Operand): Value => {
      const { sums, h } = remat(segment)(x)
      return add(mul(sums[0], sums[1]), sum(h))
    }
    const differentiated = grad(loss)
    for (let i = 1; i <= 4; i++) {
      differentiated(Float32Array.of(0.5, i))
      expect(calls).toStrictEqual({ shared: 2 * i, unused: 0, back: i })
    }
  })

  test('within another segment is computed once for each time that one is, and once on its own way back', () => {
    const { calls, segment } = counting()
    const outer = remat((x: Operand) => {
      const { sums, h } = remat(segment)(x)
      return [add(mul(sums[0], sums[1]), sum(h)), mul(h, 2)] as const
    })
    const differentiated = grad((x: Operand) => {
      const [total, h] = outer(x)
      return add(total, sumSquares(h))
    })
    differentiated(Float32Array.of(0.5, 1))
    expect(calls.shared).toBe(3)
    expect(calls.back).toBe(1)
  })

  test('gives besides what is asked for besides, and computes nothing again where the derivative is constant', () => {
    const { calls, segment } = counting()
    const loss = (x: Operand) => {
      const { sums, h, unused } = remat(segment)(x)
      return [sums[0], { h, unused, nothing: null }] as const
    }
    const x = Float32Array.of(0.5, 2)
    const [[value, aux], gradient] = valueAndGrad(loss, { hasAux: true })(x)
    expect([value, gradient]).toStrictEqual([2.5, Float32Array.of(1, 1)])
    expect(aux).toStrictEqual({ h: new Float32Array(x.map(Math.tanh)), unused: x, nothing: null })
    expect(calls).toStrictEqual({ shared: 1, unused: 1, back: 1 })
  })

  test('may be the function itself: its results are those that are multiplied by', () => {
    const f = (x: Operand) => ({ squares: mul(x, x), total: sum(x), x })
    const x = Float32Array.of(1, 2)
    const cotangent = { squares: Float32Array.of(1, 10), total: 100, x: Float32Array.of(7, 8) }
    expect(vjp(remat(f))(x, cotangent)).toStrictEqual(vjp(f)(x, cotangent))
    expect(jvp(remat(f))(x, Float32Array.of(1, 3))).toStrictEqual(jvp(f)(x, Float32Array.of(1, 3)))
  })

  test('what is read of one of them within does not change the others', () => {
    const loss = (wrap: Wrapper) => (x: Operand) => {
      const parts = wrap((y: Operand) => ({ total: sum(mul(y, y)), h: tanh(y), more: exp(y) }))(x)
      return mul(read(parts.total), add(sum(parts.h), dot(parts.more, parts.h)))
    }
    const x = Float32Array.of(0.5, -1)
    expect(valueAndGrad(loss(remat))(x)).toStrictEqual(valueAndGrad(loss(plain))(x))
  })

  test('no two of its results share an array, whoever computes them', () => {
    const given: unknown[] = []
    const loss = (x: Operand) => {
      const { a, b } = remat((y: Operand) => ({ a: mul(y, 2), b: tanh(y) }))(x)
      const looks = opaque(
        (array) => {
          // One more evaluation of what is being computed, in the middle of it.
          given.push(force(a))
          return array.data.slice()
        },
        [b],
        { like: b },
        { vjp: (dy) => [dy] }
      )
      return [sum(looks), { a, b }] as const
    }
    const x = Float32Array.of(0.5, -1)
    const differentiated = valueAndGrad(loss, { hasAux: true })
    for (let i = 0; i < 4; i++) {
      const [[, aux]] = differentiated(x)
      expect(aux).toStrictEqual({ a: Float32Array.of(1, -2), b: x.map(Math.tanh) })
      const last = given.at(-1) as Float32Array
      expect((aux.a as Float32Array).buffer).not.toBe(last.buffer)
    }
  })
})

test('a transformation that differentiates segments gives the same bits in every way of taking a step', () => {
  const segment = (h: Operand, w: Operand) => {
    const next = tanh(matmul(h, w))
    return { next, norms: [sumSquares(next), sum(mul(next, next))] as const, unused: exp(next) }
  }
  const loss = (wrap: Wrapper) => (w: Operand) => {
    const [first, second] = [wrap(segment), wrap(segment)]
    const { next, norms } = first(matrix(0), w)
    return add(mul(norms[0], norms[1]), sum(second(next, w).next))
  }
  const through = (wrap: Wrapper) =>
    stateless((updates, params) => map((g: Operand, w: Operand) => add(g, grad(loss(wrap))(lift(w))), updates, params))
  const [params, grads] = [{ w: matrix(1) }, { w: matrix(2) }]
  const [tx, wanted] = [through(remat), through(plain)]
  const run = transient(tx, params)
  let [at, other] = [params, params]
  for (let i = 0; i < 4; i++) {
    expect(tx.update(grads, {}, at)).toStrictEqual(wanted.update(grads, {}, at))
    ;[at] = step(tx, grads, {}, at)
    ;[other] = step(wanted, grads, {}, other)
    run.step(grads)
  }
  expect(at).toStrictEqual(other)
  expect(run.snapshot().params).toStrictEqual(other)
  run.dispose()
})

test('its type is that of the function', () => {
  const f = (x: Operand, k: number) => ({ h: mul(x, k), sums: [sum(x), k] as const, name: 'a', none: null })
  expectTypeOf(remat(f)).toEqualTypeOf<typeof f>()
  expectTypeOf(remat((x: Operand) => tanh(x))).toEqualTypeOf<(x: Operand) => ReturnType<typeof tanh>>()
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
  [
    'remat: results.cache of f must be an expression, an array or a number, got ',
    () => grad((x: Operand) => remat((y: Operand) => ({ y: sum(y), cache: new Map([['y', y]]) }))(x).y)(1)
  ],
  [
    'remat: results of f must be an expression, an array or a number, got ',
    () => grad((x: Operand) => sum(remat(async (y: Operand) => y)(x) as never))(1)
  ],
  [
    'remat: results[1] of f must be an expression, an array or a number, got ',
    () => grad((x: Operand) => remat((y: Operand) => [sum(y), () => y] as const)(x)[0])(1)
  ]
])('refuses: %s', (message, misuse) => {
  expect(misuse).toThrow(message)
})
