import { expect, test } from 'vitest'
import { noisy } from './noisy.js'

const STEPS = Array.from({ length: 200 }, (_, step) => step)

test('there is noise in its range and nowhere else', () => {
  const schedule = noisy(() => 8, { noiseRangeT: [50, 60] })
  const steps = STEPS.filter((step) => schedule(step) !== 8)
  expect(steps).toStrictEqual([50, 51, 52, 53, 54, 55, 56, 57, 58, 59])
})

test.each(['normal', 'uniform'] as const)('%s noise is smaller than its share, and of both signs', (noiseType) => {
  const schedule = noisy(() => 1, { noiseRangeT: 0, noiseType, noisePct: 0.25 })
  const noise = STEPS.map((step) => schedule(step) - 1)
  expect(Math.max(...noise)).toBeGreaterThan(0.2)
  expect(Math.min(...noise)).toBeLessThan(-0.2)
  expect(Math.max(...noise.map(Math.abs))).toBeLessThanOrEqual(0.25)
})

test('noise is that of the seed and of the step', () => {
  const [one, same, other] = [1, 1, 2].map((noiseSeed) => noisy(() => 1, { noiseRangeT: 0, noiseSeed }))
  expect(STEPS.map((step) => one?.(step))).toStrictEqual(STEPS.map((step) => same?.(step)))
  expect(STEPS.filter((step) => one?.(step) === other?.(step))).toStrictEqual([])
})
