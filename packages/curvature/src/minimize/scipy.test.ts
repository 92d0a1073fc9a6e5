import { writeFileSync } from 'node:fs'
import { hvp, type Operand, type Value, valueAndGrad } from '@gradchain/core'
import { expect, test } from 'vitest'
import { type LeastSquaresProblem, lossOf, problems } from '../internal/testing/problems.js'
import { type ScipyMethod, scipyRun } from '../internal/testing/scipy.js'
import { lbfgs } from '../lbfgs/lbfgs.js'
import { bfgs } from '../methods/bfgs.js'
import { conjugateGradient } from '../methods/conjugateGradient.js'
import { newton } from '../methods/newton.js'
import { type MinimizeOptions, minimize } from './minimize.js'

interface Row {
  readonly problem: LeastSquaresProblem
  readonly calls: number
  readonly reached: number | null
  readonly value: number
}

/** A run with the defaults, and when it came within a millionth of the gap that there was at the start. */
const run = (problem: LeastSquaresProblem, method: Way, tolerance: number): Row => {
  const loss = lossOf(problem)
  const valueAndGradient = valueAndGrad((x: readonly Operand[]): Value => loss(x))
  const product = hvp((x: readonly Operand[]): Value => loss(x))
  const values: number[] = []
  const watched = (x: readonly number[]): readonly [number, readonly number[]] => {
    const [value, gradient] = valueAndGradient(x)
    values.push(value)
    return [value, gradient]
  }
  const { value, evaluations } = minimize<readonly number[]>(watched, problem.start, {
    method,
    tolerance,
    hvp: (x, v) => product(x, v)
  })
  const gap = (v: number): number => (v - problem.minimum) / ((values[0] ?? 0) - problem.minimum)
  const first = values.findIndex((v) => gap(v) <= 1e-6)
  return { problem, calls: evaluations.values, reached: first < 0 ? null : first + 1, value }
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return (((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) as number) / 2
}

/** A minimum that is not the least, reached to five digits. */
const isLocal = ({ localMinima }: LeastSquaresProblem, value: number): boolean =>
  localMinima.some((minimum) => Math.abs(value - minimum) <= 1e-5 * minimum)

type Way = Required<MinimizeOptions>['method']

// L-BFGS-B ends where f falls by little, and so is asked for less here, too.
const pairs: readonly (readonly [name: string, method: Way, scipy: ScipyMethod, tolerance: number])[] = [
  ['bfgs()', bfgs(), 'BFGS', 1e-9],
  ['lbfgs()', lbfgs(), 'L-BFGS-B', 1e-8],
  ['conjugateGradient()', conjugateGradient(), 'CG', 1e-9],
  ['newton()', newton(), 'trust-exact', 1e-9],
  ["newton({ damping: 'lineSearch' })", newton({ damping: 'lineSearch' }), 'Newton-CG', 1e-9]
]

const page: string[] = []

test.each(pairs)('%s solves what SciPy solves, with no more evaluations', (name, method, scipy, tolerance) => {
  const rows = problems.map((problem) => run(problem, method, tolerance))
  const theirs = (row: Row) => scipyRun(row.problem.name, scipy)

  const isSolved = ({ problem, reached, value }: Row): boolean => reached !== null || isLocal(problem, value)
  const isSolvedThere = (row: Row): boolean => theirs(row).reached !== null || isLocal(row.problem, theirs(row).value)
  expect(rows.filter((row) => isSolvedThere(row) && !isSolved(row)).map((row) => row.problem.name)).toStrictEqual([])

  const both = rows.filter((row) => row.reached !== null && theirs(row).reached !== null)
  const toReach = median(both.map((row) => (row.reached ?? 0) / (theirs(row).reached ?? 0)))
  const inAll = median(rows.map((row) => row.calls / theirs(row).calls))
  expect(toReach).toBeLessThanOrEqual(1.2)
  expect(inAll).toBeLessThanOrEqual(1.2)
  page.push(table(name, scipy, rows, toReach, inAll))
})

const table = (name: string, scipy: ScipyMethod, rows: readonly Row[], toReach: number, inAll: number): string => {
  const cells = rows.map(({ problem, calls, reached, value }) => {
    const theirs = scipyRun(problem.name, scipy)
    const mark = (solved: number | null, end: number) => solved ?? (isLocal(problem, end) ? 'local' : '–')
    const counts = [calls, theirs.calls, mark(reached, value), mark(theirs.reached, theirs.value)]
    return `| ${[problem.name, ...counts].join(' | ')} |`
  })
  const head = ['problem', 'evaluations', `${scipy}'s`, 'to 10⁻⁶', `${scipy}'s`]
  return [
    `## \`${name}\` beside ${scipy}`,
    '',
    `Median of the ratios: ${inAll.toFixed(2)} of all evaluations, ${toReach.toFixed(2)} of those to a millionth of the first gap.`,
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map((_, i) => (i === 0 ? '---' : '--:')).join(' | ')} |`,
    ...cells,
    ''
  ].join('\n')
}

test('docs/minimize.md is written by npm run minimize:page', () => {
  expect(page).toHaveLength(pairs.length)
  if (process.env['MINIMIZE_PAGE'] === undefined) return
  const introduction = [
    '# Minimize beside SciPy',
    '',
    'Evaluations of f, each with its gradient, on 29 problems from their usual starts: those of Moré, Garbow and Hillstrom (1981), and Himmelblau’s. With the defaults',
    'on both sides, so not to the same tolerance: ours asks that the gradient has fallen to 10⁻⁹ of the first (lbfgs: 10⁻⁸), SciPy 1.17.1 mostly that it is 10⁻⁵. “To 10⁻⁶” is how many',
    'there were until f − minimum had fallen to a millionth of what it was at the start; “local” is another minimum than the least, and a dash none at all.',
    '',
    '`npm run minimize:page` writes this page; the test beside `minimize` asks that no problem that SciPy solves is left, and that no median is above 1.2.',
    ''
  ]
  writeFileSync(new URL('../../../../docs/minimize.md', import.meta.url), [...introduction, ...page].join('\n'))
})
