/** An all-reduce of 40 MB between two ranks, beside what a program in C takes with the same MPI, in turns. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from '../statistics.js'

const [RANKS, TURNS, ROUNDS] = [2, 8, 10]
const SIZES = [1, 1000, 1_000_000, 10_000_000] as const

const MPIS = [
  { name: 'MPICH', mpirun: 'mpirun.mpich', mpicc: 'mpicc.mpich', args: [] },
  {
    name: 'Open MPI',
    mpirun: 'mpirun.openmpi',
    mpicc: 'mpicc.openmpi',
    args: ['--allow-run-as-root', '--oversubscribe']
  }
] as const

/** Milliseconds of one all-reduce: the median of all rounds, and the least. */
export interface Took {
  readonly median: number
  readonly least: number
}

/** An MPI with one size of an array: C, results into the arrays of the last ones, within a step with `allReduceMean`, and fresh results. */
export interface AllReduceTimes {
  readonly mpi: string
  readonly elements: number
  readonly c: Took
  readonly into: Took
  readonly step: Took
  readonly fresh: Took
}

/** Measures both, as far as they are there with their compilers (`apt-get install mpich libmpich-dev openmpi-bin libopenmpi-dev`). */
export const allReduceTimes = (): readonly AllReduceTimes[] => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-bench-'))
  try {
    return MPIS.flatMap((mpi) => {
      const program = join(folder, mpi.mpicc)
      try {
        execFileSync(mpi.mpicc, ['-O2', fileURLToPath(new URL('../c/allreduce.c', import.meta.url)), '-o', program])
      } catch {
        return []
      }
      // As seen from dist, where this is part of a program.
      const rank = fileURLToPath(new URL('./probes/allReduceRank.js', import.meta.url))
      const run = (elements: number, ...command: readonly string[]): number[] => {
        const size = [String(elements), String(ROUNDS)]
        const args = [...mpi.args, '-n', String(RANKS), command[0] as string]
        const more = command.slice(1)
        const [own, way] = [more.slice(0, 1), more.slice(1)]
        return execFileSync(mpi.mpirun, [...args, ...own, ...size, ...way], { encoding: 'utf8' })
          .trim()
          .split('\n')
          .map(Number)
      }
      return SIZES.map((elements) => {
        const times: Record<'c' | 'into' | 'step' | 'fresh', number[]> = { c: [], into: [], step: [], fresh: [] }
        for (let turn = 0; turn < TURNS; turn++) {
          times.c.push(...run(elements, program))
          times.into.push(...run(elements, process.execPath, rank, 'into'))
          times.step.push(...run(elements, process.execPath, rank, 'step'))
          times.fresh.push(...run(elements, process.execPath, rank, 'fresh'))
        }
        const took = (all: readonly number[]): Took => ({ median: median(all), least: Math.min(...all) })
        const { c, into, step, fresh } = times
        return { mpi: mpi.name, elements, c: took(c), into: took(into), step: took(step), fresh: took(fresh) }
      })
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
