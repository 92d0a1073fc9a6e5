import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differenceOf, SPECIAL, valuesOf } from '../../../laws/src/engine/graph.js'
import { allocate, type DType, kindOf } from '../array/dtype.js'
import { decode, encode, roundTo } from '../array/half.js'
import { type NdArray, ndarray } from '../array/ndarray.js'
import { withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { createWasmEngine } from '../engine/wasm/engine.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import type { Operand } from '../expression/expr.js'
import { add, fullLike, transpose } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import { stateless } from '../transformation/stateless.js'
import { transformation } from '../transformation/transformation.js'
import { race, randomFrom, residentOf, started } from '../transient/transientTesting.js'
import { map } from '../tree/tree.js'
import { identityMatrix } from './identityMatrix.js'
import { type MatmulOptions, matmul } from './matmul.js'

const wasm = createWasmEngine()

/** An array whose elements depend on the seed alone; when wild, some are zeros, infinities, subnormals and the like. */
const arrayOf = (dtype: DType, shape: readonly number[], seed: number, isWild = false): NdArray => {
  const kind = kindOf(dtype)
  const random = randomFrom(seed)
  const data = allocate(
    kind,
    shape.reduce((n, length) => n * length, 1)
  )
  for (let i = 0; i < data.length; i++) {
    const special = isWild && random() < 0.05 ? SPECIAL[Math.floor(random() * SPECIAL.length)] : undefined
    data[i] = encode(kind, roundTo(kind, special ?? random() * 2 - 1))
  }
  return { dtype, shape, data } as NdArray
}

const numbersOf = ({ dtype, data }: NdArray): number[] => Array.from(data, (x) => decode(kindOf(dtype), x))

/** The sum of products as the documentation words it: panels of 256 from 0 on, then panel after panel. */
const inOrder = (xs: readonly number[], ys: readonly number[], round: (x: number) => number): number => {
  const panels = Array.from({ length: Math.ceil(xs.length / 256) }, (_, p) =>
    xs.slice(256 * p, 256 * p + 256).reduce((sum, x, l) => round(sum + round(x * (ys[256 * p + l] as number))), 0)
  )
  return panels.reduce((total, panel) => round(total + panel), 0)
}

const bitsOf = (engine: typeof wasm, a: Operand, b: Operand, options: MatmulOptions = {}): readonly number[] => {
  const product = matmul(a, b, options)
  engine.evaluate([product])
  return valuesOf(product)
}

// Around a tile of 4 rows and 8 (float64: 4) columns, around a block of 32 tiles, around a panel of 256.
const length = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17) },
  { weight: 1, arbitrary: fc.constantFrom(127, 128, 129, 132, 255, 256, 257, 513, 600) }
)

const problem = fc
  .record({
    m: length,
    n: length,
    k: length,
    dtypeA: fc.constantFrom<DType>('float32', 'float32', 'float64', 'bfloat16', 'float16'),
    dtypeB: fc.constantFrom<DType>('float32', 'float32', 'float64', 'bfloat16', 'float16'),
    batchA: fc.constantFrom<readonly number[]>([], [], [2], [2, 3]),
    hasBatchB: fc.boolean(),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    isWild: fc.boolean(),
    seed: fc.nat()
  })
  .filter(({ m, n, k }) => m * n * k < 2e6)

describe('the engines agree to the bit', () => {
  test('on products of all shapes, dtypes, transposes and batches', () => {
    fc.assert(
      fc.property(problem, ({ m, n, k, dtypeA, dtypeB, batchA, hasBatchB, transposeA, transposeB, isWild, seed }) => {
        const batchB = hasBatchB ? batchA : []
        const a = arrayOf(dtypeA, [...batchA, ...(transposeA ? [k, m] : [m, k])], seed, isWild)
        const b = arrayOf(dtypeB, [...batchB, ...(transposeB ? [n, k] : [k, n])], seed + 1, isWild)
        const options = { transposeA, transposeB }
        return differenceOf(bitsOf(wasm, a, b, options), bitsOf(reference, a, b, options)) === -1
      }),
      { numRuns: 150 }
    )
  })

  test('on symmetric products', () => {
    const sizes = fc.record({
      m: length,
      k: length,
      dtype: fc.constantFrom<DType>('float32', 'float64'),
      seed: fc.nat()
    })
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.constantFrom([], [3]), ({ m, k, dtype, seed }, isFirst, batch) => {
        const inner = Math.min(k, 60)
        const x = arrayOf(dtype, [...batch, ...(isFirst ? [inner, m] : [m, inner])], seed)
        const gram = { transposeA: isFirst, transposeB: !isFirst }
        const [half, whole] = [bitsOf(wasm, x, x, gram), bitsOf(reference, x, x, gram)]
        // By a copy of itself it is not known to be symmetric, and is.
        const copy = { ...x, data: x.data.slice() } as NdArray
        expect(differenceOf(half, whole)).toBe(-1)
        expect(differenceOf(bitsOf(wasm, x, copy, gram), whole)).toBe(-1)
        const y = arrayOf(dtype, [...batch, inner, m], seed + 1)
        const z = arrayOf(dtype, [...batch, m, inner], seed + 2)
        const asked = { symmetric: true }
        expect(differenceOf(bitsOf(wasm, z, y, asked), bitsOf(reference, z, y, asked))).toBe(-1)
      }),
      { numRuns: 60 }
    )
  })

  test.each([
    [9, 600],
    [20, 300],
    [131, 300],
    [262, 257]
  ])('on symmetric products of %i rows and more than one panel', (m, k) => {
    const x = arrayOf('float32', [m, k], m)
    const gram = { transposeB: true }
    expect(differenceOf(bitsOf(wasm, x, x, gram), bitsOf(reference, x, x, gram))).toBe(-1)
  })

  test.each([1, 2, 3])('in transient on %s threads, step after step, in place', async (threads) => {
    const params = { w: arrayOf('float32', [130, 70], 1), v: arrayOf('float64', [3, 33, 33], 2) }
    const cubed = stateless((updates) =>
      map((g) => {
        const x = g as Operand
        return matmul(matmul(x, x, { transposeB: true }), x)
      }, updates)
    )
    const options = { steps: 4, threads, scratchBytes: 2 ** 24, pool: { worthSharing: 1 } }
    const run = residentOf(cubed, params, options)
    await started(run)
    expect(race(cubed, params, options, run)).toBe('')
  })

  test('in transient, where the same operands lie otherwise in every other step', () => {
    const params = { w: arrayOf('float32', [24, 24], 3) }
    const turning = transformation<{ readonly count: number }>({
      init: () => ({ count: 0 }),
      update: (updates, { count }, params) => [
        map((g, p) => matmul(g as Operand, p as Operand, { transposeA: count % 2 === 1 }), updates, params),
        { count: count + 1 }
      ]
    })
    expect(race(turning, params, { steps: 6, scratchBytes: 2 ** 22 })).toBe('')
  })
})

test('an element is the sum in the order of its documentation', () => {
  const round = { float32: Math.fround, float64: (x: number) => x }
  fc.assert(
    fc.property(
      fc.constantFrom('float32', 'float64'),
      fc.constantFrom(0, 1, 255, 256, 257, 600),
      fc.nat(),
      (dtype, k, seed) => {
        const [a, b] = [arrayOf(dtype, [1, k], seed, true), arrayOf(dtype, [k, 1], seed + 1)]
        const expected = inOrder(numbersOf(a), numbersOf(b), round[dtype])
        for (const engine of [wasm, reference]) expect(bitsOf(engine, a, b)[0]).toBe(expected)
      }
    ),
    { numRuns: 40 }
  )
})

test('where rows and columns are, for each of the four ways in which operands lie', () => {
  const a = ndarray([1, 2, 3, 4, 5, 6], [2, 3])
  const b = ndarray([1, 0, 10, 0, 1, 20, 0, 0, 100], [3, 3])
  const expected = [1, 2, 350, 4, 5, 740]
  const forms: readonly (readonly [Operand, Operand, MatmulOptions])[] = [
    [a, b, {}],
    [transpose(a), b, { transposeA: true }],
    [a, transpose(b), { transposeB: true }],
    [transpose(a), transpose(b), { transposeA: true, transposeB: true }]
  ]
  for (const engine of [wasm, reference]) {
    for (const [x, y, options] of forms) expect(bitsOf(engine, x, y, options)).toStrictEqual(expected)
  }
})

test('what is asked to be symmetric has the elements below the diagonal above it too', () => {
  const a = ndarray([1, 2, 3, 4], [2, 2])
  for (const engine of [wasm, reference]) {
    expect(bitsOf(engine, a, identityMatrix(2), { symmetric: true })).toStrictEqual([1, 3, 3, 4])
  }
})

test('(a b)ᵀ = bᵀ aᵀ, bit for bit', () => {
  const [a, b] = [arrayOf('float32', [9, 300], 1, true), arrayOf('float32', [300, 11], 2)]
  const options = { transposeA: true, transposeB: true }
  const [left, right] = [transpose(matmul(a, b)), matmul(b, a, options)]
  wasm.evaluate([left, right])
  expect(differenceOf(valuesOf(left), valuesOf(right))).toBe(-1)
})

test('the identity changes nothing', () => {
  const a = arrayOf('float64', [7, 12], 3)
  expect(bitsOf(wasm, identityMatrix(7), a)).toStrictEqual([...a.data])
  expect(bitsOf(wasm, a, identityMatrix(12))).toStrictEqual([...a.data])
})

test('operands and results are expressions like any other', () => {
  const a = ndarray([1, 2, 3, 4], [2, 2])
  const lazy = add(matmul(add(a, 1), fullLike(a, 2)), a)
  for (const engine of [wasm, reference]) {
    const { data } = withEngine(engine, () => force(lazy)) as NdArray
    expect([...data]).toStrictEqual([11, 12, 21, 22])
  }
})

test('an array that is changed afterwards changes nothing, and the result is nobody else’s', () => {
  const a = ndarray([1, 2, 3, 4], [2, 2])
  const once = force(matmul(a, a)) as NdArray
  a.data.fill(0)
  const twice = force(matmul(a, a)) as NdArray
  expect([...once.data]).toStrictEqual([7, 10, 15, 22])
  expect([...twice.data]).toStrictEqual([0, 0, 0, 0])
})

const of = (...shape: number[]): NdArray => arrayOf('float32', shape, 1)

test.each([
  [of(2, 3), of(2, 3), {}, 'matmul: shapes [2, 3] and [2, 3] do not fit, 3 columns meet 2 rows'],
  [
    of(2, 3),
    of(3, 2),
    { transposeA: true },
    'matmul: shapes [2, 3] transposed and [3, 2] do not fit, 2 columns meet 3'
  ],
  [of(2, 2, 2), of(3, 2, 2), {}, 'matmul: shapes [2, 2, 2] and [3, 2, 2] do not fit, the axes in front of a matrix'],
  [
    of(2, 3),
    of(3, 4),
    { symmetric: true },
    'matmul: shapes [2, 3] and [3, 4] give 2 × 4, and what is symmetric is square'
  ],
  [of(2), of(2, 2), {}, 'matmul: a must be a matrix, or a batch of them, got an array of shape [2]'],
  [of(2, 2), 3, {}, 'matmul: b must be a matrix, or a batch of them, got a number']
])('refuses operands that do not fit (%#)', (a, b, options, message) => {
  expect(() => matmul(a, b, options)).toThrow(message)
  expect(() => matmul(a, b, options)).toThrow(InvalidTree)
})

test('refuses an option that is no boolean', () => {
  const refused = () => matmul(of(2, 2), of(2, 2), { transposeA: 1 as unknown as boolean })
  expect(refused).toThrow('matmul: transposeA must be true or false, got 1')
  expect(refused).toThrow(InvalidOption)
})
