import { InvalidState } from '../../errors.js'
import { CALLED } from '../../expression/op.js'
import { CHUNK, type Launch, type RunLaunches, runHere, runShare, runWhole } from '../resident/launches.js'
import type { Kernel } from '../wasm/kernel.js'
import { type Job, shareOut } from './shares.js'
import { maySleep, type Spawn, spawn, type Thread } from './spawn.js'

/** How many jobs a worker can be given in one round. */
const MOST_JOBS = 1024
const WORDS_OF_JOBS = 1 + 4 * MOST_JOBS
/** Bytes of new kernels in one round: more than the largest function that engines accept. It costs memory where it is used. */
const MAIL_BYTES = 2 ** 23
/** How many kernels the workers keep. */
const MOST_KERNELS = 4096
const WORTH_SHARING = 65_536
/** How long the main thread looks again and again before it sleeps, in milliseconds: about what it takes to wake up. */
const EAGERNESS = 0.05
/** How long it sleeps at most before it looks again. */
const NAP = 100
/** How long workers may get nowhere before they are taken for dead. */
const PATIENCE = 30_000

const LAYOUT = {
  round: 0,
  ready: 1,
  done: 2,
  stop: 3,
  failed: 4,
  progress: 5,
  jobs: 16,
  mostJobs: MOST_JOBS,
  chunk: CHUNK,
  eagerness: 0.1
} as const

/** What the workers are told, round after round, and what is done here meanwhile. */
interface Work {
  /** For each round, for each worker, how many jobs there are, then the jobs. */
  readonly rounds: readonly (readonly Int32Array[])[]
  readonly own: readonly Job[]
  /** What is not shared. */
  readonly whole: readonly Launch[]
  /** Which numbering of the kernels it was written in. */
  readonly numbering: object
}

/** How the threads of a pool are started and waited for. */
export interface PoolOptions {
  /** What starts a worker. @defaultValue a worker of the platform */
  readonly start?: Spawn
  /** How many milliseconds workers may get nowhere before they are taken for dead. @defaultValue half a minute */
  readonly patience?: number
  /** How many elements are worth sharing. @defaultValue 65 536: fewer are done faster than another thread wakes up */
  readonly worthSharing?: number
}

/**
 * Threads that share the launches of a phase. The main thread does a share as well, and waits for the others; between
 * rounds they sleep. Until all have started, which they do by themselves, the main thread does everything.
 */
export class ThreadPool {
  readonly #control: Int32Array
  readonly #mail: Uint8Array
  readonly #threads: readonly Thread[]
  readonly #maySleep = maySleep()
  readonly #patience: number
  readonly #worthSharing: number
  // Which kernels the workers have, by the number they know them by.
  #numbers = new Map<Kernel, number>()
  // Plans run the same launches again and again.
  readonly #works = new WeakMap<readonly Launch[], Work>()
  #round = 0
  #failure: string | null = null

  constructor(
    memory: WebAssembly.Memory,
    workers: number,
    { start = spawn, patience = PATIENCE, worthSharing = WORTH_SHARING }: PoolOptions = {}
  ) {
    const control = new SharedArrayBuffer(4 * (LAYOUT.jobs + workers * WORDS_OF_JOBS))
    const mail = new SharedArrayBuffer(MAIL_BYTES)
    this.#control = new Int32Array(control)
    this.#mail = new Uint8Array(mail)
    this.#patience = patience
    this.#worthSharing = worthSharing
    const [names, functions] = [Object.keys(CALLED), Object.values(CALLED)]
    this.#threads = Array.from({ length: workers }, (_, index) =>
      start({ memory, control, mail, layout: LAYOUT, index, functions, names }, (why) => {
        this.#failure ??= why
      })
    )
  }

  /** How much memory it takes to tell the threads what to do. */
  get bytes(): number {
    return this.#control.byteLength + this.#mail.byteLength
  }

  /** Whether all threads have started. */
  get isReady(): boolean {
    return Atomics.load(this.#control, LAYOUT.ready) === this.#threads.length
  }

  /** @throws InvalidState when a thread is known to have died. */
  check(): void {
    if (this.#failure === null) return
    throw new InvalidState(
      `step: a thread of this transient has died (${this.#failure}): go on from a snapshot with another transient`
    )
  }

  /** Runs launches that do not depend on each other, in shares. */
  readonly run: RunLaunches = (launches) => {
    let elements = 0
    for (const { size, parts } of launches) if (parts === null) elements += size
    if (elements < this.#worthSharing || !this.isReady) return runHere(launches)
    const known = this.#works.get(launches)
    const { rounds, own, whole } = known?.numbering === this.#numbers ? known : this.#prepare(launches)
    rounds.forEach((words, round) => {
      this.#begin(words)
      if (round === 0) {
        for (const { launch, from, to } of own) runShare(launch, from, to)
        whole.forEach(runWhole)
      }
      this.#finish()
    })
  }

  /** Ends the threads. */
  dispose(): void {
    this.#failure ??= 'it was disposed'
    Atomics.store(this.#control, LAYOUT.stop, 1)
    this.#wake()
    for (const thread of this.#threads) thread.terminate()
  }

  #prepare(launches: readonly Launch[]): Work {
    const isSent = ({ kernel, parts }: Launch): boolean =>
      parts === null && kernel.bytes !== null && kernel.bytes.length <= MAIL_BYTES
    if (this.#numbers.size > MOST_KERNELS) this.#numbers = new Map()
    this.#deliver(launches.filter(isSent))
    const shares = shareOut(launches.filter(isSent), this.#threads.length + 1)
    const whole = launches.filter((launch) => !isSent(launch))
    const own = shares.pop() as Job[]
    const count = Math.max(1, ...shares.map((share) => Math.ceil(share.length / MOST_JOBS)))
    const rounds = Array.from({ length: count }, (_, round) =>
      shares.map((share) => this.#wordsOf(share.slice(round * MOST_JOBS, (round + 1) * MOST_JOBS)))
    )
    const work = { rounds, own, whole, numbering: this.#numbers }
    this.#works.set(launches, work)
    return work
  }

  #wordsOf(jobs: readonly Job[]): Int32Array {
    const numberOf = ({ kernel }: Launch): number => this.#numbers.get(kernel) as number
    return Int32Array.from([
      jobs.length,
      ...jobs.flatMap(({ launch, from, to }) => [numberOf(launch), launch.table, from, to])
    ])
  }

  /** Sends the kernels that the workers do not have yet. */
  #deliver(launches: readonly Launch[]): void {
    const fresh = new Set(launches.map(({ kernel }) => kernel).filter((kernel) => !this.#numbers.has(kernel)))
    let used = 0
    let batch: number[] = []
    const flush = (): void => {
      if (batch.length === 0) return
      const words = Int32Array.from([batch.length / 4, ...batch])
      this.#begin(this.#threads.map(() => words))
      this.#finish()
      used = 0
      batch = []
    }
    for (const kernel of fresh) {
      const bytes = kernel.bytes as Uint8Array
      if (used + bytes.length > MAIL_BYTES || batch.length === 4 * MOST_JOBS) flush()
      const number = this.#numbers.size
      this.#numbers.set(kernel, number)
      this.#mail.set(bytes, used)
      batch.push(number, 0, used, bytes.length)
      used += bytes.length
    }
    flush()
  }

  /** Gives every worker its jobs. */
  #begin(words: readonly Int32Array[]): void {
    words.forEach((part, worker) => {
      this.#control.set(part, LAYOUT.jobs + worker * WORDS_OF_JOBS)
    })
    Atomics.store(this.#control, LAYOUT.done, 0)
    this.#wake()
  }

  #wake(): void {
    this.#round = (this.#round + 1) | 0
    Atomics.store(this.#control, LAYOUT.round, this.#round)
    Atomics.notify(this.#control, LAYOUT.round)
  }

  /** Waits until every worker has done its jobs. */
  #finish(): void {
    const begin = performance.now()
    let last = begin
    let progress = -1
    let idle = 0
    for (;;) {
      const done = Atomics.load(this.#control, LAYOUT.done)
      if (done === this.#threads.length) break
      const now = performance.now()
      if (now - begin < EAGERNESS) continue
      // Time in which the whole process stood still does not count, nor does any after which some worker got on.
      const reached = Atomics.load(this.#control, LAYOUT.progress)
      idle = reached === progress ? idle + Math.min(now - last, 2 * NAP) : 0
      progress = reached
      last = now
      if (idle > this.#patience) this.#fail('it does not answer')
      if (this.#maySleep) Atomics.wait(this.#control, LAYOUT.done, done, NAP)
    }
    if (Atomics.load(this.#control, LAYOUT.failed) !== 0) this.#fail('a kernel failed on it')
  }

  #fail(why: string): never {
    this.#failure ??= why
    throw new InvalidState(
      `step: a thread of this transient has died in the middle of a step (${this.#failure}): go on from an earlier snapshot`
    )
  }
}
