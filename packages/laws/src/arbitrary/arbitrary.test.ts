import { type Leaf, type NdArray, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitrary } from '../index.js'
import { difference } from '../internal/difference.js'
import { dataOf, isArrayLeaf, isShaped } from '../internal/elements.js'
import { formOf } from '../internal/form.js'
import { leavesOf, numbersOf } from '../internal/mapLeaves.js'
import { printTrajectory } from '../internal/print.js'

const leavesIn = (trees: readonly unknown[]) => trees.flatMap(leavesOf)
const sizes = (leaves: readonly unknown[]) =>
  new Set(leaves.flatMap((leaf) => (isArrayLeaf(leaf) ? [dataOf(leaf).length] : [])))

const drawn = fc.sample(arbitrary.params({ dtypes: ['float32', 'float64', 'bfloat16', 'float16'] }), 4000)

describe('trees of params', () => {
  const leaves = leavesIn(drawn)
  const texts = drawn.map(formOf)
  const shaped = leaves.filter(isShaped)

  test.each<readonly [string, boolean]>([
    ['a bare number', drawn.some((t) => typeof t === 'number')],
    ['a bare vector', drawn.some((t) => t instanceof Float32Array) && drawn.some((t) => t instanceof Float64Array)],
    ['nothing at all', drawn.includes(null) && texts.includes('{}') && texts.includes('[]')],
    ['containers without leaves below others', texts.some((t) => t.includes('{}, ') || t.includes('[], '))],
    ['null beside arrays', texts.some((t) => /null.*Array|Array.*null/.test(t))],
    ['arrays in objects in arrays', texts.some((t) => /\[.*\{.*\[.*\].*\}.*\]/.test(t))],
    ['objects without a prototype', drawn.some((t) => isBare(t))],
    ['keys that are whole numbers', texts.some((t) => t.includes('"10":'))],
    [
      'keys that mean something else elsewhere',
      texts.some((t) => t.includes('"constructor":') && t.includes('"length":'))
    ],
    ['hundreds of levels', texts.some((t) => /[[{]{200}/.test(t.replace(/"in": /g, '')))],
    ['many leaves', drawn.some((t) => leavesOf(t).length > 8)],
    ...[0, 1, 2, 3, 4].map((rank) => [`rank ${rank}`, shaped.some(({ shape }) => shape.length === rank)] as const),
    ...['float32', 'float64', 'bfloat16', 'float16'].map(
      (dtype) => [`dtype ${dtype}`, shaped.some((leaf) => leaf.dtype === dtype)] as const
    ),
    ['shapes with an axis of length 0', shaped.some(({ shape }) => shape.length > 1 && shape.includes(0))],
    ['dtypes mixed in one tree', texts.some((t) => t.includes('Float32Array') && t.includes('Float64Array'))]
  ])('reach %s', (_what, reached) => {
    expect(reached).toBe(true)
  })

  test('have every length around the width of a vector register, and some around the blocks', () => {
    const found = sizes(leaves)
    expect([0, 1, 2, 3, 4, 5, 7, 8, 9, 4095, 4096, 4097].filter((n) => !found.has(n))).toEqual([])
    expect([16_383, 16_384, 16_385].some((n) => found.has(n))).toBe(true)
  })

  test('have no leaf that was not asked for', () => {
    const only = fc.sample(arbitrary.params({ dtypes: ['float64'], numbers: false, shapes: false }), 300)
    expect(leavesIn(only).every((leaf) => leaf instanceof Float64Array)).toBe(true)
  })

  test('are trees: every leaf is one of ours', () => {
    for (const params of drawn) expect(tree.leaves<Leaf>(params).length).toBe(leavesOf(params).length)
  })
})

const isBare = (node: Tree<Leaf>): boolean =>
  typeof node === 'object' && node !== null && Object.getPrototypeOf(node) === null

describe('numbers', () => {
  const sampled = (domain: arbitrary.Domain) => fc.sample(arbitrary.value(domain), 2000)
  const finite = sampled('finite')
  const has = (xs: readonly number[], test: (x: number) => boolean) => xs.some(test)

  test.each([
    ['both zeros', has(finite, (x) => Object.is(x, 0)) && has(finite, (x) => Object.is(x, -0))],
    ['float32 subnormals', has(finite, (x) => x !== 0 && Math.abs(x) < 2 ** -126 && Math.fround(x) !== 0)],
    ['float64 subnormals', has(finite, (x) => x !== 0 && Math.abs(x) < 2 ** -1022)],
    ['what overflows float32 when squared', has(finite, (x) => Math.abs(x) > 1e20 && Math.abs(x) < 3e38)],
    ['what overflows float64 when squared', has(finite, (x) => Math.abs(x) > 1e160)],
    [
      'ordinary numbers, of both signs',
      has(finite, (x) => x > 0.1 && x < 10) && has(finite, (x) => x < -0.1 && x > -10)
    ],
    ['small whole numbers', has(finite, (x) => x === 1) && has(finite, (x) => x === -3)]
  ])('that are finite reach %s', (_what, reached) => {
    expect(reached).toBe(true)
  })

  test('any reaches NaN and both infinities, and finite none', () => {
    const any = sampled('any')
    expect([Number.NaN, Infinity, -Infinity].every((x) => any.includes(x))).toBe(true)
    expect(finite.every(Number.isFinite)).toBe(true)
  })

  test('moderate ones are at most 2³⁰ in size, and reach it, and zero, and subnormals', () => {
    const moderate = sampled('moderate')
    expect(Math.max(...moderate.map(Math.abs))).toBe(2 ** 30)
    expect(has(moderate, (x) => x === 0) && has(moderate, (x) => x !== 0 && Math.abs(x) < 2 ** -126)).toBe(true)
  })

  test('well scaled ones are from 1 to 1024 in size', () => {
    const wellScaled = sampled('wellScaled')
    expect(wellScaled.every((x) => Math.abs(x) >= 1 && Math.abs(x) <= 1024)).toBe(true)
  })

  test('dyadic ones are eighths', () => {
    expect(sampled('dyadic').every((x) => Number.isInteger(8 * x) && Math.abs(x) <= 8)).toBe(true)
  })
})

describe('trajectories', () => {
  test('have gradients and params that fit, and stay finite in every dtype', () => {
    const dtypes = ['float32', 'float64', 'bfloat16', 'float16'] as const
    const trajectories = arbitrary.trajectory({ params: arbitrary.params({ dtypes }), domain: 'finite' })
    fc.assert(
      fc.property(trajectories, ({ params, steps }) => {
        const form = formOf(params)
        return steps.every(
          (step) =>
            formOf(step.gradients) === form &&
            formOf(step.params) === form &&
            numbersOf(step.gradients).every(Number.isFinite)
        )
      }),
      { numRuns: 200 }
    )
  })

  test('have from no step to the most, mixed scales in one array, and different params in each step', () => {
    const all = fc.sample(arbitrary.trajectory(), 1000)
    const counts = all.map(({ steps }) => steps.length)
    expect([...new Set(counts)].sort((a, b) => a - b)).toStrictEqual(Array.from({ length: 21 }, (_, n) => n))
    expect(counts.filter((n) => n <= 4).length).toBeGreaterThan(700)
    const mixed = (xs: readonly number[]) =>
      xs.some((x) => Math.abs(x) > 1e20) && xs.some((x) => x !== 0 && Math.abs(x) < 1e-20)
    expect(all.some(({ steps }) => steps.some(({ gradients }) => mixed(numbersOf(gradients))))).toBe(true)
  })

  test('are printed as code that makes them again', () => {
    const ndarray = (data: NdArray['data'], shape: readonly number[], dtype?: string) => ({
      dtype: dtype ?? (data instanceof Float32Array ? 'float32' : 'float64'),
      shape,
      data
    })
    const trajectories = arbitrary.trajectory({
      params: arbitrary.params({ dtypes: ['float32', 'float64', 'bfloat16'] }),
      domain: 'any'
    })
    fc.assert(
      fc.property(trajectories, ({ params, steps }) => {
        const code = printTrajectory({ params, steps })
        const again: unknown = new Function('ndarray', `return (${code})`)(ndarray)
        expect(difference(again, { params, steps: steps.map(({ extra: _, ...rest }) => rest), choice: 0 })).toBe(null)
      }),
      { numRuns: 200 }
    )
  })
})

describe('masks and labels', () => {
  const params = { w: new Float32Array(3), layers: [{ b: 1, c: 2 }, null], empty: {} }

  test('have a mark at every leaf and nothing else', () => {
    const marks = fc.sample(arbitrary.mask(params), 200)
    expect(new Set(marks.map(formOf))).toEqual(
      new Set([formOf({ w: true, layers: [{ b: true, c: true }, null], empty: {} })])
    )
    const texts = new Set(marks.map((mark) => JSON.stringify(mark)))
    expect(texts.size).toBe(8)
  })

  test('are prefixes that stop anywhere', () => {
    const prefixes = fc.sample(arbitrary.prefixMask(params), 500)
    for (const prefix of prefixes) tree.expandPrefix(prefix, params as Tree<unknown>)
    const forms = new Set(prefixes.map(formOf))
    expect(forms.has('boolean')).toBe(true)
    expect(forms.size).toBeGreaterThan(3)
  })

  test('use every label', () => {
    const labels = fc.sample(arbitrary.labels(params, ['a', 'b', 'c']), 200)
    expect(new Set(leavesIn(labels))).toEqual(new Set(['a', 'b', 'c']))
  })
})

describe('hyperparameters', () => {
  test('are in their ranges and reach the ends', () => {
    const rates = fc.sample(arbitrary.decayRate(), 500)
    expect(rates.every((b) => b >= 0 && b < 1) && rates.includes(0) && rates.some((b) => b > 1 - 1e-15)).toBe(true)
    expect(fc.sample(arbitrary.positive(), 500).every((x) => x > 0 && Number.isFinite(x))).toBe(true)
    expect(new Set(fc.sample(arbitrary.stepCount(3), 200))).toStrictEqual(new Set([1, 2, 3]))
    const steps = fc.sample(arbitrary.step(), 1000)
    expect(steps.every((n) => Number.isSafeInteger(n) && n >= 0)).toBe(true)
    expect([0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER].every((n) => steps.includes(n))).toBe(true)
  })
})
