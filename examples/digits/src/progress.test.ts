import { describe, expect, test } from 'vitest'
import { plainProgress } from './progress.js'

const linesOf = (total: number): readonly string[] => {
  const lines: string[] = []
  const shown = plainProgress(total, (line) => lines.push(line))
  for (let done = 1; done <= total; done++) shown.report({ done, loss: 0.5, learningRate: 0.01, gradientNorm: 2 })
  shown.close()
  return lines
}

describe('plainProgress', () => {
  test('says how it goes', () => {
    expect(linesOf(1)).toStrictEqual(['step 1/1  loss 0.500  learning rate 0.0100  gradient norm 2.00\n'])
  })

  test.each([
    [1000, 10],
    [10, 10],
    [3, 3],
    [15, 8]
  ])('of %i steps, %i lines, the last one among them', (total, count) => {
    const lines = linesOf(total)
    expect(lines).toHaveLength(count)
    expect(lines.at(-1)).toContain(`step ${total}/${total} `)
  })
})
