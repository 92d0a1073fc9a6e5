import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  InvalidOption,
  type Operand,
  positive,
  positiveInteger,
  read,
  required,
  show,
  step,
  valueAndGrad,
  withDefaults
} from '@gradchain/core'
import type { Problem } from '../problems/problems.js'

/** Options of {@link compareOptimizers}. */
export interface CompareOptimizersOptions {
  /** How many steps each optimizer makes on each problem, a whole number ≥ 1. */
  readonly steps: number
  /** What share of the first distance to the minimum may be left where a problem counts as solved: a number > 0. @defaultValue `1e-3` */
  readonly tolerance?: number | undefined
}

/** One optimizer on one problem. */
export interface ComparedRun {
  /** The name of the optimizer. */
  readonly optimizer: string
  /** The name of the problem. */
  readonly problem: string
  /** The exact value at the start and after each step. */
  readonly values: readonly number[]
  /** The lowest of them; NaN where none is a number. */
  readonly best: number
  /** After how many steps it was solved; ∞ where it was not. */
  readonly solvedAfter: number
}

/** Which share of the problems an optimizer solves within so many times the steps of the quickest: a step function, by its jumps. */
export interface PerformanceProfile {
  /** The name of the optimizer. */
  readonly optimizer: string
  /** From each ratio on, the share; the ratios rise from 1. The last share is that of all problems it solves. */
  readonly points: readonly { readonly ratio: number; readonly share: number }[]
}

/** What {@link compareOptimizers} finds. */
export interface OptimizerComparison {
  /** Every optimizer on every problem, by problems. */
  readonly runs: readonly ComparedRun[]
  /** The performance profiles of Dolan and Moré, by optimizer. */
  readonly profiles: readonly PerformanceProfile[]
  /** The steps to the solution as a table in Markdown, whose columns are aligned so that it can be read as it is. */
  readonly table: string
}

/**
 * Optimizers side by side on the same problems from the same starts: each run, a table, and performance profiles.
 *
 *     solved after t steps:   the first t with f(xₜ) − f* ≤ tolerance · (f(x₀) − f*)
 *     ratio of an optimizer s on a problem p:   r(p, s) = t(p, s) / min over s of t(p, s)
 *     profile:   ρₛ(τ) = share of the problems with r(p, s) ≤ τ
 *
 * A step counts as one, a run that is solved where it starts as one step too; a problem that nobody solves counts for nobody. ρₛ(1) is how often
 * an optimizer is the quickest, the last share how often it gets there at all.
 *
 * Optimizers see `at(x, step)` of the problems and its gradient; the values that count are those of `f`. What is told besides is `value` and
 * `valueFn`, for those that look at the loss. A profile says something about these optimizers with these numbers: tune what you compare.
 *
 * Laws: an optimizer beside itself has the same profile; the order of optimizers and problems changes the order of the results alone.
 *
 * @param optimizers - by name.
 *
 * @example
 * const compared = compareOptimizers(
 *   { gradientDescent: sgd(0.009), momentum: sgd(0.009, { momentum: 0.8 }), adam: adam(0.3) },
 *   [problems.quadratic(), problems.quadratic({ rotation: 0 })],
 *   { steps: 300 }
 * )
 * compared.table.split('\n')
 * // => [
 * //   '| problem                             | gradientDescent | momentum | adam |',
 * //   '| ----------------------------------- | --------------: | -------: | ---: |',
 * //   '| quadratic 10, condition 100         |             103 |       29 |   13 |',
 * //   '| quadratic 10, condition 100, turned |              64 |       25 |   53 |'
 * // ]
 * compared.profiles[1]?.points // => [{ ratio: 1, share: 0.5 }, { ratio: 2.230769230769231, share: 1 }]
 *
 * @throws InvalidOption for no optimizers or problems, two problems of one name, and an option outside its range.
 * @see Dolan and Moré (2002), Benchmarking Optimization Software with Performance Profiles,
 * {@link https://arxiv.org/abs/cs/0102001}; Moré and Wild (2009), Benchmarking Derivative-Free Optimization Algorithms, for when
 * a problem is solved
 */
export const compareOptimizers = (
  optimizers: Readonly<Record<string, AnyGradientTransformation>>,
  problems: readonly Problem[],
  options: CompareOptimizersOptions
): OptimizerComparison => {
  const { steps, tolerance } = withDefaults<Required<CompareOptimizersOptions>>('compareOptimizers', options, {
    steps: required,
    tolerance: 1e-3
  }) as { steps: number; tolerance: number }
  check('compareOptimizers', { steps }, positiveInteger)
  check('compareOptimizers', { tolerance }, positive)
  const names = Object.keys(optimizers)
  if (names.length === 0) throw new InvalidOption('compareOptimizers: optimizers must be at least one, got none')
  if (!Array.isArray(problems) || problems.length === 0) {
    throw new InvalidOption(`compareOptimizers: problems must be a list of at least one, got ${show(problems)}`)
  }
  const titles = problems.map(({ name }) => name)
  const twice = titles.find((title, i) => titles.indexOf(title) !== i)
  if (twice !== undefined) {
    throw new InvalidOption(`compareOptimizers: problems must have different names, got ${show(twice)} twice`)
  }

  const runs = problems.flatMap((problem) =>
    names.map((optimizer) =>
      runOf(optimizer, optimizers[optimizer] as AnyGradientTransformation, problem, steps, tolerance)
    )
  )
  return { runs, profiles: profilesOf(names, titles, runs), table: tableOf(names, titles, runs) }
}

const runOf = (
  optimizer: string,
  tx: AnyGradientTransformation,
  problem: Problem,
  steps: number,
  tolerance: number
): ComparedRun => {
  // Refuses what is no transformation, by its name here.
  definitionOf(`compareOptimizers: ${optimizer}`, tx)
  const { f, at, start, minimum } = problem
  let params = start.slice()
  let state = tx.init(params)
  const values = [read(f(params))]
  for (let t = 0; t < steps; t++) {
    const [value, gradient] = valueAndGrad((x: Operand) => at(x, t))(params)
    const extra = { value, valueFn: (x: Operand) => at(x, t) }
    ;[params, state] = step(tx, gradient, state, params, extra as never) as readonly [
      Float64Array<ArrayBuffer>,
      unknown
    ]
    values.push(read(f(params)))
  }
  const bound = minimum + tolerance * ((values[0] as number) - minimum)
  const found = values.findIndex((value) => value <= bound)
  const numbers = values.filter((value) => !Number.isNaN(value))
  return {
    optimizer,
    problem: problem.name,
    values,
    best: numbers.length === 0 ? NaN : numbers.reduce((a, b) => Math.min(a, b)),
    solvedAfter: found < 0 ? Infinity : Math.max(1, found)
  }
}

const profilesOf = (
  names: readonly string[],
  titles: readonly string[],
  runs: readonly ComparedRun[]
): readonly PerformanceProfile[] => {
  const quickest = new Map<string, number>()
  for (const { problem, solvedAfter } of runs) {
    quickest.set(problem, Math.min(solvedAfter, quickest.get(problem) ?? Infinity))
  }
  return names.map((optimizer) => {
    const ratios = runs
      .filter((run) => run.optimizer === optimizer && run.solvedAfter < Infinity)
      .map(({ problem, solvedAfter }) => solvedAfter / (quickest.get(problem) as number))
      .sort((a, b) => a - b)
    const points = [{ ratio: 1, share: 0 }]
    for (const ratio of ratios) {
      const last = points[points.length - 1] as { ratio: number; share: number }
      const share = (ratios.lastIndexOf(ratio) + 1) / titles.length
      if (ratio === last.ratio) last.share = share
      else points.push({ ratio, share })
    }
    return { optimizer, points }
  })
}

const tableOf = (names: readonly string[], titles: readonly string[], runs: readonly ComparedRun[]): string => {
  const cell = (problem: string, optimizer: string): string => {
    const run = runs.find((one) => one.problem === problem && one.optimizer === optimizer)
    return run === undefined || run.solvedAfter === Infinity ? '–' : String(run.solvedAfter)
  }
  const shown = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const rows = [
    ['problem', ...names.map(shown)],
    ...titles.map((title) => [shown(title), ...names.map((name) => cell(title, name))])
  ]
  const widths = rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  const [head, ...body] = rows.map(line)
  return [head, rule, ...body].join('\n')
}
