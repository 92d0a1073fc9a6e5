import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { read, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { createWasmEngine } from '../engine/wasm/engine.js'
import { add, cast, mul, sqrt, sum } from '../expression/operations.js'
import { matmul } from '../matrix/matmul.js'
import { force } from '../transformation/force.js'
import { dequantize } from './dequantize.js'
import type { PackedFormat } from './format.js'
import { quantize } from './quantize.js'

const engine = createWasmEngine()
/** Twice, as what is small is compiled when it is seen again. */
const both = (graph: () => unknown): readonly unknown[] => [graph(), graph()]

const some = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -9, max: 1 }))
      .map(([x, e]) => x * 10 ** e)
  },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, 1, -1, 2 ** -126, -(2 ** -127), 0.55e-6, 0.275e-6) }
)
const odd = fc.constantFrom(NaN, Infinity, -Infinity, 3e38, -3e38, 2 ** -149, 1e-45)
const data = fc
  .tuple(
    fc.constantFrom(1, 3, 4, 5, 255, 256, 257, 511, 1025, 4096, 4099),
    fc.array(some, { minLength: 1, maxLength: 40 }),
    fc.constantFrom(1, 1e30, 1e-36, 7),
    fc.constantFrom('both', 'up', 'down'),
    fc.option(fc.tuple(fc.nat(4000), odd))
  )
  .map(([size, xs, scale, sign, strange]) => {
    const x = Float32Array.from({ length: size }, (_, i) => {
      const one = (xs[i % xs.length] as number) * scale * (1 + (i % 13))
      return sign === 'both' ? one : sign === 'up' ? Math.abs(one) : -Math.abs(one)
    })
    if (strange !== null) x[strange[0] % size] = strange[1]
    return x
  })
const format = fc.constantFrom<PackedFormat>('dynamic8', 'dynamic4', 'e4m3fn', 'e5m2')

test('packed and unpacked in the middle of a pass, the bits are those of the specification', () => {
  fc.assert(
    fc.property(data, format, format, (x, p, q) => {
      const words = force(quantize(x, p)) as never
      const graph = () => {
        const before = dequantize(words, p, x)
        const after = add(mul(0.9, before), mul(0.1, x))
        const other = sqrt(mul(x, x))
        return force([after, quantize(after, p), quantize(other, q), add(before, dequantize(quantize(other, q), q, x))])
      }
      const expected = withEngine(reference, graph)
      const found = withEngine(engine, () => both(graph))
      expect(found[0]).toStrictEqual(expected)
      expect(found[1]).toStrictEqual(expected)
      expect(withEngine(reference, () => force(quantize(x, p)))).toStrictEqual(words)
    })
  )
})

test('beside sums, which go by other blocks', () => {
  const x = Float32Array.from({ length: 9001 }, (_, i) => ((i * 37) % 101) - 50)
  const graph = () => {
    const y = mul(x, 3)
    const total = sum(y)
    const packed = quantize(y, 'dynamic8')
    return [force([packed, mul(dequantize(packed, 'dynamic8', x), total)]), read(total)]
  }
  expect(withEngine(engine, () => both(graph))).toStrictEqual(withEngine(reference, () => both(graph)))
})

test('what is unpacked is summed as what is stored', () => {
  fc.assert(
    fc.property(data, format, (x, p) => {
      const words = force(quantize(x, p)) as never
      const graph = () => {
        const before = dequantize(words, p, x)
        const scaled = mul(0.5, add(before, x))
        // Beside a sum of what is not unpacked, out of the same array.
        const other = sum(mul(x, x))
        const again = dequantize(quantize(scaled, p), p, x)
        return force([
          sum(before),
          sum(mul(before, scaled)),
          other,
          scaled,
          mul(again, sum(again)),
          mul(before, sum(scaled))
        ])
      }
      const alone = () => force([sum(dequantize(words, p, x))])
      for (const each of [graph, alone]) {
        const expected = withEngine(reference, each)
        expect(withEngine(engine, () => both(each))).toStrictEqual([expected, expected])
      }
    })
  )
})

test('beside arrays of bfloat16, of which eight are read at a time', () => {
  fc.assert(
    fc.property(data, format, (x, p) => {
      // Which bits NaN has in few is nobody's promise.
      fc.pre(x.every(Number.isFinite))
      const words = force(quantize(x, p)) as never
      const half = force(cast(x, 'bfloat16')) as never
      const graph = () => {
        const after = add(mul(0.5, dequantize(words, p, x)), cast(half, 'float32'))
        return force([quantize(after, p), cast(after, 'bfloat16'), cast(after, 'float16'), cast(after, 'float64')])
      }
      const expected = withEngine(reference, graph)
      expect(withEngine(engine, () => both(graph))).toStrictEqual([expected, expected])
    })
  )
})

test('many packed in one pass', () => {
  const x = Float32Array.from({ length: 2000 }, (_, i) => ((i * 37) % 101) - 50)
  const graph = () =>
    force(Array.from({ length: 19 }, (_, i) => quantize(mul(x, i + 1), i % 2 === 0 ? 'dynamic8' : 'dynamic4')))
  expect(withEngine(engine, () => both(graph))).toStrictEqual(withEngine(reference, () => both(graph)))
})

test.each(['dynamic8', 'dynamic4', 'e4m3fn', 'e5m2'] as const)(
  '%s: numbers about each one that has nine digits',
  (p) => {
    const bits = new Uint32Array(25 * 256 * 3 + 1)
    // 1 is the largest of each block; of both signs, and of one.
    for (let i = 0; i < bits.length; i++) {
      const digits = (127 << 8) - Math.floor(i / 3)
      bits[i] = i % 256 === 0 ? 0x3f800000 : (digits << 15) + 0x4000 + ((i % 3) - 1)
    }
    const up = new Float32Array(bits.buffer)
    const both = up.map((x, i) => (i % 256 !== 0 && i % 5 < 2 ? -x : x))
    for (const x of [up, both]) {
      const graph = () => force(quantize(mul(x, 1), p))
      expect(withEngine(engine, graph)).toStrictEqual(withEngine(reference, graph))
    }
  }
)

test('after other things were where the codes are looked up', () => {
  const x = Float32Array.from({ length: 20_000 }, (_, i) => ((i * 37) % 101) - 50)
  const square = ndarray(
    Float32Array.from({ length: 256 * 256 }, (_, i) => 1e-30 * i),
    [256, 256]
  )
  const graph = () => force(quantize(mul(x, 3), 'dynamic8'))
  const expected = withEngine(reference, graph)
  withEngine(engine, () => {
    expect(graph()).toStrictEqual(expected)
    force(matmul(square, square))
    expect(graph()).toStrictEqual(expected)
  })
})
