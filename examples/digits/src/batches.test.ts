import { describe, expect, test } from 'vitest'
import { batches, split, toBatch } from './batches.js'
import { type Digit, loadDigits } from './data.js'
import { streams } from './random.js'

const [random] = streams(0)
/** Ten digits told apart by their first pixel. */
const ten: readonly Digit[] = Array.from({ length: 10 }, (_, label) => ({
  pixels: Array.from({ length: 64 }, (_, pixel) => (pixel === 0 ? label / 16 : 0)),
  label
}))
const labelsOf = (targets: Float32Array) =>
  Array.from({ length: targets.length / 10 }, (_, row) => targets.subarray(row * 10, row * 10 + 10).indexOf(1))

describe('toBatch', () => {
  test('puts images and one-hot labels side by side', () => {
    const { images, targets } = toBatch(ten.slice(3, 5))
    expect([images.shape, targets.shape]).toStrictEqual([
      [2, 64],
      [2, 10]
    ])
    expect([images.data[0], images.data[64]]).toStrictEqual([3 / 16, 4 / 16])
    expect(labelsOf(targets.data)).toStrictEqual([3, 4])
    expect(targets.data.reduce((sum, x) => sum + x)).toBe(2)
  })
})

describe('split', () => {
  test('every digit is on one side, a fifth of them held out', () => {
    const digits = loadDigits()
    const { training, heldOut } = split(digits, 0.2, random)
    expect([training.length, heldOut.length]).toStrictEqual([1438, 359])
    expect(new Set([...training, ...heldOut]).size).toBe(digits.length)
  })
})

describe('batches', () => {
  test('an epoch has no digit twice, and the next one another order', () => {
    const dealt = [...batches(ten, 5, 4, random)].map(({ targets }) => labelsOf(targets.data))
    const [first, second] = [dealt.slice(0, 2).flat(), dealt.slice(2).flat()]
    expect([...first].sort()).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect([...second].sort()).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(first).not.toStrictEqual(second)
  })

  test('all batches have the same size, also where they do not divide the epoch', () => {
    const sizes = [...batches(ten, 4, 7, random)].map(({ images }) => images.shape[0])
    expect(sizes).toStrictEqual([4, 4, 4, 4, 4, 4, 4])
  })

  test('those that were dealt before are left out, and nothing else changes', () => {
    const deal = (from: number) => [...batches(ten, 4, 7, random, from)].map(({ targets }) => labelsOf(targets.data))
    for (const from of [0, 1, 2, 5, 7]) expect(deal(from)).toStrictEqual(deal(0).slice(from))
  })

  test('the same generator deals the same batches', () => {
    const deal = () => [...batches(ten, 3, 9, random)].map(({ images }) => [...images.data])
    expect(deal()).toStrictEqual(deal())
  })
})
