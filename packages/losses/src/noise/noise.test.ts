import {
  dot,
  force,
  grad,
  InvalidOption,
  InvalidTree,
  type Key,
  mul,
  type NdArray,
  ndarray,
  type Operand,
  random,
  sum
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutmix } from './cutmix.js'
import { dropConnect } from './dropConnect.js'
import { dropout } from './dropout.js'
import { featureDropout } from './featureDropout.js'
import { mixup } from './mixup.js'
import { spatialDropout } from './spatialDropout.js'
import { stochasticDepth } from './stochasticDepth.js'

const aKey = fc.maxSafeInteger().map(random.key)
const ofShape = (shape: readonly number[], f: (i: number) => number = (i) => i + 1): NdArray => {
  const size = shape.reduce((n, length) => n * length, 1)
  return ndarray(
    Float64Array.from({ length: size }, (_, i) => f(i)),
    shape
  )
}
const dataOf = (x: unknown): readonly number[] => [...((force(x as Operand) as NdArray).data as Float64Array)]

interface Row {
  readonly name: string
  readonly drop: (key: Key, x: Operand, rate: number) => unknown
  /** What falls together with an element of an array of shape [4, 3, 2], by its place. */
  readonly groupOf: (example: number, row: number, channel: number) => number
}

const rows: readonly Row[] = [
  { name: 'dropout', drop: (key, x, rate) => dropout(key, x, { rate }), groupOf: (e, r, c) => 6 * e + 2 * r + c },
  {
    name: 'dropConnect',
    drop: (key, x, rate) => dropConnect(key, x, { rate }),
    groupOf: (e, r, c) => 6 * e + 2 * r + c
  },
  { name: 'spatialDropout', drop: (key, x, rate) => spatialDropout(key, x, { rate }), groupOf: (e, _, c) => 2 * e + c },
  { name: 'featureDropout', drop: (key, x, rate) => featureDropout(key, x, { rate }), groupOf: (_, __, c) => c },
  { name: 'stochasticDepth', drop: (key, x, rate) => stochasticDepth(key, x, { rate }), groupOf: (e) => e },
  {
    name: 'stochasticDepth',
    drop: (key, x, rate) => stochasticDepth(key, x, { rate, batchAxis: null }),
    groupOf: () => 0
  }
]

const SHAPE = [4, 3, 2]
const groups = (groupOf: Row['groupOf']): readonly number[] =>
  Array.from({ length: 24 }, (_, i) => groupOf(Math.floor(i / 6), Math.floor((i % 6) / 2), i % 2))

describe.each(rows)('$name', ({ drop, groupOf }) => {
  test('drops groups as a whole, and makes the others larger', () => {
    fc.assert(
      fc.property(aKey, fc.constantFrom(0.25, 0.5, 0.75), (key, rate) => {
        const found = dataOf(drop(key, ofShape(SHAPE), rate))
        const group = groups(groupOf)
        const isDropped = new Map<number, boolean>()
        found.forEach((x, i) => {
          const before = isDropped.get(group[i] as number) ?? x === 0
          isDropped.set(group[i] as number, before)
          expect(x).toBe(before ? 0 : (i + 1) / (1 - rate))
        })
      })
    )
  })

  test('groups are dropped at the rate, independently, so that the mean over keys is what was given', () => {
    const draws = 3000
    const group = groups(groupOf)
    fc.assert(
      fc.property(aKey, fc.constantFrom(0.2, 0.5, 0.9), (key, rate) => {
        const counts = new Float64Array(24)
        let both = 0
        const [first, other] = [0, group.findIndex((g) => g !== group[0])]
        for (const own of random.split(key, draws)) {
          const found = dataOf(
            drop(
              own,
              ofShape(SHAPE, () => 1),
              rate
            )
          )
          found.forEach((x, i) => {
            counts[i] = (counts[i] as number) + (x === 0 ? 0 : 1)
          })
          if (other > 0 && found[first] !== 0 && found[other] !== 0) both += 1
        }
        const kept = 1 - rate
        // Six standard deviations.
        const within = (count: number, p: number) =>
          expect(Math.abs(count - draws * p)).toBeLessThan(6 * Math.sqrt(draws * p * (1 - p)))
        for (const count of counts) within(count, kept)
        if (other > 0) within(both, kept * kept)
      }),
      { numRuns: 1 }
    )
  })

  test('of rate 0 it is the identity, bit for bit, and of rate 1 it is 0', () => {
    fc.assert(
      fc.property(aKey, (key) => {
        const x = ofShape(SHAPE, (i) => (i === 3 ? -0 : i / 7))
        expect(dataOf(drop(key, x, 0))).toStrictEqual([...x.data])
        expect(
          dataOf(
            drop(
              key,
              ofShape(SHAPE, () => Number.NaN),
              1
            )
          )
        ).toStrictEqual(Array(24).fill(0))
      })
    )
  })

  test('is a function of its key, and linear: its derivative is the mask', () => {
    fc.assert(
      fc.property(aKey, (key) => {
        const x = ofShape(SHAPE)
        const mask = dataOf(
          drop(
            key,
            ofShape(SHAPE, () => 1),
            0.5
          )
        )
        expect(dataOf(drop(key, x, 0.5))).toStrictEqual(mask.map((m, i) => m * (i + 1)))
        const slope = grad((at: Operand) =>
          sum(
            mul(
              drop(key, at, 0.5) as Operand,
              ofShape(SHAPE, () => 3)
            )
          )
        )(x)
        expect([...(slope as NdArray).data]).toStrictEqual(mask.map((m) => 3 * m))
      })
    )
  })

  test('keeps the dtype', () => {
    const x = ndarray(
      Float32Array.from({ length: 24 }, () => 1),
      SHAPE
    )
    expect((force(drop(random.key(1), x, 0.5) as Operand) as NdArray).dtype).toBe('float32')
  })

  test.each([-0.1, 1.5, Number.NaN])('refuses the rate %s', (rate) => {
    expect(() => drop(random.key(0), ofShape(SHAPE), rate)).toThrow(`rate must be in [0, 1], got ${rate}`)
  })

  test('refuses what is no key', () => {
    expect(() => drop(0 as never, ofShape(SHAPE), 0.5)).toThrow('key must be made by random.key, got 0')
  })
})

test('dropout takes bare vectors, numbers and lazy numbers', () => {
  const key = random.key(5)
  expect(force(dropout(key, new Float32Array(3))) as Float32Array).toBeInstanceOf(Float32Array)
  expect([0, 2]).toContain(dropout(key, 1))
  expect([0, 6]).toContain(force(dropout(key, sum(Float64Array.of(1, 2)))))
})

test('dropConnect gives each leaf a mask of its own, and takes trees', () => {
  const found = dropConnect(random.key(2), {
    a: new Float64Array(64).fill(1),
    b: [new Float64Array(64).fill(1)],
    c: null
  })
  expect(found.c).toBe(null)
  expect(found.a).not.toStrictEqual(found.b[0])
})

test('axes are counted from either end, and those that are not there are refused', () => {
  const x = ofShape([2, 3, 4])
  const key = random.key(3)
  expect(dataOf(featureDropout(key, x, { axis: 2 }))).toStrictEqual(dataOf(featureDropout(key, x)))
  expect(dataOf(spatialDropout(key, x, { channelAxis: 1, batchAxis: -3 }))).toStrictEqual(
    dataOf(spatialDropout(key, x, { channelAxis: -2 }))
  )
  const refused = (name: string, got: number) =>
    new InvalidOption(`${name} must be an axis of shape [2, 3, 4], got ${got}`)
  expect(() => featureDropout(key, x, { axis: 3 })).toThrow(refused('featureDropout: axis', 3))
  expect(() => spatialDropout(key, x, { channelAxis: -4 })).toThrow(refused('spatialDropout: channelAxis', -4))
  expect(() => spatialDropout(key, x, { channelAxis: -3 })).toThrow(
    new InvalidOption('spatialDropout: channelAxis must be another axis than batchAxis, got 0 and -3')
  )
  expect(() => stochasticDepth(key, x, { batchAxis: 0.5 })).toThrow(refused('stochasticDepth: batchAxis', 0.5))
})

const close = (found: ArrayLike<number>, wanted: readonly number[]): void => {
  expect(found.length).toBe(wanted.length)
  wanted.forEach((x, i) => expect(Math.abs((found[i] as number) - x)).toBeLessThan(1e-12 * (1 + Math.abs(x))))
}

describe('mixup', () => {
  const batch = { x: ofShape([4, 2]), y: Float64Array.of(1, 0, 0, 1), none: null }

  test('mixes inputs and targets with the same share and the same others', () => {
    fc.assert(
      fc.property(aKey, fc.double({ min: 0.1, max: 10, noNaN: true }), (key, alpha) => {
        const { batch: mixed, lambda, order } = mixup(key, batch, { alpha })
        expect(lambda >= 0 && lambda <= 1).toBe(true)
        expect([...order].sort()).toStrictEqual([0, 1, 2, 3])
        const wanted = (own: ArrayLike<number>, length: number) =>
          Array.from(own, (x, i) => {
            const other = (order[Math.floor(i / length)] as number) * length + (i % length)
            return lambda * x + (1 - lambda) * (own[other] as number)
          })
        close((mixed.x as NdArray).data, wanted(batch.x.data, 2))
        close(mixed.y, wanted(batch.y, 1))
        expect(mixed.none).toBe(null)
      })
    )
  })

  test('shares have the mean and the variance of a beta distribution', () => {
    const draws = 4000
    fc.assert(
      fc.property(aKey, (key) => {
        const shares = random.split(key, draws).map((own) => mixup(own, Float64Array.of(1, 2), { alpha: 0.4 }).lambda)
        const mean = shares.reduce((total, x) => total + x, 0) / draws
        const variance = shares.reduce((total, x) => total + (x - 0.5) ** 2, 0) / draws
        expect(Math.abs(mean - 0.5)).toBeLessThan(6 * Math.sqrt(1 / 7.2 / draws))
        expect(Math.abs(variance - 1 / 7.2)).toBeLessThan(6 * Math.sqrt(1 / 16 / draws))
      }),
      { numRuns: 1 }
    )
  })

  test('of alpha 0 it is the identity, and a batch without examples is none', () => {
    expect(mixup(random.key(1), batch, { alpha: 0 }).batch).toStrictEqual(batch)
    expect(mixup(random.key(1), new Float32Array(0)).batch).toStrictEqual(new Float32Array(0))
  })

  test('has a derivative: what comes back to an example is from where it went', () => {
    fc.assert(
      fc.property(aKey, (key) => {
        const weights = Float64Array.of(1, 10, 100)
        const { lambda, order } = mixup(key, new Float64Array(3))
        const found = grad((x: Operand) => dot(mixup(key, x).batch, weights))(Float64Array.of(1, 2, 3))
        const wanted = [0, 1, 2].map(
          (i) => lambda * (weights[i] as number) + (1 - lambda) * (weights[order.indexOf(i)] as number)
        )
        close(found, wanted)
      })
    )
  })

  test('refuses leaves of other numbers of examples, numbers, and alphas', () => {
    const key = random.key(0)
    expect(() => mixup(key, { x: new Float32Array(3), y: new Float32Array(2) })).toThrow(
      new InvalidTree('mixup: batch.y has 2 examples, the first has 3')
    )
    expect(() => mixup(key, { x: 1 })).toThrow(
      new InvalidTree('mixup: batch.x must have an axis of examples, got a number')
    )
    expect(() => mixup(key, new Float32Array(3), { alpha: -1 })).toThrow(
      new InvalidOption('mixup: alpha must be a finite number ≥ 0, got -1')
    )
    expect(() => mixup('key' as never, new Float32Array(3))).toThrow(InvalidOption)
  })
})

describe('cutmix', () => {
  const [height, width] = [5, 7]
  const images = ofShape([3, height, width, 2])
  const targets = ndarray(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3])

  test('each pixel is one of its place, in its own image or in the other, and targets go by area', () => {
    fc.assert(
      fc.property(aKey, fc.double({ min: 0.2, max: 5, noNaN: true }), (key, alpha) => {
        const { images: mixed, targets: labels, lambda, order, box } = cutmix(key, images, targets, { alpha })
        const area = (box.bottom - box.top) * (box.right - box.left)
        expect(lambda).toBe(1 - area / (height * width))
        const pixel = (i: number, image: number) => images.data[image * height * width * 2 + i] as number
        Array.from(mixed.data, (x, at) => {
          const image = Math.floor(at / (height * width * 2))
          const i = at % (height * width * 2)
          const [row, column] = [Math.floor(i / (width * 2)), Math.floor((i % (width * 2)) / 2)]
          const isInside = row >= box.top && row < box.bottom && column >= box.left && column < box.right
          expect(x).toBe(pixel(i, isInside ? (order[image] as number) : image))
        })
        close(
          (labels as NdArray).data,
          [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => (i === j ? lambda : 0) + (order[i] === j ? 1 - lambda : 0)))
        )
      })
    )
  })

  test('rectangles reach every place, and their mean area is what is left of the share', () => {
    const seen = new Set<string>()
    let total = 0
    for (const key of random.split(random.key(11), 600)) {
      const { box, lambda } = cutmix(key, images, targets)
      total += lambda
      for (let y = box.top; y < box.bottom; y++) for (let x = box.left; x < box.right; x++) seen.add(`${y},${x}`)
    }
    expect(seen.size).toBe(height * width)
    // Half would stay if nothing lay outside, and sides were not rounded down.
    expect(total / 600).toBeGreaterThan(0.5)
    expect(total / 600).toBeLessThan(0.85)
  })

  test('takes axes in another order', () => {
    const key = random.key(9)
    const there = cutmix(key, images, targets)
    const first = ofShape([3, 2, width, height], (i) => i)
    const turned = cutmix(key, first, targets, { heightAxis: -1, widthAxis: 2 })
    expect(turned.box).toStrictEqual(there.box)
    const at = (i: number, c: number, x: number, y: number) => ((i * 2 + c) * width + x) * height + y
    const { top, bottom, left, right } = turned.box
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const isInside = y >= top && y < bottom && x >= left && x < right
        expect(turned.images.data[at(0, 1, x, y)]).toBe(at(isInside ? (turned.order[0] as number) : 0, 1, x, y))
      }
    }
  })

  test('of alpha 0 it is the identity', () => {
    const found = cutmix(random.key(1), images, targets, { alpha: 0 })
    expect(found.images).toStrictEqual(images)
    expect(found.targets).toStrictEqual(targets)
    expect(found.lambda).toBe(1)
  })

  test('refuses images and targets of other numbers, and axes that are not there', () => {
    const key = random.key(0)
    expect(() => cutmix(key, images, new Float32Array(2))).toThrow(
      new InvalidTree('cutmix: batch.targets has 2 examples, the first has 3')
    )
    expect(() => cutmix(key, images, targets, { widthAxis: 4 })).toThrow(InvalidOption)
    expect(() => cutmix(key, images, targets, { heightAxis: 0 })).toThrow(
      new InvalidTree('cutmix: images must have their examples along the first axis')
    )
    expect(() => cutmix(key, images, targets, { widthAxis: -3 })).toThrow(
      new InvalidOption('cutmix: widthAxis must be another axis than heightAxis, got 1 and -3')
    )
    expect(() => cutmix(key, images, targets, { alpha: Number.NaN })).toThrow(InvalidOption)
  })
})
