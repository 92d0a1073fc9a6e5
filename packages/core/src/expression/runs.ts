import { type Domain, paddedLength } from './domain.js'

const known = new WeakMap<Domain, Int32Array>()

/** Stretches without a gap, each from one element to another. */
const runsOf = (domain: Domain): Int32Array => {
  const runs = known.get(domain) ?? runsIn(domain)
  known.set(domain, runs)
  return runs
}

/** Whether everything belongs to a domain from the first element to the last. */
export const isWhole = (domain: Domain): boolean => {
  const runs = runsOf(domain)
  return runs.length === 2 && runs[0] === 0 && runs[1] === domain.extent
}

/** Calls back for each stretch without a gap. */
export const eachRun = (domain: Domain, visit: (start: number, end: number) => void): void => {
  const runs = runsOf(domain)
  for (let i = 0; i < runs.length; i += 2) visit(runs[i] as number, runs[i + 1] as number)
}

const runsIn = ({ starts, lengths }: Domain): Int32Array => {
  const order = Array.from(starts.keys()).sort((i, j) => (starts[i] as number) - (starts[j] as number))
  const runs: number[] = []
  for (const i of order) {
    const start = starts[i] as number
    const end = start + paddedLength(lengths[i] as number)
    if (end === start) continue
    if (runs.length > 0 && runs[runs.length - 1] === start) runs[runs.length - 1] = end
    else runs.push(start, end)
  }
  return Int32Array.from(runs)
}
