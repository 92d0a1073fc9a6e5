import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { build, differenceOf, type Recipe, recipe, valuesOf } from '../../../../laws/src/engine/graph.js'
import { Kind } from '../../array/dtype.js'
import { InvalidOption } from '../../errors.js'
import { type Expr, leafOf } from '../../expression/expr.js'
import { KeepingTape } from '../../expression/keepingTape.js'
import { add, dot, maxOf, minOf, mul, opaque, sum, sumSquares, tanh } from '../../expression/operations.js'
import { withTape } from '../../expression/tape.js'
import { LONGEST } from '../plan.js'
import { reference } from '../reference.js'
import { Arena } from './arena.js'
import { ResidentEngine } from './engine.js'
import { interpreted } from './interpreter.js'
import type { KernelOf } from './kernels.js'
import { kernelsOf } from './kernels.js'
import { runHere } from './launches.js'

afterEach(() => vi.unstubAllGlobals())

const arena = new Arena({ params: 0, grads: 0, state: 0, scratch: 2 ** 26 }, false)
const bottom = arena.top

const KERNELS: Readonly<Record<string, KernelOf>> = {
  compiled: kernelsOf(arena, false),
  read: (code, write) => (write === undefined ? interpreted(code, arena.memory.buffer) : null)
}

/** An engine on the whole arena. */
const engineOf = (kernelOf = KERNELS['compiled'] as KernelOf, tape = new KeepingTape()): ResidentEngine => {
  arena.release(bottom)
  return new ResidentEngine(arena, tape, kernelOf, runHere)
}

const compare = (expected: readonly Expr[], actual: readonly Expr[]): void => {
  expected.forEach((root, i) => {
    const [a, b] = [valuesOf(root), valuesOf(actual[i] as Expr)]
    const at = differenceOf(a, b)
    if (at >= 0) throw new Error(`root ${i}, ${root.dtype}[${at}] of ${root.size}: ${b[at]}, not ${a[at]}`)
  })
}

const small = fc.constantFrom<readonly number[]>(
  [0],
  [1],
  [3],
  [4],
  [5],
  [8],
  [13],
  [33],
  [],
  [3, 5],
  [2, 3, 4],
  [0, 3],
  [7, 1]
)
const large = fc.constantFrom<readonly number[]>([4095], [4096], [4097], [8193], [130, 130])

describe.each(Object.entries(KERNELS))(
  'with kernels that are %s, the bits are those of the specification',
  (_name, kernelOf) => {
    const agrees = (graph: Recipe): void => {
      const [expected, actual] = [build(graph), build(graph)]
      reference.evaluate(expected)
      engineOf(kernelOf).evaluate(actual)
      compare(expected, actual)
    }

    test('on random graphs of small arrays', () => {
      fc.assert(fc.property(recipe(small, 24), agrees), { numRuns: 150 })
    })

    test('on random graphs of arrays around a block of a sum', () => {
      fc.assert(fc.property(recipe(large, 10), agrees), { numRuns: 12 })
    })
  }
)

test('what WebAssembly refuses to compile is computed all the same', () => {
  const make = (): Expr[] => {
    const x = leafOf(Kind.F64, null, Float64Array.of(1, 2, 3))
    const roots = [sum(x), sumSquares(x), minOf(x), maxOf(x), dot(x, x)] as Expr[]
    for (let i = 0; i < 58; i++) {
      let y = x
      for (let j = 0; j < LONGEST - 1; j++) y = add(y, Float64Array.of(i, j, 1)) as Expr
      roots.push(y)
    }
    return roots
  }
  const [expected, actual] = [make(), make()]
  reference.evaluate(expected)
  engineOf().evaluate(actual)
  compare(expected, actual)
})

test('where there is no WebAssembly, kernels are read', () => {
  vi.stubGlobal('WebAssembly', undefined)
  const own = new Arena({ params: 0, grads: 0, state: 0, scratch: 2 ** 20 }, false)
  const engine = new ResidentEngine(own, new KeepingTape(), kernelsOf(own, false), runHere)
  const make = (): Expr[] => {
    const x = leafOf(Kind.F32, null, Float32Array.of(0.1, -2, 3, 4, 5))
    return [tanh(mul(x, sum(x))) as Expr]
  }
  const [expected, actual] = [make(), make()]
  reference.evaluate(expected)
  engine.evaluate(actual)
  compare(expected, actual)
})

const place = (...values: number[]): Expr => {
  const data = arena.takeArray(Kind.F32, values.length)
  data.set(values)
  return leafOf(Kind.F32, null, data)
}
const dataOf = (node: Expr): Float32Array => node.data as Float32Array

describe('plans', () => {
  test('one is made for a graph, whatever its numbers, and one more for each other graph', () => {
    arena.release(bottom)
    const [x, y] = [place(1, 2, 3), place(4, 5, 6)]
    const tape = new KeepingTape()
    const engine = new ResidentEngine(arena, tape, KERNELS['compiled'] as KernelOf, runHere)
    const step = (n: number, isOther = false): number[] => {
      engine.rewind()
      const node = withTape(tape, () => (isOther ? add(mul(x, n), y) : add(x, mul(y, n)))) as Expr
      engine.store([], [{ node, to: dataOf(x) }])
      return [...dataOf(x)]
    }
    expect(step(1)).toStrictEqual([5, 7, 9])
    expect(step(2)).toStrictEqual([13, 17, 21])
    expect(engine.plans).toBe(1)
    expect(step(2, true)).toStrictEqual([30, 39, 48])
    expect(engine.plans).toBe(2)
    expect(step(-1)).toStrictEqual([26, 34, 42])
    expect(step(0, true)).toStrictEqual([4, 5, 6])
    expect(engine.plans).toBe(2)
  })

  test('the same lists mean the same plan, unless a node has got its value in between', () => {
    arena.release(bottom)
    const [x, y, z] = [place(1, 2, 3), place(0, 0, 0), place(0, 0, 0)]
    const engine = new ResidentEngine(arena, new KeepingTape(), KERNELS['compiled'] as KernelOf, runHere)
    const total = mul(sum(x), 2) as Expr
    const [plain, scaled] = [add(x, x) as Expr, mul(x, 3) as Expr]
    const scalars = [total]
    const targets = [
      { node: plain, to: dataOf(y) },
      { node: scaled, to: dataOf(z) }
    ]
    const stored = (): unknown => {
      engine.rewind()
      engine.store(scalars, targets)
      return [total.value, [...dataOf(y)], [...dataOf(z)]]
    }
    expect(stored()).toStrictEqual([12, [2, 4, 6], [3, 6, 9]])
    dataOf(x).set([0, 0, 1])
    expect(stored()).toStrictEqual([2, [0, 0, 2], [0, 0, 3]])
    // Others ask for something else in between.
    engine.store([], [{ node: add(y, z) as Expr, to: dataOf(x) }])
    expect([...dataOf(x)]).toStrictEqual([0, 0, 5])
    expect(engine.plans).toBe(2)
    expect(stored()).toStrictEqual([10, [0, 0, 10], [0, 0, 15]])
    expect(engine.plans).toBe(2)
    reference.evaluate([plain])
    dataOf(x).set([1, 1, 1])
    expect(stored()).toStrictEqual([6, [0, 0, 10], [3, 3, 3]])
    reference.evaluate([scaled, total])
    dataOf(x).set([7, 7, 7])
    expect(stored()).toStrictEqual([6, [0, 0, 10], [3, 3, 3]])
  })

  test('are bounded', () => {
    arena.release(bottom)
    const x = place(1, 2, 3)
    const engine = new ResidentEngine(arena, new KeepingTape(), KERNELS['compiled'] as KernelOf, runHere)
    for (let i = 0; i < 500; i++) {
      engine.rewind()
      engine.store([], [{ node: mul(x, 1) as Expr, to: dataOf(x) }])
      expect(engine.plans).toBeLessThanOrEqual(64)
    }
    expect([...dataOf(x)]).toStrictEqual([1, 2, 3])
  })

  test('large ones are bounded to fewer', () => {
    arena.release(bottom)
    const places = Array.from({ length: 7500 }, (_, i) => place(i))
    const engine = new ResidentEngine(arena, new KeepingTape(), KERNELS['compiled'] as KernelOf, runHere)
    for (let i = 0; i < 9; i++) {
      engine.rewind()
      engine.store(
        [],
        places.map((x) => ({ node: add(x, 1) as Expr, to: dataOf(x) }))
      )
    }
    expect(engine.plans).toBe(8)
    expect(places.every((x, i) => dataOf(x)[0] === i + 9)).toBe(true)
  })
})

describe('what does not go well', () => {
  test('a step beyond the scratch is refused before anything is written', () => {
    const own = new Arena({ params: 0, grads: 0, state: 0, scratch: 2 ** 16 }, false)
    const view = own.takeArray(Kind.F32, 4000)
    view.fill(1)
    const x = leafOf(Kind.F32, null, view)
    const y = leafOf(Kind.F32, null, own.takeArray(Kind.F32, 4000))
    const engine = new ResidentEngine(own, new KeepingTape(), kernelsOf(own, false), runHere)
    const fits = (): void => engine.store([], [{ node: add(x, 1) as Expr, to: view }])
    fits()
    engine.rewind()
    // A sum of what is computed stores it, ten times over, and all ten are read in the end.
    let z = add(x, 1) as Expr
    const all = [z]
    for (let i = 0; i < 10; i++) {
      z = mul(z, sum(z)) as Expr
      all.push(z)
    }
    z = all.reduce((total, one) => add(total, one) as Expr)
    expect(() =>
      engine.store(
        [],
        [
          { node: z, to: view },
          { node: x, to: y.data as Float32Array }
        ]
      )
    ).toThrow(InvalidOption)
    expect([...view]).toStrictEqual(Array.from({ length: 4000 }, () => 2))
    expect(engine.isTorn).toBe(false)
    engine.rewind()
    fits()
    expect(view[3999]).toBe(3)
  })

  test("a user's function that throws has nothing written before it", () => {
    arena.release(bottom)
    const [x, y] = [place(1, 2, 3), place(4, 5, 6)]
    const engine = new ResidentEngine(arena, new KeepingTape(), KERNELS['compiled'] as KernelOf, runHere)
    const broken = opaque(
      () => {
        throw new RangeError('not today')
      },
      [mul(x, sum(add(x, y)))],
      { dtype: 'float32', shape: [3] }
    )
    const targets = [
      { node: add(x, y) as Expr, to: dataOf(x) },
      { node: add(broken, y) as Expr, to: dataOf(y) }
    ]
    expect(() => engine.store([], targets)).toThrow('not today')
    expect([...dataOf(x), ...dataOf(y)]).toStrictEqual([1, 2, 3, 4, 5, 6])
    expect(engine.isTorn).toBe(false)
  })

  test('what fails while arrays are written is known as torn', () => {
    arena.release(bottom)
    const x = place(1, 2, 3)
    const failing = (): never => {
      throw new Error('a thread died')
    }
    const engine = new ResidentEngine(arena, new KeepingTape(), KERNELS['compiled'] as KernelOf, failing)
    expect(() => engine.evaluate([add(x, 1) as Expr])).toThrow('a thread died')
    expect(engine.isTorn).toBe(false)
    expect(() => engine.store([], [{ node: add(x, 1) as Expr, to: dataOf(x) }])).toThrow('a thread died')
    expect(engine.isTorn).toBe(true)
  })
})

test('what is stored in between is given up once nobody reads it, and not before', () => {
  const size = 8192
  const cuts = 12
  arena.release(bottom)
  const [from, to] = [arena.takeArray(Kind.F32, size), arena.takeArray(Kind.F32, size)]
  from.forEach((_, i) => {
    from[i] = i
  })
  const base = arena.top
  const engine = new ResidentEngine(arena, new KeepingTape(), kernelsOf(arena, false), runHere)
  const start = leafOf(Kind.F32, null, from)
  let x = mul(start, 2) as Expr
  const early = add(x, 0)
  for (let i = 1; i < cuts * LONGEST; i++) x = add(x, 1) as Expr
  // Computed at the beginning and read at the end, it must outlive all that comes in between.
  engine.store([], [{ node: add(add(x, early), mul(sum(early), 0)) as Expr, to }])
  expect(to.every((y, i) => y === 4 * i + cuts * LONGEST - 1)).toBe(true)
  expect(arena.top - base).toBeLessThan((cuts / 2) * 4 * size)
})
