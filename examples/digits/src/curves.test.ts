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

  test.each(['linear', 'log'] as const)('the labels of a %s axis are those of its rows, evenly spaced', (scale) => {
    const values = Array.from({ length: 60 }, (_, index) => 0.5 + 99.5 * Math.sin(index / 20) ** 2)
    const labels = curve('title', values, 60, scale)
      .split('\n')
      .flatMap((line) => (line.includes('┤') ? [Number.parseFloat(line)] : []))
      .map((label) => (scale === 'log' ? Math.log10(label) : label))
    expect(labels).toHaveLength(8)
    const gap = ((labels[0] as number) - (labels[7] as number)) / 7
    // Two digits are written.
    for (const [row, label] of labels.entries()) {
      expect(Math.abs((labels[0] as number) - row * gap - label)).toBeLessThan(scale === 'log' ? 0.05 : 2)
    }
  })

  test('a loss of exactly 0 can be drawn on a logarithmic scale', () => {
    expect(curve('loss', [1, 0.1, 0], 3, 'log')).toContain('1e-8')
  })
})
