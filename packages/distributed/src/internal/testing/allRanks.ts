// For tests: what every rank of a group comes to, without threads.
import type { Communicator } from '../../communicators/communicator.js'
import { joinLocal } from '../../communicators/joinLocal.js'
import { localGroup } from '../../communicators/localGroup.js'
import type { Pending } from '../../communicators/pending.js'

const UNKNOWN = Symbol('a result that is not known yet')

type Operation = (comm: Communicator) => Pending<unknown>

/** What came of something on a rank. */
export type Outcome<T = unknown> = { readonly value: T } | { readonly error: unknown }

/**
 * What a program comes to on each of so many ranks. A chain holds its thread until others have come, so the ranks of one thread cannot run it side by side: instead each is run
 * up to the first result that is not known, all give what they call to real communicators, and all begin anew, until they are through. So the program
 * must be pure but for its communicator: it makes its optimizers itself.
 */
export const allRanks = async <R>(size: number, program: (comm: Communicator) => R): Promise<readonly R[]> =>
  (await allOutcomes(size, program)).map((outcome) => {
    if ('error' in outcome) throw outcome.error
    return outcome.value
  })

/** The same, where ranks may throw. */
export const allOutcomes = async <R>(
  size: number,
  program: (comm: Communicator) => R
): Promise<readonly Outcome<R>[]> => {
  const comms = localGroup(size).map(joinLocal)
  const known: Outcome[][] = comms.map(() => [])
  for (;;) {
    const attempts = comms.map((comm, r) => attempt(comm, known[r] as Outcome[], program))
    if (attempts.every(({ outcome }) => outcome !== undefined)) {
      return attempts.map(({ outcome }) => outcome as Outcome<R>)
    }
    const counts = attempts.map(({ calls }) => calls.length)
    const begun = Math.max(...counts)
    // Who calls less than others is waited for in vain.
    if (Math.min(...counts) < begun) throw new Error(`ranks make another number of calls: ${counts.join(', ')}`)
    for (let i = (known[0] as Outcome[]).length; i < begun; i++) {
      const outcomes = await Promise.all(attempts.map(({ calls }, r) => outcomeOf(calls[i], comms[r])))
      for (const [r, outcome] of outcomes.entries()) known[r]?.push(outcome)
    }
  }
}

const outcomeOf = async (operation: Operation | undefined, comm: Communicator | undefined): Promise<Outcome> => {
  try {
    // It may lie in memory that another operation gets.
    return { value: structuredClone(await (operation as Operation)(comm as Communicator).promise()) }
  } catch (error) {
    return { error }
  }
}

interface Attempt<R> {
  readonly calls: readonly Operation[]
  /** What it came to, unless something is not known that it needs. */
  readonly outcome: Outcome<R> | undefined
}

const attempt = <R>(
  { rank, size, name }: Communicator,
  known: readonly Outcome[],
  program: (comm: Communicator) => R
): Attempt<R> => {
  const calls: Operation[] = []
  const later = (operation: Operation): Pending<never> => {
    const number = calls.push(operation) - 1
    const wait = (): never => {
      const outcome = known[number]
      if (outcome === undefined) throw UNKNOWN
      if ('error' in outcome) throw outcome.error
      return structuredClone(outcome.value) as never
    }
    return { wait, promise: async () => wait() }
  }
  // What is given may lie in memory that others write to afterwards.
  const comm: Communicator = {
    ...{ rank, size, name },
    allReduce: (given, options) => {
      const copy = structuredClone(given)
      return later((real) => real.allReduce(copy, options as object))
    },
    reduceScatter: (given, options) => {
      const copy = structuredClone(given)
      return later((real) => real.reduceScatter(copy, options as object))
    },
    allGather: (given) => {
      const copy = structuredClone(given)
      return later((real) => real.allGather(copy))
    },
    broadcast: (given, root) => {
      const copy = structuredClone(given)
      return later((real) => real.broadcast(copy, root))
    },
    exchange: (given, partners) => {
      const copy = structuredClone(given)
      return later((real) => real.exchange(copy, partners))
    },
    barrier: () => later((real) => real.barrier()),
    close: () => {}
  }
  try {
    return { calls, outcome: { value: program(comm) } }
  } catch (error) {
    return { calls, outcome: error === UNKNOWN ? undefined : { error } }
  }
}
