import { expect, test } from 'vitest'
import { multiplicativeLR } from './multiplicativeLR.js'

test('a step has the same value in whatever order steps are asked for', () => {
  const factor = (step: number) => 1 + 1 / step
  const [forth, back] = [multiplicativeLR(1, factor), multiplicativeLR(1, factor)]
  const steps = Array.from({ length: 20 }, (_, step) => step)
  const inOrder = steps.map((step) => forth(step))
  expect([...steps].reverse().map((step) => back(step))).toStrictEqual([...inOrder].reverse())
  expect(inOrder[19]).toBeCloseTo(20, 12)
})

test('each factor is asked for once, in order', () => {
  const asked: number[] = []
  const schedule = multiplicativeLR(1, (step) => asked.push(step))
  for (let step = 0; step < 5; step++) schedule(step)
  expect(asked).toStrictEqual([1, 2, 3, 4])
})
