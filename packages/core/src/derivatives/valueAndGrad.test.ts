import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import type { Engine } from '../engine/engine.js'
import { defaultEngine, read, withEngine } from '../engine/evaluate.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { Expr, type Operand } from '../expression/expr.js'
import {
  add,
  dot,
  exp,
  lift,
  maxOf,
  mul,
  neg,
  sum,
  sumSquares,
  tanh,
  type Value,
  where
} from '../expression/operations.js'
import { applyUpdates } from '../transformation/applyUpdates.js'
import { chain } from '../transformation/chain.js'
import { force } from '../transformation/force.js'
import { step } from '../transformation/step.js'
import { transformation } from '../transformation/transformation.js'
import type { EmptyState, Tree } from '../transformation/types.js'
import { transient } from '../transient/transient.js'
import { map } from '../tree/tree.js'
import { grad } from './grad.js'
import { stopGradient } from './stopGradient.js'
import { valueAndGrad } from './valueAndGrad.js'

interface Params {
  readonly w: Operand
  readonly rest: readonly [Operand, null]
}

const loss = ({ w, rest: [s] }: Params): Value => mul(s, sumSquares(w))

describe('what comes out', () => {
  test('a number and a gradient of the form of the params, both evaluated, in one evaluation', () => {
    let evaluations = 0
    const counting: Engine = {
      name: 'counting',
      evaluate: (roots) => {
        evaluations += 1
        defaultEngine().evaluate(roots)
      }
    }
    const params = { w: Float32Array.of(1, 2), rest: [3, null] as const }
    const [value, gradient] = withEngine(counting, () => valueAndGrad(loss)(params))
    expect([value, gradient, evaluations]).toStrictEqual([15, { w: Float32Array.of(6, 12), rest: [5, null] }, 1])
  })

  test('expressions, where the params are expressions', () => {
    const params = { w: lift(Float32Array.of(1, 2)), rest: [lift(3), null] as const }
    const [value, gradient] = valueAndGrad(loss)(params)
    expect(value).toBeInstanceOf(Expr)
    expect(gradient.w).toBeInstanceOf(Expr)
    expect(read(value)).toBe(15)
    expect(force(gradient as Tree)).toStrictEqual({ w: Float32Array.of(6, 12), rest: [5, null] })
  })

  test('a leaf that nothing depends on has 0, in its own form', () => {
    const params = { w: 2, unused: ndarray([1, 2], [1, 2], 'float16'), bare: Float64Array.of(1), n: 5, empty: [] }
    expect(grad((p: { w: Operand }) => mul(p.w, 3))(params)).toStrictEqual({
      w: 3,
      unused: ndarray([0, 0], [1, 2], 'float16'),
      bare: Float64Array.of(0),
      n: 0,
      empty: []
    })
  })

  test('nothing shares memory, neither with the params nor with each other', () => {
    const c = Float32Array.of(1, 2)
    const [p, q] = [Float32Array.of(3, 4), Float32Array.of(5, 6)]
    const g = grad(([a, b]: readonly [Operand, Operand]) => add(dot(a, c), dot(b, c)))([p, q] as const)
    expect(g).toEqual([c, c])
    expect(new Set([g[0].buffer, g[1].buffer, c.buffer, p.buffer, q.buffer]).size).toBe(5)
    const d = grad(([a, b]: readonly [Operand, Operand]) => dot(a, b))([p, q] as const)
    expect(d).toEqual([q, p])
    expect(new Set([d[0].buffer, d[1].buffer, p.buffer, q.buffer]).size).toBe(4)
  })

  test('with hasAux what the function gives besides, evaluated too', () => {
    const f = ({ w }: { w: Operand }) => [sum(w), { twice: mul(w, 2), name: 'aux', n: 1, largest: maxOf(w) }] as const
    const w = Float32Array.of(1, 3)
    const aux = { twice: Float32Array.of(2, 6), name: 'aux', n: 1, largest: 3 }
    expect(valueAndGrad(f, { hasAux: true })({ w })).toStrictEqual([[4, aux], { w: Float32Array.of(1, 1) }])
    expect(grad(f, { hasAux: true })({ w })).toStrictEqual([{ w: Float32Array.of(1, 1) }, aux])
  })

  test('calls repeat, with other arrays and other numbers', () => {
    const f = valueAndGrad(({ x, s }: { x: Operand; s: Operand }, y: Float32Array) => mul(s, dot(tanh(x), y)))
    for (let i = 1; i <= 5; i++) {
      const [value, { x, s }] = f({ x: Float32Array.of(0, i), s: i }, Float32Array.of(i, 2))
      const t = Math.fround(Math.tanh(i))
      expect(value).toBeCloseTo(2 * i * t, 10)
      expect(s).toBeCloseTo(2 * t, 10)
      expect([...x]).toStrictEqual([i * i, expect.closeTo(2 * i * (1 - t * t), 5)])
    }
  })
})

describe('what the function does meanwhile', () => {
  test('it may look at a number, and go on by it', () => {
    const f = (x: Operand): Value => {
      const total = sum(mul(x, x))
      return read(total) > 10 ? mul(total, total) : total
    }
    expect(valueAndGrad(f)(Float32Array.of(1, 2))).toStrictEqual([5, Float32Array.of(2, 4)])
    expect(valueAndGrad(f)(Float32Array.of(1, 4))).toStrictEqual([289, Float32Array.of(68, 272)])
    expect(grad((x: Operand) => sum(grad(f)(x) as Operand))(Float32Array.of(1, 2))).toStrictEqual(Float32Array.of(2, 2))
  })

  test('what it computed from the same node outside is constant', () => {
    const x = lift(Float32Array.of(1, 2))
    const outside = exp(x)
    const g = grad((y: Operand) => add(dot(y, x), dot(y, outside)))(x)
    expect(force(g as Operand)).toStrictEqual(Float32Array.from([1 + Math.E, 2 + Math.E ** 2]))
  })

  test('inside of another derivative, the two variables are apart', () => {
    // d/dx (x · d/dy (x y)) = d/dx x² = 2x, and not 3x or x.
    const f = (x: Operand): Value => mul(x, grad((y: Operand) => mul(x, y))(x))
    expect(grad(f)(3)).toBe(6)
    const arrays = (x: Operand): Value => dot(x, grad((y: Operand) => dot(x, y))(x))
    expect(grad(arrays)(Float64Array.of(3, 1))).toStrictEqual(Float64Array.of(6, 2))
  })

  test('three times over', () => {
    const cube = (x: Operand): Value => mul(x, mul(x, x))
    const once =
      (f: (x: Operand) => Value) =>
      (x: Operand): Value =>
        grad(f)(x) as Value
    expect(grad(once(once(cube)))(5)).toBe(6)
  })

  test('called with arrays inside of another, it still gives expressions', () => {
    const inner = (scale: Operand): Value => {
      const g = grad((w: Operand) => mul(scale, sumSquares(w)))(Float32Array.of(1, 2))
      expect(g).toBeInstanceOf(Expr)
      return sum(g)
    }
    expect(grad(inner)(2)).toBe(6)
  })

  test('a function that throws leaves nothing behind', () => {
    const broken = grad((_: Operand): Value => {
      throw new RangeError('no')
    })
    expect(() => broken(1)).toThrow('no')
    expect(grad((x: Operand) => mul(x, x))(3)).toBe(6)
  })
})

describe('large graphs', () => {
  test('a chain of 10⁵ operations', () => {
    const f = (x: Operand): Value => {
      let y = lift(x)
      for (let i = 0; i < 100_000; i++) y = i % 2 === 0 ? neg(y) : add(y, 1)
      return sum(y)
    }
    expect(grad(f)(Float32Array.of(1, 2))).toStrictEqual(Float32Array.of(1, 1))
    expect(grad((x: Operand) => sum(f(x)))(3)).toBe(1)
  })

  test('a node used by 10⁵ others, and one shared on each of 60 levels, are walked once', () => {
    const wide = (x: Operand): Value => {
      let total: Value = 0
      const y = mul(x, 2)
      for (let i = 0; i < 100_000; i++) total = add(total, y)
      return total
    }
    expect(grad(wide)(1)).toBe(200_000)
    const doubling = (x: Operand): Value => {
      let y = lift(x)
      for (let i = 0; i < 60; i++) y = add(y, y)
      return sum(y)
    }
    expect(grad(doubling)(Float64Array.of(1))).toStrictEqual(Float64Array.of(2 ** 60))
  })
})

describe('inside of a transformation', () => {
  // Sharpness-aware: the gradient where the loss is largest nearby.
  const target = Float32Array.of(1, -1)
  const distance = ({ w }: { w: Operand }): Value => sumSquares(add(w, target))
  const sharp = () =>
    transformation<EmptyState>({
      init: () => ({}),
      update: (_, state, params) => {
        const gradient = grad(distance)(params as { w: Operand })
        const moved = map((p: Operand, g: Operand) => add(p, mul(0.5, g)), params, gradient as Tree)
        const next = grad(distance)(moved as { w: Operand }) as Tree
        return [map((g: Operand) => where(1, neg(g), g), next), state]
      }
    })

  test('`step` and `transient` agree, over several steps', () => {
    const grads = { w: Float32Array.of(0, 0) }
    let params = { w: Float32Array.of(0.5, 0.25) }
    const run = transient(sharp(), params)
    const tx = sharp()
    for (let i = 0; i < 4; i++) {
      params = step(tx, grads, {}, params)[0]
      run.step(grads)
      expect(run.params.w).toEqual(params.w)
    }
    run.dispose()
  })
})

describe('through updates', () => {
  const quadratic = ({ w }: { readonly w: Operand }): Value => mul(0.5, sumSquares(w))
  const scaling = (h: Value) =>
    transformation<EmptyState>({
      init: () => ({}),
      update: (updates, state) => [map((g: Operand) => mul(neg(h), g), updates), state]
    })
  const params = { w: Float32Array.of(2, 4) }

  // After one step w becomes (1 − h) w, and the loss (1 − h)² ‖w‖² / 2.
  test.each<readonly [string, (h: Value) => Value]>([
    [
      'update and applyUpdates',
      (h) => {
        const tx = scaling(h)
        const [updates] = tx.update(params, tx.init(params), params)
        return quadratic(applyUpdates(params, updates))
      }
    ],
    ['step', (h) => quadratic(step(scaling(h), params, {}, params)[0])],
    [
      'step of a chain, after a gradient',
      (h) => {
        const tx = chain(scaling(mul(h, 2)), scaling(-0.5))
        return quadratic(step(tx, grad(quadratic)(params), tx.init(params), params)[0])
      }
    ]
  ])('the loss by a factor of the update, from arrays: %s', (_name, after) => {
    expect(valueAndGrad((h: Operand) => after(lift(h)))(0.25)).toStrictEqual([5.625, -15])
    expect(grad((h: Operand) => grad((k: Operand) => after(lift(k)))(h) as Value)(0.25)).toBe(20)
  })
})

/** A function without its types, to be misused. */
const loose = (f: unknown) => f as (f: unknown, options?: object) => (...given: unknown[]) => unknown

describe('misuse is refused', () => {
  const x = { w: Float32Array.of(1, 2) }
  type P = { readonly w: Operand }
  test.each<readonly [string, () => unknown, string]>([
    ['no function', () => loose(valueAndGrad)(3), 'valueAndGrad: f must be a function, got 3'],
    ['no function', () => loose(grad)('f'), 'grad: f must be a function, got "f"'],
    [
      'a number',
      () => valueAndGrad(() => 3)(x),
      'valueAndGrad: f must give a lazy scalar, such as sum(x), got the number 3, which depends on no param'
    ],
    [
      'an array',
      () => grad(({ w }: P) => mul(w, 2))(x),
      'grad: f must give a lazy scalar, such as sum(x), got an array of shape [2]'
    ],
    [
      'a typed array',
      () => loose(grad)(() => Float32Array.of(1))(x),
      'grad: f must give a lazy scalar, such as sum(x), got a Float32Array'
    ],
    [
      'no pair with hasAux',
      () => loose(grad)(({ w }: P) => sum(w), { hasAux: true })(x),
      'grad: with hasAux f must give a pair [loss, aux], got an Expr'
    ],
    [
      'another option',
      () => grad(({ w }: P) => sum(w), { argnums: 1 } as never),
      'grad: there is no option argnums; there are hasAux, argnum'
    ],
    ['hasAux', () => grad(({ w }: P) => sum(w), { hasAux: 1 as never }), 'grad: hasAux must be true or false, got 1']
  ])('%s', (_name, use, message) => {
    expect(use).toThrow(new InvalidOption(message))
  })

  test('what is no tree of arrays', () => {
    expect(() => loose(grad)(({ w }: P) => sum(w))({ w: 'one' })).toThrow(
      new InvalidTree('grad: params.w is "one"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray')
    )
  })
})

test('stopGradient of a tree leaves it out', () => {
  const f = (p: { a: Operand; b: Operand }): Value => {
    const { a, b } = stopGradient(p) as { a: Value; b: Value }
    return add(dot(p.a, b), dot(a, mul(p.b, p.b)))
  }
  expect(grad(f)({ a: Float32Array.of(2), b: Float32Array.of(3) })).toStrictEqual({
    a: Float32Array.of(3),
    b: Float32Array.of(12)
  })
})
