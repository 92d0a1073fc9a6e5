import { afterEach, describe, expect, test, vi } from 'vitest'
import { valuesOf } from '../../../../laws/src/engine/graph.js'
import { Kind } from '../../array/dtype.js'
import type { Expr } from '../../expression/expr.js'
import { called } from '../../expression/methods/called.js'
import { isCalled, isElementwise, Op } from '../../expression/op.js'
import { abs, add, div, lift, mul, neg, sqrt, sub, sum } from '../../expression/operations.js'
import { Code, NONE } from '../program.js'
import { reference } from '../reference.js'
import { CAPACITY, KernelCache, LARGE } from './cache.js'
import { createWasmEngine } from './engine.js'

afterEach(() => {
  vi.restoreAllMocks()
})

const memory = () => new WebAssembly.Memory({ initial: 16 })

/** The program of `x + … + x`, `n` times: every n another one. */
const program = (n: number): number[] => {
  const code: number[] = [Code.Input, Kind.F32, NONE, NONE, NONE]
  for (let i = 0; i < n % 7; i++) code.push(Op.Add, Kind.F32, 0, i, NONE)
  for (let i = 0; i < Math.floor(n / 7); i++) code.push(Op.Neg, Kind.F32, 0, NONE, NONE)
  return [...code, Code.Output, Kind.F32, 0, NONE, NONE]
}

describe('when a program is compiled', () => {
  test('large arrays: at first sight', () => {
    const cache = new KernelCache(memory())
    expect(cache.find(program(1), LARGE)).not.toBeNull()
  })

  test('small arrays: at second sight, and then it is the same kernel again', () => {
    const cache = new KernelCache(memory())
    expect(cache.find(program(1), LARGE - 1)).toBeNull()
    const kernel = cache.find(program(1), 1)
    expect(kernel).not.toBeNull()
    expect(cache.find(program(1), 1)).toBe(kernel)
    expect(cache.find(program(2), 1)).toBeNull()
  })

  test.each([
    ['refuses', () => new WebAssembly.CompileError('no')],
    ['finds too large', () => new RangeError('larger than 8MB')]
  ])('a program that WebAssembly %s is not tried again', (_what, error) => {
    const refuse = vi.spyOn(WebAssembly, 'Module').mockImplementation(function refuse() {
      throw error()
    })
    const cache = new KernelCache(memory())
    expect([1, 2, 3].map(() => cache.find(program(3), LARGE))).toEqual([null, null, null])
    expect(refuse).toHaveBeenCalledTimes(1)
    const engine = createWasmEngine()
    for (let sight = 0; sight < 3; sight++) {
      const x = add(Float32Array.of(1, 2), 1) as Expr
      engine.evaluate([x])
      expect(valuesOf(x)).toStrictEqual([2, 3])
    }
  })
})

describe('what is compiled at all', () => {
  const elementwise = Object.values(Op).filter(isElementwise)

  // A module that is refused would not be noticed otherwise: the specification computes instead.
  test.each(elementwise)('operation %i, in every dtype', (op) => {
    const cache = new KernelCache(memory())
    const operands = op < Op.Pow ? [0, NONE, NONE] : op < Op.Where ? [0, 0, NONE] : [0, 0, 0]
    if (isCalled(op)) called(op, Math.min)
    for (const kind of [Kind.F32, Kind.F64, Kind.BF16, Kind.F16]) {
      const code = [Code.Input, kind, NONE, NONE, NONE, op, kind, ...operands, Code.Output, kind, 1, NONE, NONE]
      expect(cache.find(code, LARGE)).not.toBeNull()
    }
  })
})

describe('how many programs are remembered', () => {
  test('never more than the capacity, through thousands of different ones', () => {
    const cache = new KernelCache(memory())
    for (let n = 0; n < 5000; n++) {
      cache.find(program(n % 3000), 1)
      expect(cache.size).toBeLessThanOrEqual(CAPACITY)
    }
    expect(cache.size).toBeGreaterThan(CAPACITY / 2)
  })

  test('what is used stays, what was not used for longest goes', () => {
    const cache = new KernelCache(memory())
    cache.find(program(0), 1)
    const kept = cache.find(program(0), 1)
    cache.find(program(1), 1)
    for (let n = 2; n < 3 * CAPACITY; n++) {
      cache.find(program(n), 1)
      expect(cache.find(program(0), 1)).toBe(kept)
    }
    expect(cache.find(program(1), 1)).toBeNull()
  })

  test('thousands of different expressions are computed by one engine', () => {
    const engine = createWasmEngine()
    const unary = [neg, abs, (y: Expr) => add(y, 1), (y: Expr) => mul(y, 2)] as ((y: Expr) => Expr)[]
    const then = [(y: Expr) => y, (y: Expr) => sub(y, 3), (y: Expr) => mul(y, y)] as ((y: Expr) => Expr)[]
    // Three digits in base 12 say which operations: every n another program.
    const make = (n: number): Expr => {
      let x = lift(Float32Array.of(1, -2, 3, 4, 5)) as Expr
      for (const digit of [n % 12, Math.floor(n / 12) % 12, Math.floor(n / 144)]) {
        x = then[digit >> 2]?.(unary[digit % 4]?.(x) as Expr) as Expr
      }
      return add(x, 0) as Expr
    }
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 1728; n++) {
        // Each twice in a row, so that each is compiled, and forgotten long before the next round.
        const [first, second, expected] = [make(n), make(n), make(n)]
        engine.evaluate([first])
        engine.evaluate([second])
        reference.evaluate([expected])
        expect([n, first.data, second.data]).toEqual([n, expected.data, expected.data])
      }
    }
  }, 30_000)
})

/** Every way to write down a few programs that are easily mixed up; each evaluated on its own gives other values. */
const look_alikes: readonly (readonly [string, () => Expr[], number[][]])[] = (() => {
  const a = Float32Array.of(1, 2, 3)
  const b = Float32Array.of(10, 20, 30)
  const wide = Float64Array.of(1, 2, 3)
  const e = (x: unknown) => x as Expr
  const rows: [string, () => Expr[], number[][]][] = [
    ['[a + b]', () => [e(add(a, b))], [[11, 22, 33]]],
    ['[b + a]', () => [e(add(b, a))], [[11, 22, 33]]],
    ['[a − b]', () => [e(sub(a, b))], [[-9, -18, -27]]],
    ['[a − a]', () => [e(sub(a, a))], [[0, 0, 0]]],
    ['[a + a]', () => [e(add(a, a))], [[2, 4, 6]]],
    [
      '[a − a copied]',
      () => [
        e(
          sub(
            a,
            b.map((x) => x / 5)
          )
        )
      ],
      [[-1, -2, -3]]
    ],
    ['[a + 1]', () => [e(add(a, 1))], [[2, 3, 4]]],
    ['[1 − a]', () => [e(sub(1, a))], [[0, -1, -2]]],
    ['[a − 1]', () => [e(sub(a, 1))], [[0, 1, 2]]],
    ['[a + 1] in float64', () => [e(add(wide, 1))], [[2, 3, 4]]],
    ['[a wide − b]', () => [e(sub(wide, b))], [[-9, -18, -27]]],
    ['[a − b wide]', () => [e(sub(a, wide))], [[0, 0, 0]]],
    ['[−a]', () => [e(neg(a))], [[-1, -2, -3]]],
    [
      '[−a, a + b]',
      () => [e(neg(a)), e(add(a, b))],
      [
        [-1, -2, -3],
        [11, 22, 33]
      ]
    ],
    [
      '[t = a + b, −t]',
      () => {
        const t = e(add(a, b))
        return [t, e(neg(t))]
      },
      [
        [11, 22, 33],
        [-11, -22, -33]
      ]
    ],
    ['[−(a + b)]', () => [e(neg(add(a, b)))], [[-11, -22, -33]]],
    ['[a ÷ b, Σa]', () => [e(div(b, a)), e(sum(e(abs(a))))], [[10, 10, 10], [6]]],
    ['[Σ√(a a)]', () => [e(sum(sqrt(mul(a, a))))], [[6]]]
  ]
  return rows
})()

const computesAll = (): void => {
  const engine = createWasmEngine()
  for (let round = 0; round < 3; round++) {
    for (const [name, make, expected] of look_alikes) {
      const roots = make()
      engine.evaluate(roots)
      expect([name, roots.map(valuesOf)]).toEqual([name, expected])
    }
  }
}

describe('programs that look alike are told apart', () => {
  test('by their hash', computesAll)

  test('by themselves, when all hashes are the same', () => {
    const multiply = vi.spyOn(Math, 'imul').mockReturnValue(1)
    computesAll()
    // If this fails, the hash is made in another way: force its collisions in another way too.
    expect(multiply).toHaveBeenCalled()
  })

  test('and the number of programs stays bounded when all hashes are the same', () => {
    vi.spyOn(Math, 'imul').mockReturnValue(1)
    const cache = new KernelCache(memory())
    for (let n = 0; n < 3 * CAPACITY; n++) {
      cache.find(program(n), 1)
      expect(cache.size).toBeLessThanOrEqual(CAPACITY)
    }
  })
})
