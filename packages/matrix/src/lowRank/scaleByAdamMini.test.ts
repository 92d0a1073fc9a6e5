import { type GradientTransformation, ndarray } from '@gradchain/core'
import { scaleByAdam } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { adamMini } from './adamMini.js'
import { type AdamMiniBlocks, scaleByAdamMini } from './scaleByAdamMini.js'

const numbers = (t: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, k) => Math.cos(3 * t + k * k) + 0.1 * k)
const size = (shape: readonly number[]): number => shape.reduce((n, length) => n * length, 1)
const emitted = <S>(tx: GradientTransformation<S>, shape: readonly number[], steps: number) => {
  const params = { w: ndarray(new Float64Array(size(shape)), shape) }
  let state = tx.init(params)
  const updates: Float64Array[] = []
  for (let t = 1; t <= steps; t++) {
    const [u, next] = tx.update({ w: ndarray(numbers(t, size(shape)), shape) }, state, params)
    updates.push(u.w.data as Float64Array)
    state = next
  }
  return { updates, state }
}
const furthest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(...a.map((u, i) => distance(u, b[i] as Float64Array)))

/** Adam-mini where element k is in block `blockOf(k)`, written down again. */
const miniOf = (n: number, steps: number, blockOf: (k: number) => number): readonly Float64Array[] => {
  let mean: Float64Array = new Float64Array(n)
  const second = new Map<number, number>()
  return Array.from({ length: steps }, (_, i) => {
    const [t, g] = [i + 1, numbers(i + 1, n)]
    mean = mean.map((m, k) => 0.9 * m + 0.1 * (g[k] as number))
    for (const block of new Set(Array.from(g, (_x, k) => blockOf(k)))) {
      const own = Array.from(g).filter((_x, k) => blockOf(k) === block)
      const square = own.reduce((total, x) => total + x * x, 0) / own.length
      second.set(block, 0.999 * (second.get(block) ?? 0) + 0.001 * square)
    }
    return mean.map(
      (m, k) => m / (1 - 0.9 ** t) / (Math.sqrt((second.get(blockOf(k)) as number) / (1 - 0.999 ** t)) + 1e-8)
    )
  })
}

test.each<readonly [string, readonly number[], AdamMiniBlocks | undefined, (k: number) => number]>([
  ['outputs by default', [3, 4], undefined, (k) => k % 4],
  ['a vector as a whole by default', [5], undefined, () => 0],
  ['a number', [], undefined, () => 0],
  ['a kernel of a convolution', [2, 2, 3, 4], undefined, (k) => k % 4],
  ['the whole', [3, 4], 'whole', () => 0],
  ['elements', [3, 4], 'elements', (k) => k],
  ['rows', [3, 4], { axis: 0 }, (k) => Math.floor(k / 4)],
  ['heads', [3, 6], { axis: -1, parts: 2 }, (k) => Math.floor((k % 6) / 3)],
  ['heads in the middle', [2, 4, 3], { axis: 1, parts: 2 }, (k) => Math.floor((k % 12) / 6)]
])('does what its definition says: %s', (_, shape, blocks, blockOf) => {
  const tx = scaleByAdamMini(blocks === undefined ? {} : { blocks: () => blocks })
  expect(furthest(emitted(tx, shape, 6).updates, miniOf(size(shape), 6, blockOf))).toBeLessThan(1e-12)
})

test('where blocks are elements it is Adam', () => {
  const mini = emitted(scaleByAdamMini({ blocks: () => 'elements' }), [3, 4], 6).updates
  expect(furthest(mini, emitted(scaleByAdam(), [3, 4], 6).updates)).toBe(0)
})

test('blocks are told the path and the shape', () => {
  const seen: unknown[] = []
  scaleByAdamMini({
    blocks: (path, shape) => {
      seen.push([path, shape])
      return 'whole'
    }
  }).init({ layer: [{ w: ndarray(new Float64Array(6), [2, 3]) }], b: 3 })
  expect(seen).toStrictEqual([
    ['.layer[0].w', [2, 3]],
    ['.b', []]
  ])
})

test('keeps a number for each block', () => {
  const { nu } = scaleByAdamMini({ blocks: () => ({ axis: 0, parts: 2 }) }).init({
    w: ndarray(new Float64Array(24), [4, 6])
  })
  expect((nu as { readonly w: { readonly shape: unknown } }).w.shape).toStrictEqual([2])
})

test('zeros stay zeros', () => {
  const params = { w: ndarray(new Float64Array(4), [2, 2]) }
  const tx = scaleByAdamMini()
  const [u] = tx.update(params, tx.init(params), params)
  expect(Array.from(u.w.data).every((x) => x === 0)).toBe(true)
})

const w = { w: ndarray(new Float64Array(6), [2, 3]) }
test.each([
  [() => scaleByAdamMini({ b1: 1 }), 'scaleByAdamMini: b1 must be in [0, 1), got 1'],
  [() => scaleByAdamMini({ eps: -1 }), 'scaleByAdamMini: eps must be a finite number ≥ 0, got -1'],
  [() => scaleByAdamMini({ blocks: 3 as never }), 'scaleByAdamMini: blocks must be a function, got 3'],
  [() => scaleByAdamMini({ blocks: () => ({ axis: 2 }) }).init(w), 'scaleByAdamMini: blocks(".w") must be'],
  [() => scaleByAdamMini({ blocks: () => ({ axis: 1, parts: 2 }) }).init(w), 'that is divisible by its parts, got'],
  [() => scaleByAdamMini({ blocks: () => 'rows' as never }).init(w), "must be 'whole', 'elements', or"],
  [() => adamMini(0.1, { weightDecay: -1 }), 'adamMini: weightDecay must be a finite number ≥ 0 or a schedule, got -1']
])('refuses %s', (call, message) => {
  expect(call).toThrow(message)
})
