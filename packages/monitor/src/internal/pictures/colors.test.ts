import { describe, expect, test } from 'vitest'
import { DARK, LIGHT, listOf } from './colors.js'

type Triple = readonly [number, number, number]

const linear = (color: string): Triple => {
  const part = (at: number): number => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

const times = (rows: readonly Triple[], [r, g, b]: Triple): Triple => {
  const at = (i: number): number => {
    const [x, y, z] = rows[i] as Triple
    return Math.min(1, Math.max(0, x * r + y * g + z * b))
  }
  return [at(0), at(1), at(2)]
}

const lightness = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b

/** CIELAB, in which a distance of about 10 is seen at a glance. */
const lab = (rgb: Triple): Triple => {
  const [r, g, b] = rgb
  const root = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const [x, y, z] = [
    root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047),
    root(lightness(rgb)),
    root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883)
  ]
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

/** What is seen where one kind of cones is missing: Machado, Oliveira and Fernandes (2009), at full severity. */
const SEEN: Readonly<Record<string, readonly Triple[]>> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1]
  ],
  'no red': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998]
  ],
  'no green': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881]
  ],
  'no blue': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039]
  ]
}

describe.each(Object.entries({ light: LIGHT, dark: DARK }))('%s', (_, colors) => {
  test('all have another name, by which one is replaced by that of the other theme', () => {
    expect(new Set(listOf(colors)).size).toBe(listOf(colors).length)
  })

  test('whatever is written or drawn stands out from the paper', () => {
    const paper = lightness(linear(colors.paper))
    for (const color of [colors.ink, colors.muted, colors.lost, ...colors.series]) {
      const [low, high] = [paper, lightness(linear(color))].sort((a, b) => a - b) as [number, number]
      expect((high + 0.05) / (low + 0.05)).toBeGreaterThan(4.5)
    }
  })

  // Curves 1 to 4 are solid, 5 and 6 dashed, 7 and 8 dotted.
  test.each(Object.entries(SEEN))('curves with the same dashes are told apart: %s', (...[, rows]) => {
    const seen = colors.series.map((color) => lab(times(rows, linear(color))))
    for (const group of [seen.slice(0, 4), seen.slice(4, 6), seen.slice(6, 8)]) {
      const distances = group.flatMap((one, i) =>
        group.slice(0, i).map((other) => Math.hypot(...one.map((x, k) => x - (other[k] as number))))
      )
      expect(Math.min(...distances)).toBeGreaterThan(12)
    }
  })
})
