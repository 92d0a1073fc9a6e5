import {
  add,
  grad,
  log,
  matmul,
  mean,
  mul,
  ndarray,
  type Operand,
  random,
  square,
  step,
  sub,
  sum,
  tanh,
  type Value,
  valueAndGrad
} from '@gradchain/core'
import { sgd } from '@gradchain/optimizers'
import { describe, expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { gnvp } from './gnvp.js'
import { type HessianFreeOptions, hessianFree } from './hessianFree.js'

type Plane = { readonly x: Operand; readonly y: Operand }
const rosenbrock = ({ x, y }: Plane): Value => add(mul(100, square(sub(y, square(x)))), square(sub(1, x)))

const SIZE = 6
/** A symmetric positive definite matrix, and a vector. */
const matrix = ndarray(
  Float64Array.from({ length: SIZE * SIZE }, (_, k) => {
    const [i, j] = [Math.floor(k / SIZE), k % SIZE]
    return (i === j ? 3 + i : 0) + 1 / (1 + i + j)
  }),
  [SIZE, SIZE]
)
const target = ndarray(
  Float64Array.from({ length: SIZE }, (_, i) => Math.cos(3 * i)),
  [SIZE, 1]
)
const bowl = ({ w }: { readonly w: Operand }): Value => {
  const off = sub(w, target)
  return mul(0.5, sum(mul(off, matmul(matrix, off))))
}
const origin = { w: ndarray(new Float64Array(SIZE), [SIZE, 1]) }

describe('on a convex quadratic', () => {
  const tx = hessianFree({ damping: 0, tolerance: 0 })

  test('it is at the minimum after as many iterations as there are directions', () => {
    const [u, state] = tx.update(grad(bowl)(origin), tx.init(origin), origin, { valueFn: bowl })
    expect(distance(u.w.data, target.data)).toBeLessThan(1e-12)
    expect(state.iterations).toBeLessThanOrEqual(SIZE)
    expect(state.rate).toBe(1)
    expect(state.ratio).toBeCloseTo(1, 10)
    expect(state.value).toBeLessThan(1e-20)
  })

  test('it begins with what it found before', () => {
    const warm = hessianFree({ damping: 0, tolerance: 0, warmStart: 1 })
    const grads = grad(bowl)(origin)
    const [first, state] = warm.update(grads, warm.init(origin), origin, { valueFn: bowl })
    const [second, next] = warm.update(grads, state, origin, { valueFn: bowl })
    expect(next.iterations).toBeLessThanOrEqual(1)
    expect(distance(first.w.data, second.w.data)).toBeLessThan(1e-12)
  })

  test('damping is less where the model was right', () => {
    const damped = hessianFree({ damping: 6, dampingFactor: 2 })
    const [, state] = damped.update(grad(bowl)(origin), damped.init(origin), origin, { valueFn: bowl })
    expect(state.damping).toBe(3)
  })
})

test('goes along the steepest way down as the damping grows', () => {
  const params = { x: -1.2, y: 1 }
  const grads = grad(rosenbrock)(params)
  const tx = hessianFree({ damping: 1e12 })
  const [u] = tx.update(grads, tx.init(params), params, { valueFn: rosenbrock })
  expect(distance([(u.x * -1e12) / grads.x, (u.y * -1e12) / grads.y], [1, 1])).toBeLessThan(1e-6)
})

test.each([{}, { warmStart: 0 }, { damping: 0 }, { damping: 100, dampingFactor: 1 }] satisfies HessianFreeOptions[])(
  'a loss never rises: %o',
  (options) => {
    const tx = hessianFree(options)
    let params: { readonly x: number; readonly y: number } = { x: -1.2, y: 1 }
    let state = tx.init(params)
    let before = Infinity
    for (let t = 0; t < 40; t++) {
      const [value, grads] = valueAndGrad(rosenbrock)(params)
      expect(value).toBeLessThanOrEqual(before)
      before = value
      ;[params, state] = step(tx, grads, state, params, { valueFn: rosenbrock, value })
    }
    expect(before).toBeLessThan(options.dampingFactor === 1 ? 5 : 1e-12)
  }
)

test('leaves a saddle the way down', () => {
  const saddle = ({ x, y }: Plane) => add(sub(square(x), square(y)), mul(0.25, square(square(y))))
  const tx = hessianFree({ damping: 0 })
  let params: { readonly x: number; readonly y: number } = { x: 1, y: 1e-3 }
  let state = tx.init(params)
  for (let t = 0; t < 15; t++) {
    ;[params, state] = step(tx, grad(saddle)(params), state, params, { valueFn: saddle })
  }
  expect(distance([params.x, params.y], [0, Math.SQRT2])).toBeLessThan(1e-6)
})

test('shortens a step that leads to NaN, and damps the next one more', () => {
  // x − log x, whose model has its minimum at −3 from 3 on.
  const f = ({ x }: { readonly x: Operand }) => sub(x, log(x))
  const params = { x: 3 }
  const tx = hessianFree({ damping: 1e-3 })
  const [u, state] = tx.update(grad(f)(params), tx.init(params), params, { valueFn: f })
  expect(3 + u.x).toBeGreaterThan(0)
  expect(state.value).toBeLessThan(3 - Math.log(3))
  expect(state.damping).toBe(1.5e-3)
  expect(state.rate).toBe(0.25)
})

test('stays where no share of a step leads down', () => {
  // Gradients that point the wrong way.
  const params = { x: 1, y: 1 }
  const f = ({ x, y }: Plane) => add(square(x), square(y))
  const tx = hessianFree()
  const [u, state] = tx.update({ x: -2, y: -2 }, tx.init(params), params, { valueFn: f })
  expect(Math.abs(u.x) + Math.abs(u.y)).toBe(0)
  expect([state.rate, state.value, state.damping]).toStrictEqual([0, 2, 1.5])
})

test.each([0, Number.NaN])('learns nothing of a gradient of %s, which may last', (g) => {
  const tx = hessianFree()
  const params = { x: 3 }
  let state = tx.init(params)
  let update = params
  for (let t = 0; t < 5; t++) {
    ;[update, state] = tx.update({ x: g }, state, params, { valueFn: ({ x }: { x: Operand }) => square(sub(x, 3)) })
    expect(update.x).toBe(0)
    expect(state.damping).toBe(1)
  }
})

test('takes the products that it is given', () => {
  const outputs = ({ x, y }: Plane) => [mul(10, sub(y, square(x))), sub(1, x)]
  const loss = (rest: readonly Operand[]) => rest.reduce<Value>((total, r) => add(total, square(r)), 0)
  const product = gnvp(outputs, loss)
  const tx = hessianFree({ damping: 0 })
  let params: { readonly x: number; readonly y: number } = { x: -1.2, y: 1 }
  let state = tx.init(params)
  for (let t = 0; t < 30; t++) {
    const extra = { valueFn: rosenbrock, hvpFn: product }
    ;[params, state] = step(tx, grad(rosenbrock)(params), state, params, extra)
  }
  expect(distance([params.x, params.y], [1, 1])).toBeLessThan(1e-8)
})

test('takes a function of arrays, of whose gradients it makes differences', () => {
  const valueAndGradFn = ({ w }: { readonly w: Float64Array }): readonly [number, { w: Float64Array }] => {
    const [x = 0, y = 0] = w
    const rest = y - x * x
    return [100 * rest * rest + (1 - x) * (1 - x), { w: Float64Array.of(-400 * x * rest - 2 * (1 - x), 200 * rest) }]
  }
  const tx = hessianFree()
  let params = { w: Float64Array.of(-1.2, 1) }
  let state = tx.init(params)
  for (let t = 0; t < 40; t++) {
    ;[params, state] = step(tx, valueAndGradFn(params)[1], state, params, { valueAndGradFn })
  }
  expect(distance(params.w, [1, 1])).toBeLessThan(1e-6)
})

describe('a deep autoencoder with a narrow waist', () => {
  const widths = [8, 6, 2, 6, 8] as const
  const count = 20
  const inputs = ndarray(
    Float64Array.from({ length: count * 8 }, (_, k) => {
      const [n, j] = [Math.floor(k / 8), k % 8]
      return 0.8 * Math.sin((2 * Math.PI * n) / count + j) + 0.3 * Math.cos((j * n) / 5)
    }),
    [count, 8]
  )
  const params = Object.fromEntries(
    widths.slice(1).map((width, layer) => {
      const fan = widths[layer] as number
      const drawn = random.normal(random.key(layer), [fan, width], { dtype: 'float64' })
      return [`w${layer}`, { ...drawn, data: drawn.data.map((x) => (0.1 * x) / Math.sqrt(fan)) }]
    })
  )
  type Weights = Readonly<Record<string, Operand>>
  const outputs = (weights: Weights): Operand =>
    Object.keys(params).reduce<Operand>((x, name, layer) => {
      const next = matmul(x, weights[name] as Operand)
      return layer === widths.length - 2 ? next : tanh(next)
    }, inputs)
  const misfit = (y: Operand): Value => mean(square(sub(y, inputs)))
  const loss = (weights: Weights): Value => misfit(outputs(weights))

  test('is trained, where gradient descent stalls', () => {
    const lossAndGrads = valueAndGrad(loss)
    const descended = [0.03, 0.1, 0.3, 1].map((rate) => {
      const tx = sgd(rate)
      let [weights, state] = [params, tx.init(params)]
      for (let t = 0; t < 100; t++) {
        ;[weights, state] = step(tx, lossAndGrads(weights)[1], state, weights)
      }
      return lossAndGrads(weights)[0]
    })
    const tx = hessianFree({ damping: 0.01, maxIterations: 60 })
    const product = gnvp(outputs, misfit)
    let [weights, state] = [params, tx.init(params)]
    for (let t = 0; t < 25; t++) {
      const [value, grads] = lossAndGrads(weights)
      ;[weights, state] = step(tx, grads, state, weights, { valueFn: loss, hvpFn: product, value })
    }
    // The first loss is 0.42, that of all 0: the plateau that descent does not leave.
    for (const value of descended) expect(value).toBeGreaterThan(0.4)
    expect(state.value).toBeLessThan(0.04)
  })
})

describe('refuses', () => {
  const params = { x: 1, y: 1 }
  const make = (options: object) => () => hessianFree(options)
  const update = (extra: object) => () => {
    const tx = hessianFree()
    return tx.update(params, tx.init(params), params, extra as never)
  }
  test.each([
    ['hessianFree: damping must be a finite number ≥ 0, got -1', make({ damping: -1 })],
    ['hessianFree: dampingFactor must be a finite number ≥ 1, got 0.5', make({ dampingFactor: 0.5 })],
    ['hessianFree: warmStart must be in [0, 1], got 2', make({ warmStart: 2 })],
    ['hessianFree: maxIterations must be a whole number ≥ 1, got 0', make({ maxIterations: 0 })],
    ['hessianFree: tolerance must be a finite number ≥ 0, got NaN', make({ tolerance: Number.NaN })],
    ['hessianFree: maxBacktracking must be a whole number ≥ 0, got -1', make({ maxBacktracking: -1 })],
    ['hessianFree: valueFn must be a function', update({})],
    ['hessianFree: hvpFn must be a function, got 3', update({ valueFn: rosenbrock, hvpFn: 3 })]
  ])('%s', (message, run) => {
    expect(run).toThrow(message)
  })
})
