import { problems } from '@gradchain/search'
import { adam, chain, fromDescription, scale, sgd } from 'gradchain'
import { expect, test } from 'vitest'
import { endOf, pathOf, scheduleIn, speedOf, valuesOf } from './runs.js'

test('a path begins at the start and takes the steps that the chain takes', () => {
  const problem = problems.quadratic({ dimension: 2, condition: 1 })
  const { points, values } = pathOf(fromDescription(['sgd', 0.5]), problem, 3)
  expect(points[0]).toStrictEqual([...problem.start])
  expect(points).toHaveLength(4)
  expect(values[3]).toBeLessThan(values[0] as number)
})

test('a path that leaves the finite ends there', () => {
  const { points, values } = pathOf(chain(scale(-1e200), scale(1e200)), problems.rosenbrock(2), 50)
  expect(points.length).toBeLessThan(5)
  expect(Number.isFinite(values.at(-1))).toBe(false)
  expect(endOf('it', [1, 2, Infinity])).toBe(
    'it gets away: the function is Infinity at step 2. Try a smaller learning rate.'
  )
  expect([endOf('it', [1, 2]), endOf('it', [])]).toStrictEqual([undefined, undefined])
})

test('Adam comes down the valley of Rosenbrock', () => {
  const { values } = pathOf(adam(0.1), problems.rosenbrock(2), 1000)
  expect(values.at(-1)).toBeLessThan(1e-2)
})

test('a speed is a number of params', () => {
  expect(speedOf(sgd(1e-3), 1000, 1)).toBeGreaterThan(0)
})

test('a schedule is found wherever it stands, and has its values', () => {
  const names = new Set(['cosineDecaySchedule', 'linearSchedule'])
  const schedule = ['linearSchedule', { initValue: 1, endValue: 0, transitionSteps: 4 }] as const
  expect(scheduleIn(['chain', ['clip', 1], ['adamw', schedule, { b1: 0.9 }]], names)).toBe(schedule)
  expect(scheduleIn(['sgd', 1, { momentum: 0.9 }], names)).toBeUndefined()
  expect(valuesOf(schedule, 6)).toStrictEqual([1, 0.75, 0.5, 0.25, 0, 0])
})
