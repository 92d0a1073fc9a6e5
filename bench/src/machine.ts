import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

const loadBefore = loadavg()[0] ?? 0

/** The machine, as a report names it, and how busy it was when the program started. */
export const machine = (): readonly (readonly [what: string, value: string])[] => [
  ['processor', cpus()[0]?.model.trim() ?? 'unknown'],
  ['cores', String(availableParallelism())],
  ['memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
  ['system', `${type()} ${release()}, ${process.arch}`],
  ['Node', `${process.versions.node}, V8 ${process.versions.v8}`],
  ['load before the run', loadBefore.toFixed(1)]
]
