import { CommunicationError } from '../communicators/communicationError.js'
import type { Pending } from '../communicators/pending.js'

/** What an operation waits for before it can go on. */
export interface Wait {
  /** Whether it has come. @throws CommunicationError when it cannot come any more. */
  readonly ready: () => boolean
  /** Holds the thread for a moment, at most as long as that takes; `waited` is how many milliseconds this wait has gone on. */
  readonly rest: (waited: number) => void
  /** The same without holding the thread. */
  readonly later: (waited: number) => Promise<void>
  /** Who has not come, as far as one can know: `rank 2`. */
  readonly missing: () => string
}

/** An operation that stops where it has to wait. */
export type Steps<T> = Generator<Wait, T, undefined>

/** Operations one after the other, in the order in which they were begun: all ranks do them in the same order, whoever waits for which. */
export interface Line {
  /** Begins an operation once those before it are through. */
  readonly begin: <T>(owner: string, steps: Steps<T>) => Pending<T>
  /** Whether nothing is under way. */
  readonly isIdle: () => boolean
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

interface Task {
  readonly owner: string
  /** Goes on to the next wait; `undefined` at the end. */
  readonly next: () => Wait | undefined
  readonly fail: (error: unknown) => void
  at: Wait | undefined
  since: number | undefined
}

/**
 * A line in which no wait may take longer than so many milliseconds; `onFailure` is told of the error after which nothing
 * can be carried any more.
 */
export const lineOf = (timeout: number, onFailure: (error: CommunicationError) => void): Line => {
  const tasks: Task[] = []
  let failure: CommunicationError | undefined

  const end = (task: Task, error: unknown): void => {
    tasks.splice(tasks.indexOf(task), 1)
    task.fail(error)
    // Where they disagree all ranks do, before anything was sent: what they call next may fit.
    if (failure !== undefined || (error instanceof CommunicationError && error.kind === 'disagreement')) return
    // Whatever else it is, such as memory that is not to be had, the others are in the middle of an operation that this rank has left.
    failure = error instanceof CommunicationError ? error : new CommunicationError('lost', `${task.owner}: ${error}`)
    for (const other of tasks.splice(0)) other.fail(failure)
    onFailure(failure)
  }

  /** Does what can be done at once; gives what is to be waited for, `undefined` when all is done. */
  const advance = (): Wait | undefined => {
    for (let task = tasks[0]; task !== undefined; task = tasks[0]) {
      try {
        if (task.at !== undefined && !task.at.ready()) return task.at
        task.since = undefined
        task.at = task.next()
        if (task.at === undefined) tasks.shift()
      } catch (error) {
        end(task, error)
      }
    }
    return undefined
  }

  /** How long the wait at the head of the line has gone on; when that is too long, it has failed. */
  const waited = (): number => {
    const [task] = tasks
    if (task === undefined) return 0
    const now = performance.now()
    task.since ??= now
    const time = now - task.since
    if (time > timeout) {
      end(
        task,
        new CommunicationError('late', `${task.owner}: ${task.at?.missing()} did not come within ${timeout / 1000} s`)
      )
    }
    return time
  }

  let waiters = 0
  const pump = async (): Promise<void> => {
    while (waiters > 0) {
      const wait = advance()
      if (wait === undefined) return
      const time = waited()
      if (tasks.length > 0) await wait.later(time)
    }
  }

  return {
    begin: <T>(owner: string, steps: Steps<T>): Pending<T> => {
      if (failure !== undefined) {
        throw new CommunicationError('closed', `${owner}: the ranks are apart since ${failure.message}`)
      }
      let outcome: Outcome<T> | undefined
      const told: ((outcome: Outcome<T>) => void)[] = []
      const settle = (with_: Outcome<T>): void => {
        outcome = with_
        for (const tell of told.splice(0)) tell(with_)
      }
      tasks.push({
        owner,
        next: () => {
          const { done, value } = steps.next()
          if (done !== true) return value
          settle({ value })
          return undefined
        },
        fail: (error) => settle({ error }),
        at: undefined,
        since: undefined
      })
      advance()
      return {
        wait: () => {
          while (outcome === undefined) {
            const wait = advance()
            if (outcome === undefined && wait !== undefined) {
              const time = waited()
              if (tasks.length > 0) wait.rest(time)
            }
          }
          return valueOf(outcome)
        },
        promise: async () => {
          if (outcome === undefined) {
            await new Promise<void>((resolve) => {
              told.push(() => {
                waiters -= 1
                resolve()
              })
              waiters += 1
              if (waiters === 1) void pump()
            })
          }
          return valueOf(outcome as unknown as Outcome<T>)
        }
      }
    },
    isIdle: () => tasks.length === 0
  }
}

const valueOf = <T>(outcome: Outcome<T>): T => {
  if ('error' in outcome) throw outcome.error
  return outcome.value
}
