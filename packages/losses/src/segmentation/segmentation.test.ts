import { checkGradients, mean, type NdArray, ndarray, type Operand, reshape, sum, type Value } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elementsOf, isNear, slopesOf } from '../internal/lossTesting.js'
import { binaryDiceLoss } from './binaryDiceLoss.js'
import { type DiceLossOptions, diceLoss } from './diceLoss.js'
import { multiclassGeneralizedDiceLoss } from './multiclassGeneralizedDiceLoss.js'

/** Regions of classes: for each example and place the numbers of two classes, one that is there and one that was found. */
interface Regions {
  readonly there: readonly (readonly number[])[]
  readonly found: readonly (readonly number[])[]
}

const CLASSES = 3
const PLACES = 4

const places = fc.array(fc.nat(CLASSES - 1), { minLength: PLACES, maxLength: PLACES })
const regions: fc.Arbitrary<Regions> = fc.integer({ min: 1, max: 3 }).chain((n) => {
  const batch = fc.array(places, { minLength: n, maxLength: n })
  return fc.record({ there: batch, found: batch })
})

const oneHot = (classes: readonly (readonly number[])[]): NdArray<'float64'> => {
  const data = classes.flatMap((row) => row.flatMap((c) => [0, 1, 2].map((k) => (k === c ? 1 : 0))))
  return ndarray(Float64Array.from(data), [classes.length, 2, PLACES / 2, CLASSES])
}

/** Probabilities between those of one class and of all. */
const soft = (classes: readonly (readonly number[])[]): NdArray<'float64'> => {
  const hard = oneHot(classes)
  return ndarray(
    hard.data.map((p, i) => (p + 1 + (i % 3)) / 7),
    hard.shape
  )
}

const probable = { applySoftmax: false }

/** The losses of the classes of an example, by counting. */
const counted = (of: Regions, i: number, { smooth = 1, alpha = 0.5, beta = 0.5 }: DiceLossOptions): readonly number[] =>
  [0, 1, 2].map((c) => {
    const [t, f] = [of.there[i] as readonly number[], of.found[i] as readonly number[]]
    const both = t.filter((k, at) => k === c && f[at] === c).length
    const wrong = f.filter((k) => k === c).length - both
    const missed = t.filter((k) => k === c).length - both
    const below = both + alpha * wrong + beta * missed + smooth
    return 1 - (both + smooth) / below
  })

const averaged = (row: readonly number[]): number => row.reduce((total, x) => total + x, 0) / row.length

describe('diceLoss', () => {
  const eighth = fc.integer({ min: 1, max: 16 }).map((n) => n / 8)
  const weighing = fc.record({ smooth: eighth, alpha: eighth, beta: eighth })

  test('counts what is there and what was found, class by class', () => {
    fc.assert(
      fc.property(regions, weighing, (of, options) => {
        const by = (more: DiceLossOptions) =>
          elementsOf(diceLoss(oneHot(of.found), oneHot(of.there), { ...options, ...probable, ...more }))
        const classes = of.there.map((_, i) => counted(of, i, options))
        const weights = Float64Array.of(2, 0, 0.5)
        const weighted = classes.map((row) => row.map((l, c) => l * (weights[c] as number)))
        return (
          isNear(classes.flat(), by({ reduction: 'none' })) &&
          isNear(classes.map(averaged), by({})) &&
          isNear(
            classes.map((row) => 3 * averaged(row)),
            by({ reduction: 'sum' })
          ) &&
          isNear(
            classes.flatMap((row) => row.slice(1)),
            by({ reduction: 'none', ignoreBackground: true })
          ) &&
          isNear(
            classes.map((row) => averaged(row.slice(1))),
            by({ ignoreBackground: true })
          ) &&
          isNear(weighted.map(averaged), by({ classWeights: weights })) &&
          by({ reduction: 'none' }).every((l) => l >= -1e-15 && l <= 1)
        )
      })
    )
  })

  test('is 0 of what is found exactly, and turns with the batch', () => {
    fc.assert(
      fc.property(regions, ({ there, found }) => {
        const [one, other] = [oneHot(there), soft(found)]
        const turned = diceLoss(soft([...found].reverse()), oneHot([...there].reverse()), probable)
        return (
          elementsOf(diceLoss(one, one, probable)).every((l) => Math.abs(l) < 1e-15) &&
          isNear([...elementsOf(diceLoss(other, one, probable))].reverse(), elementsOf(turned), 0)
        )
      })
    )
  })

  test('of logits is that of the probabilities that they stand for, and equal weights are none', () => {
    fc.assert(
      fc.property(regions, ({ there, found }) => {
        const p = soft(found)
        const logits = ndarray(p.data.map(Math.log), p.shape)
        const own = elementsOf(diceLoss(p, oneHot(there), probable))
        const equal = diceLoss(logits, oneHot(there), { classWeights: Float64Array.of(1, 1, 1) })
        return isNear(own, elementsOf(diceLoss(logits, oneHot(there)))) && isNear(own, elementsOf(equal))
      })
    )
  })

  test('adds up along other axes, the batch too', () => {
    const of = {
      there: [
        [0, 1, 2, 0],
        [1, 1, 0, 2]
      ],
      found: [
        [0, 1, 1, 0],
        [1, 2, 0, 2]
      ]
    }
    const joined = { there: [of.there.flat()], found: [of.found.flat()] }
    const found = diceLoss(oneHot(of.found), oneHot(of.there), { ...probable, axis: [0, 1, 2], reduction: 'none' })
    expect(isNear(counted(joined, 0, {}), elementsOf(found))).toBe(true)
  })

  test('of one class takes the logistic function, and either may lack its axis', () => {
    const logits = ndarray(Float64Array.of(2, -1, 0.5, -3), [1, 4])
    const there = ndarray(Float64Array.of(1, 0, 1, 0), [1, 4])
    const [alone] = elementsOf(binaryDiceLoss(logits, there))
    const withClass = reshape(logits, [1, 4, 1])
    expect(elementsOf(diceLoss(withClass, there))).toStrictEqual([alone])
    expect(elementsOf(diceLoss(logits, reshape(there, [1, 4, 1])))).toStrictEqual([alone])
    const p = [...logits.data].map((x) => 1 / (1 + Math.exp(-x)))
    const both = (p[0] as number) + (p[2] as number)
    const total = p.reduce((s, x) => s + x, 0)
    expect(alone).toBeCloseTo(1 - (both + 1) / (0.5 * total + 1 + 1), 14)
  })

  test('has the gradient that differences have', () => {
    const logits = ndarray(
      Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      [2, 2, 2, 3]
    )
    const there = oneHot([
      [0, 1, 2, 0],
      [1, 1, 0, 2]
    ])
    const options = { alpha: 0.25, beta: 0.75, classWeights: Float64Array.of(1, 2, 3), ignoreBackground: true }
    expect(checkGradients((x: Operand) => sum(diceLoss(x, there, options)), logits).agrees).toBe(true)
    expect(checkGradients((x: Operand) => multiclassGeneralizedDiceLoss(x, there) as never, logits).agrees).toBe(true)
  })

  test.each([
    [{ smooth: -1 }, 'diceLoss: smooth must be a finite number ≥ 0, got -1'],
    [{ reduction: 'max' as never }, 'diceLoss: reduction must be one of "mean", "sum", "none", got "max"'],
    [{ applySoftmax: 1 as never }, 'diceLoss: applySoftmax must be true or false, got 1'],
    [
      { classWeights: new Float64Array(2) },
      'diceLoss: classWeights must have shape [3] for predictions of shape [1, 2, 2, 3], got [2]'
    ],
    [{ axis: -1 }, 'diceLoss: axis must not be the last one, of the classes, got -1'],
    [{ axis: 4 }, 'diceLoss: axis must be a whole number from -4 to 3'],
    [probable, 'diceLoss: predictions must be probabilities that sum up to 1 along the last axis, got sums from 6 to 6']
  ])('refuses %o', (options, message) => {
    const x = ndarray(new Float64Array(12).fill(2), [1, 2, 2, 3])
    expect(() => diceLoss(x, x, options)).toThrow(message)
  })

  test('refuses different shapes, and takes NaN for data', () => {
    expect(() => diceLoss(new Float64Array(3), new Float64Array(2))).toThrow(
      'diceLoss: targets has shape [2], predictions has [3]'
    )
    const x = ndarray(new Float64Array(6).fill(NaN), [1, 2, 3])
    expect(elementsOf(diceLoss(x, x, probable))).toStrictEqual([NaN])
  })
})

describe('binaryDiceLoss', () => {
  test('is by its definition, for probabilities and for logits', () => {
    const place = fc.tuple(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.constantFrom(0, 1))
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 2, maxLength: 6 }),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        (all, smooth) => {
          const array = (of: (pair: readonly [number, number]) => number) =>
            ndarray(Float64Array.from(all, of), [1, all.length])
          const [p, t] = [array(([a]) => a), array(([, b]) => b)]
          const logits = array(([a]) => Math.log(a / (1 - a)))
          const both = all.reduce((total, [a, b]) => total + a * b, 0)
          const each = all.reduce((total, [a, b]) => total + (a + b) / 2, 0)
          const expected = [1 - (both + smooth) / (each + smooth)]
          return (
            isNear(expected, elementsOf(binaryDiceLoss(p, t, { smooth, applySigmoid: false }))) &&
            isNear(expected, elementsOf(binaryDiceLoss(logits, t, { smooth })))
          )
        }
      )
    )
  })

  test('takes a last axis of one class, and refuses what does not fit', () => {
    const x = ndarray(Float64Array.of(1, -1, 2), [1, 3])
    const withClass = (array: Operand): Value => reshape(array, [1, 3, 1])
    const t = ndarray(Float64Array.of(1, 0, 0), [1, 3])
    expect(elementsOf(binaryDiceLoss(withClass(x), withClass(t)))).toStrictEqual(elementsOf(binaryDiceLoss(x, t)))
    expect(() => binaryDiceLoss(x, ndarray(new Float64Array(2), [1, 2]))).toThrow(
      'binaryDiceLoss: targets has shape [1, 2], predictions has [1, 3]'
    )
    expect(() => binaryDiceLoss(x, t, { applySigmoid: false })).toThrow(
      'binaryDiceLoss: predictions must be in [0, 1], got numbers from -1 to 2'
    )
  })
})

describe('multiclassGeneralizedDiceLoss', () => {
  test('weighs each class by one over the square of how often it is there', () => {
    fc.assert(
      fc.property(regions, fc.boolean(), (of, ignoreBackground) => {
        const counts = [0, 1, 2].map((c) => of.there.flat().filter((k) => k === c).length)
        const raw = counts.map((n) => 1 / (n * n + 1e-7))
        const weights = raw.map((w) => (3 * w) / raw.reduce((total, x) => total + x, 0))
        const from = ignoreBackground ? 1 : 0
        const all = of.there.flatMap((_, i) =>
          counted(of, i, {})
            .map((l, c) => l * (weights[c] as number))
            .slice(from)
        )
        const options = { ...probable, ignoreBackground }
        return isNear(
          [averaged(all)],
          elementsOf(multiclassGeneralizedDiceLoss(oneHot(of.found), oneHot(of.there), options)),
          1e-10
        )
      })
    )
  })

  test('of classes that are equally frequent is the mean of diceLoss', () => {
    const logits = ndarray(
      Float64Array.from({ length: 12 }, (_, i) => Math.cos(i)),
      [1, 4, 3]
    )
    const there = ndarray(
      Float64Array.from({ length: 12 }, () => 1 / 3),
      [1, 4, 3]
    )
    const expected = elementsOf(mean(diceLoss(logits, there)))
    expect(isNear(expected, elementsOf(multiclassGeneralizedDiceLoss(logits, there)))).toBe(true)
    expect(slopesOf((x) => multiclassGeneralizedDiceLoss(x, there), logits).every(Number.isFinite)).toBe(true)
  })

  test('refuses options that are out of range', () => {
    const x = new Float64Array(2)
    expect(() => multiclassGeneralizedDiceLoss(x, x, { smooth: NaN })).toThrow(
      'multiclassGeneralizedDiceLoss: smooth must be a finite number ≥ 0, got NaN'
    )
  })
})
