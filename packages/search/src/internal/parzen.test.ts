// The numbers are those that Optuna 5.0 was observed to have.
import { random } from '@gradchain/core'
import { expect, test } from 'vitest'
import { choice } from '../spaces/choice.js'
import { integer } from '../spaces/integer.js'
import { space } from '../spaces/space.js'
import { uniform } from '../spaces/uniform.js'
import { axesOf, pointOf } from './axes.js'
import { categoricalRow, drawn, goodCount, logDensity, mixtureOf, weightsOf, widthsOf } from './parzen.js'

test.each([
  [1, 1],
  [10, 1],
  [11, 2],
  [20, 2],
  [21, 3],
  [100, 10],
  [240, 24],
  [241, 25],
  [1000, 25]
])('of %i trials %i are good', (n, good) => {
  expect(goodCount(n)).toBe(good)
})

test.each([
  [1, [1]],
  [26, [0.0385, 1]],
  [30, [0.0333, 0.275, 0.5167, 0.7583, 1, 1]]
])('of %i trials the oldest weigh less', (n, first) => {
  const weights = weightsOf(n)
  expect(weights).toHaveLength(n)
  first.forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 4))
  expect(weights.slice(-25).every((weight) => weight === 1)).toBe(true)
})

test.each([
  [[0], [5]],
  [
    [0, 1],
    [2.5, 2.5]
  ],
  [
    [-4, -1, 0, 1, 4],
    [3, 3, 1.4286, 3, 3]
  ],
  [
    [0, 0, 0],
    [2, 2, 2]
  ],
  [
    [4, -4, 0],
    [4, 4, 4]
  ]
])('on a range from -5 to 5 the kernels at %j are as wide as %j', (places, widths) => {
  const found = widthsOf(places.map((x) => (x + 5) / 10))
  widths.forEach((width, i) => expect(10 * (found[i] as number)).toBeCloseTo(width, 4))
})

test('with very many trials a kernel is a hundredth of the range wide', () => {
  expect(widthsOf(Array.from({ length: 500 }, () => 0.5))[0]).toBe(0.01)
})

test('a kernel of a choice has the numbers of three trials and three values', () => {
  const row = categoricalRow(0, 3, 3)
  ;[0.714286, 0.142857, 0.142857].forEach((p, i) => expect(row[i]).toBeCloseTo(p, 6))
})

const over = space({
  x: uniform(0, 1),
  n: integer(1, 5),
  log: integer(1, 9, { log: true }),
  c: choice(['a', 'b', 'c'])
})
const axes = axesOf('test', over)
const at = (x: number, n: number, log: number, c: string) => pointOf('test', axes, { x, n, log, c })

test('the density has the integral 1 over all that there is', () => {
  const mixture = mixtureOf(axes, [at(0.1, 2, 3, 'a'), at(0.15, 5, 1, 'b'), at(0.9, 1, 9, 'a')])
  const steps = 50
  let total = 0
  for (let i = 0; i < steps; i++) {
    for (let n = 1; n <= 5; n++) {
      for (const log of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        for (const c of ['a', 'b', 'c'])
          total += Math.exp(logDensity(mixture, at((i + 0.5) / steps, n, log, c))) / steps
      }
    }
  }
  expect(total).toBeCloseTo(1, 4)
})

test('what is drawn from a mixture has its density', () => {
  const [x] = axesOf('test', space({ x: uniform(0, 1) }))
  const own = x === undefined ? [] : [x]
  const mixture = mixtureOf(own, [[0.2], [0.25]])
  const draws = Array.from({ length: 2000 }, (_, i) => drawn(mixture, random.key(i))[0] as number)
  let below = 0
  for (let i = 0; i < 200; i++) below += Math.exp(logDensity(mixture, [(i + 0.5) / 400])) / 400
  expect(draws.every((u) => u >= 0 && u <= 1)).toBe(true)
  expect(draws.filter((u) => u < 0.5).length / 2000).toBeCloseTo(below, 1)
})
