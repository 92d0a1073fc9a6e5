import { force, InvalidTree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anElement } from '../internal/testing/blocks.js'
import { near, refuses } from '../internal/testing/courses.js'
import { type UnitwiseClipOptions, unitwiseClip } from './unitwiseClip.js'

const aNorm = fc.oneof(fc.double({ min: 0, max: 1e3, noNaN: true }), fc.constantFrom(0, 1e-7, 1))
const aRow = fc.array(fc.record({ g: anElement, n: aNorm, c: aNorm }), { maxLength: 9 })

describe('unitwiseClip', () => {
  test('is g where its norm n is below c, else g c / max(n, divEps)', () => {
    fc.assert(
      fc.property(aRow, fc.constantFrom(1e-6, 1), (row, divEps) => {
        const column = (f: (x: { g: number; n: number; c: number }) => number) => Float64Array.from(row, f)
        const found = force(
          unitwiseClip(
            column(({ n }) => n),
            column(({ c }) => c),
            column(({ g }) => g),
            { divEps }
          )
        ) as Float64Array
        return row.every(({ g, n, c }, i) => {
          const wanted = n < c ? g : (g * c) / Math.max(n, divEps)
          return near(found[i] as number, wanted, wanted, 1e-14)
        })
      })
    )
  })

  test('has numbers for numbers, and 1e-6 as the least that it divides by', () => {
    expect(unitwiseClip(4, 2, 6)).toBe(3)
    expect(unitwiseClip(4, 8, 6)).toBe(6)
    expect(unitwiseClip(0, 0, 1)).toBe(0)
    expect(unitwiseClip(5e-7, 2.5e-7, 4)).toBe(4 * (2.5e-7 / 1e-6))
  })

  test('refuses arrays of different shapes', () => {
    expect(() => unitwiseClip(new Float32Array(2), new Float32Array(3), new Float32Array(2))).toThrow(InvalidTree)
  })

  const make = (options: object) => () => unitwiseClip(1, 1, 1, options as UnitwiseClipOptions)
  refuses([
    ['unitwiseClip: divEps must be a finite number > 0, got 0', make({ divEps: 0 })],
    ['unitwiseClip: there is no option eps; there are divEps', make({ eps: 1 })]
  ])
})
