import { describe, expect, test } from 'vitest'
import { curve, sample, smooth } from './curves.js'

describe('curves', () => {
  test('smooth takes means of equal stretches, and leaves short lists alone', () => {
    expect(smooth([1, 3, 5, 7], 2)).toStrictEqual([2, 6])
    expect(smooth([1, 2, 6], 2)).toStrictEqual([1, 4])
    expect(smooth([4, 5], 70)).toStrictEqual([4, 5])
  })

  test('sample keeps both ends', () => {
    expect(sample([0, 1, 2, 3, 4], 3)).toStrictEqual([0, 2, 4])
    expect(sample([0, 1, 2], 70)).toStrictEqual([0, 1, 2])
    expect(sample([7], 70)).toStrictEqual([7])
  })

  test.each([1, 2, 3, 70, 71])('draws %i values, none wider than its axis', (count) => {
    const values = Array.from({ length: count }, (_, index) => 1 / (index + 1))
    for (const scale of ['linear', 'log'] as const) {
      const lines = curve('title', values, 1000, scale).split('\n')
      expect(lines[0]).toBe('title')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(count + 12)
    }
  })

  test('a loss of exactly 0 can be drawn on a logarithmic scale', () => {
    expect(curve('loss', [1, 0.1, 0], 3, 'log')).toContain('1e-8')
  })
})
