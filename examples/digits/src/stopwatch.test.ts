import { expect, test } from 'vitest'
import { stopwatch, untimed } from './stopwatch.js'

test('times add up by name, also those of parts that fail', () => {
  let time = 0
  const { watch, times } = stopwatch(() => time)
  const takes = (milliseconds: number) => () => {
    time += milliseconds
    return milliseconds
  }
  expect([watch('a', takes(3)), watch('b', takes(1)), watch('a', takes(4))]).toStrictEqual([3, 1, 4])
  expect(() =>
    watch('b', () => {
      time += 5
      throw new Error('lost')
    })
  ).toThrow('lost')
  expect(times).toStrictEqual({ a: 7, b: 6 })
  expect(untimed('a', takes(2))).toBe(2)
})
