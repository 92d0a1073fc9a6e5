import { adam, polyakSgd, sgd } from '@gradchain/optimizers'
import { describe, expect, test } from 'vitest'
import { problems } from '../problems/problems.js'
import { compareOptimizers } from './compareOptimizers.js'

const bowl = problems.quadratic({ dimension: 2, condition: 4 })

describe('compareOptimizers', () => {
  test('a run is the value at the start and after each step, and is solved when the distance is as small as was asked', () => {
    const { runs } = compareOptimizers({ gd: sgd(0.25) }, [problems.quadratic({ dimension: 1, condition: 1 })], {
      steps: 6,
      tolerance: 0.2
    })
    // x ← 3/4 x, f = x²/2: by 9/16 each step.
    expect(runs[0]?.values).toHaveLength(7)
    expect(runs[0]?.values[2]).toBeCloseTo(0.5 * (9 / 16) ** 2, 12)
    expect(runs[0]?.solvedAfter).toBe(3)
    expect(runs[0]?.best).toBe(runs[0]?.values[6])
  })

  test('profiles are those of the ratios to the quickest', () => {
    const { profiles, runs } = compareOptimizers(
      { slow: sgd(0.05), quick: sgd(0.2), wild: sgd(10) },
      [bowl, problems.quadratic({ dimension: 2, condition: 2 })],
      { steps: 90 }
    )
    const pointsOf = (name: string) => profiles.find(({ optimizer }) => optimizer === name)?.points ?? []
    expect(
      pointsOf('quick')
        .map(({ share }) => share)
        .join()
    ).toBe('1')
    expect(
      pointsOf('wild')
        .map(({ share }) => share)
        .join()
    ).toBe('0')
    expect(
      pointsOf('slow')
        .map(({ share }) => share)
        .join()
    ).toBe('0,0.5,1')
    const after = (name: string, i: number) => runs.filter(({ optimizer }) => optimizer === name)[i]?.solvedAfter ?? 0
    const ratios = [0, 1].map((i) => after('slow', i) / after('quick', i)).sort((a, b) => a - b)
    pointsOf('slow')
      .slice(1)
      .forEach(({ ratio }, i) => expect(ratio).toBe(ratios[i]))
  })

  test('an optimizer beside itself has the same profile', () => {
    const { profiles } = compareOptimizers({ one: adam(0.1), other: adam(0.1) }, [bowl], { steps: 100 })
    expect(JSON.stringify(profiles[0]?.points)).toBe(JSON.stringify(profiles[1]?.points))
    expect(profiles[0]?.points[0]?.share).toBe(1)
  })

  test('the table has a row for each problem and a dash where there is no solution', () => {
    const { table } = compareOptimizers({ gd: sgd(0.2), 'a|b': sgd(10) }, [bowl], { steps: 30 })
    const lines = table.split('\n')
    expect(lines).toHaveLength(3)
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
    expect(lines[0]).toContain('a\\|b')
    expect(lines[2]).toMatch(/^\| quadratic 2, condition 4 \| +\d+ \| +– \|$/)
  })

  test('what is solved where it starts took one step', () => {
    expect(compareOptimizers({ gd: sgd(0.1) }, [bowl], { steps: 1, tolerance: 2 }).runs[0]?.solvedAfter).toBe(1)
  })

  test('a run that diverged is no solution, and its best value is a number', () => {
    const { runs } = compareOptimizers({ wild: sgd(1e200) }, [problems.rosenbrock()], { steps: 10 })
    expect(runs[0]?.solvedAfter).toBe(Infinity)
    expect(runs[0]?.best).toBeCloseTo(24.2, 10)
  })

  test('optimizers that look at the loss are told it, and those with noise see it', () => {
    const noisy = problems.noisy(bowl, { deviation: 0.1, key: 0 })
    const { runs } = compareOptimizers({ polyak: polyakSgd({ maxLearningRate: 1 }), gd: sgd(0.1) }, [bowl, noisy], {
      steps: 50
    })
    expect(runs[0]?.solvedAfter).toBeLessThan(50)
    expect(runs[3]?.values[40]).not.toBe(runs[1]?.values[40])
  })

  test.each([
    [() => compareOptimizers({}, [bowl], { steps: 1 }), 'optimizers must be at least one, got none'],
    [() => compareOptimizers({ a: sgd(1) }, [], { steps: 1 }), 'problems must be a list of at least one, got []'],
    [
      () => compareOptimizers({ a: sgd(1) }, [bowl, bowl], { steps: 1 }),
      'problems must have different names, got "quadratic 2, condition 4" twice'
    ],
    [() => compareOptimizers({ a: sgd(1) }, [bowl], { steps: 0 }), 'steps must be a whole number ≥ 1, got 0'],
    [
      () => compareOptimizers({ a: sgd(1) }, [bowl], { steps: 1, tolerance: 0 }),
      'tolerance must be a finite number > 0, got 0'
    ],
    [() => compareOptimizers({ a: {} as never }, [bowl], { steps: 1 }), 'compareOptimizers: a']
  ])('refuses %s', (make, message) => {
    expect(make).toThrow(message)
  })
})
