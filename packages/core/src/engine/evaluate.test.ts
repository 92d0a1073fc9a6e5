import { expect, test } from 'vitest'
import { InvalidOption } from '../errors.js'
import type { Expr } from '../expression/expr.js'
import { add, mul, norm, opaque, sum } from '../expression/operations.js'
import type { Engine } from './engine.js'
import { defaultEngine, evaluate, read, withEngine } from './evaluate.js'
import { reference } from './reference.js'
import { createWasmEngine, isWasmSupported } from './wasm/engine.js'

const spying = (): { engine: Engine; roots: number[] } => {
  const roots: number[] = []
  const engine: Engine = {
    name: 'spy',
    evaluate: (nodes) => {
      roots.push(nodes.length)
      reference.evaluate(nodes)
    }
  }
  return { engine, roots }
}

test('WebAssembly is there, and its engine is the default, one for all', () => {
  expect(isWasmSupported()).toBe(true)
  expect(defaultEngine().name).toBe('wasm')
  expect(defaultEngine()).toBe(defaultEngine())
})

test('withEngine runs one function with an engine, nested too, and the one before comes back', () => {
  const [outer, inner] = [spying(), spying()]
  const result = withEngine(outer.engine, () => {
    const first = read(sum(Float32Array.of(1, 2)))
    const second = withEngine(inner.engine, () => read(sum(Float32Array.of(3, 4))))
    return [first, second, read(sum(Float32Array.of(5, 6)))]
  })
  read(sum(Float32Array.of(7)))
  expect([result, outer.roots, inner.roots]).toStrictEqual([[3, 7, 11], [1, 1], [1]])
})

test('the engine before comes back when the function throws', () => {
  const { engine, roots } = spying()
  expect(() =>
    withEngine(engine, () => {
      throw new RangeError('no')
    })
  ).toThrow(RangeError)
  expect(read(sum(Float32Array.of(1)))).toBe(1)
  expect(roots).toEqual([])
})

test('read gives numbers as they are, and a scalar that is known without evaluating it again', () => {
  const { engine, roots } = spying()
  withEngine(engine, () => {
    expect(read(-0)).toBe(-0)
    const x = norm(Float32Array.of(3, 4))
    expect([read(x), read(x), read(add(1, 2))]).toStrictEqual([5, 5, 3])
  })
  expect(roots).toStrictEqual([1])
})

test('read computes only what the scalar depends on', () => {
  const x = Float32Array.of(1, 2)
  const other = opaque(
    () => {
      throw new RangeError('not needed')
    },
    [x],
    { dtype: 'float32', shape: [2] }
  )
  const total = sum(mul(x, 2))
  const both = add(sum(other), total)
  expect(read(total)).toBe(6)
  expect(() => read(both)).toThrow('not needed')
})

test('read refuses arrays, lazy or not', () => {
  const message = 'read: x must be a number or a lazy scalar, got an array'
  expect(() => read(Float32Array.of(1))).toThrow(new InvalidOption(message))
  expect(() => read(mul(Float32Array.of(1), 2))).toThrow(new InvalidOption(message))
})

test('an expression evaluated by one engine is a value for every other', () => {
  const x = add(Float32Array.of(1, 2), 1) as Expr
  const y = mul(x, 2) as Expr
  withEngine(reference, () => evaluate([x]))
  withEngine(createWasmEngine(), () => evaluate([y]))
  expect([x.data, y.data]).toStrictEqual([Float32Array.of(2, 3), Float32Array.of(4, 6)])
})
