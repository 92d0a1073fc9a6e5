import { random } from '@gradchain/core'
import { expect, test } from 'vitest'
import { axesOf, drawnPlaces, type Point, pointAt } from './axes.js'
import { fittedScales, predicted, processOf, surprise, usualScales } from './gaussianProcess.js'
import { comparable, logImprovement } from './improvement.js'
import { everyKind } from './trialTesting.js'

const axes = axesOf('test', everyKind)
const points = Array.from({ length: 9 }, (_, i): Point => pointAt(axes, drawnPlaces(axes, random.key(i))))
const losses = Float64Array.from(points, (point) => (point[0] as number) * 3 + Math.sin(5 * (point[1] as number)))

test('the gradient of the likelihood is that of finite differences', () => {
  const scales = usualScales(axes.length).map((scale, i) => scale + 0.1 * i)
  scales[axes.length] = -3
  const [, gradient] = surprise(axes, points, losses, scales)
  scales.forEach((_, i) => {
    const shifted = (by: number) =>
      surprise(
        axes,
        points,
        losses,
        scales.map((s, j) => (i === j ? s + by : s))
      )[0]
    expect(gradient[i]).toBeCloseTo((shifted(1e-5) - shifted(-1e-5)) / 2e-5, 5)
  })
})

test('fitted scales surprise less than the usual ones', () => {
  const fitted = fittedScales(axes, points, losses)
  const [usual] = surprise(axes, points, losses, usualScales(axes.length))
  expect(surprise(axes, points, losses, fitted)[0]).toBeLessThan(usual - 1)
})

test('losses that are all the same leave the usual scales', () => {
  const flat = new Float64Array(points.length)
  expect(fittedScales(axes, points, flat).join()).toBe(usualScales(axes.length).join())
})

test('goes through what it has seen, and is unsure elsewhere', () => {
  const process = processOf(axes, points, losses, usualScales(axes.length))
  points.forEach((point, i) => {
    const [mean, deviation] = predicted(process, point)
    expect(mean).toBeCloseTo(losses[i] as number, 3)
    expect(deviation).toBeLessThan(0.02)
  })
  const elsewhere = pointAt(axes, drawnPlaces(axes, random.key(99)))
  expect(predicted(process, elsewhere)[1]).toBeGreaterThan(0.1)
})

test('of points that are the same with losses that are not it takes the mean', () => {
  const [first] = points as [Point]
  const process = processOf(axes, [first, first], Float64Array.of(0, 1), usualScales(axes.length))
  expect(predicted(process, first)[0]).toBeCloseTo(0.5, 3)
})

test('losses have mean 0 and deviation 1; failed ones are as bad as the worst, those far out are brought nearer', () => {
  const scaled = comparable([1, 2, 3, Infinity, 1e300])
  expect(scaled.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 12)
  expect(scaled.reduce((sum, x) => sum + x * x, 0) / 5).toBeCloseTo(1, 12)
  expect(scaled[3]).toBe(scaled[4])
  const span = (scaled[4] as number) - (scaled[0] as number)
  expect(((scaled[2] as number) - (scaled[0] as number)) / span).toBeCloseTo(2 / 6, 9)
  expect(comparable([-1e308, 1e308]).every(Number.isFinite)).toBe(true)
  expect(comparable([4, 4, Infinity]).every((x) => x === 0)).toBe(true)
})

test('the expected improvement is that of its integral, and goes on smoothly where it is tiny', () => {
  // E max(0, best − x) for x ~ N(mean, deviation²), summed over a fine grid.
  const integral = (best: number, mean: number, deviation: number): number => {
    let sum = 0
    for (let z = -12; z < 12; z += 1e-3) {
      sum += Math.max(0, best - mean - deviation * z) * Math.exp(-0.5 * z * z) * (1e-3 / Math.sqrt(2 * Math.PI))
    }
    return sum
  }
  for (const [best, mean, deviation] of [
    [0, 1, 2],
    [1, -1, 0.5],
    [0, 3, 1],
    [0, 5.5, 1]
  ] as const) {
    expect(logImprovement(best, mean, deviation)).toBeCloseTo(Math.log(integral(best, mean, deviation)), 4)
  }
  expect(logImprovement(0, 6 - 1e-9, 1)).toBeCloseTo(logImprovement(0, 6 + 1e-9, 1), 1)
  expect(Number.isFinite(logImprovement(0, 1e6, 1))).toBe(true)
})
