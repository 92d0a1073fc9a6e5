/** What goes over stdin and stdout of a rival's process, one line of JSON each. */
import type { ChainName, Hyper } from './cases.js'

/** What the benchmark asks of a rival; it asks for one thing at a time. */
export type Request =
  | {
      /** Read the inputs and get everything ready. */
      readonly do: 'open'
      readonly implementation: string
      readonly chain: ChainName
      readonly hyper: Hyper
      readonly leaves: number
      readonly threads: number
      /** The folder with the inputs. */
      readonly inputs: string
      readonly gradientSets: number
    }
  | {
      /** Make the first steps, with the sets of gradients in turn, and write the params to a file. */
      readonly do: 'check'
      readonly steps: number
      readonly output: string
    }
  | {
      /** Make steps with the first set of gradients, and say how long they took. */
      readonly do: 'time'
      readonly steps: number
    }
  | {
      /** Say how much memory is held. */
      readonly do: 'memory'
    }

export interface Opened {
  /** What runs, with its version. */
  readonly version: string
  /** What the rival itself says about its memory. */
  readonly bytes?: Readonly<Record<string, number>> | undefined
}

export interface Timed {
  readonly milliseconds: number
  /** The time of all threads together. */
  readonly cpuMilliseconds: number
}

export interface Memory {
  /** The resident set, less what the process held before it opened anything. */
  readonly bytes: number
}

/** What comes back to a request. */
export interface Answers {
  readonly open: Opened
  readonly check: Readonly<Record<never, never>>
  readonly time: Timed
  readonly memory: Memory
}

/** One line of an answer. */
export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** A library that is needed is not there. */
  | { readonly kind: 'absent'; readonly what: string }
  | { readonly kind: 'failed'; readonly message: string }
