// What the playground shows, as the part of an address behind `#`.

/** What is chosen in the playground. */
export interface Choice {
  /** The chain, as it was typed. */
  readonly chain: string
  /** The chain beside it; empty for none. */
  readonly beside: string
  readonly problem: string
  readonly steps: number
}

/** The most steps that a path takes. */
export const MOST_STEPS = 5000

/** The part of an address behind `#`. */
export const hashOf = ({ chain, beside, problem, steps }: Choice): string =>
  `#${new URLSearchParams({ chain, beside, problem, steps: String(steps) })}`

/** What an address says; where it says nothing, or nothing that is possible, what is usual stays. */
export const choiceOf = (hash: string, usual: Choice, problems: readonly string[]): Choice => {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const problem = given.get('problem') ?? ''
  const steps = Number(given.get('steps') ?? Number.NaN)
  return {
    chain: given.get('chain') ?? usual.chain,
    beside: given.get('beside') ?? usual.beside,
    problem: problems.includes(problem) ? problem : usual.problem,
    steps: Number.isInteger(steps) && steps >= 1 && steps <= MOST_STEPS ? steps : usual.steps
  }
}
