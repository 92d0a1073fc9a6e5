import { InvalidState } from '../../errors.js'
import { Op } from '../../expression/op.js'
import { runHere } from '../resident/launches.js'
import type { Launch, RunLaunches } from '../resident/plan.js'
import { SUM_BLOCK } from '../sum.js'
import { spawn, type Thread } from './spawn.js'

/** How many jobs a worker can be given in one round. */
const MOST_JOBS = 1024
/** Bytes of new kernels in one round. */
const MAIL_BYTES = 2 ** 20
/** Fewer elements than this are done faster than another thread wakes up. */
const WORTH_SHARING = 65_536
/** Milliseconds after which a worker that does not answer is taken for dead. */
const PATIENCE = 30_000

const LAYOUT = { round: 0, ready: 1, done: 2, stop: 3, failed: 4, jobs: 16, mostJobs: MOST_JOBS } as const

const SHARED_FUNCTIONS = {
  [Op.Exp]: 'exp',
  [Op.Log]: 'log',
  [Op.Log1p]: 'log1p',
  [Op.Tanh]: 'tanh',
  [Op.Sin]: 'sin',
  [Op.Cos]: 'cos',
  [Op.Erf]: 'erf',
  [Op.Pow]: 'power'
}

/** A share of a launch. */
interface Job {
  readonly launch: Launch
  readonly from: number
  readonly to: number
}

/** Threads that share the launches of a phase. The main thread does a share as well, and waits for the others. */
export class ThreadPool {
  readonly #control: Int32Array
  readonly #mail: Uint8Array
  readonly #threads: readonly Thread[]
  // Which kernels the workers have, by the number they know them by.
  readonly #numbers = new Map<Launch['kernel'], number>()
  #round = 0
  #failure: string | null = null

  constructor(memory: WebAssembly.Memory, workers: number) {
    const control = new SharedArrayBuffer(4 * (LAYOUT.jobs + workers * (1 + 4 * MOST_JOBS)))
    const mail = new SharedArrayBuffer(MAIL_BYTES)
    this.#control = new Int32Array(control)
    this.#mail = new Uint8Array(mail)
    const functions = Object.keys(SHARED_FUNCTIONS).map(Number)
    const names = Object.values(SHARED_FUNCTIONS)
    this.#threads = Array.from({ length: workers }, (_, index) =>
      spawn({ memory, control, mail, layout: LAYOUT, index, functions, names }, (why) => {
        this.#failure ??= why
      })
    )
  }

  /** Runs launches that do not depend on each other, in shares. */
  readonly run: RunLaunches = (launches) => {
    let elements = 0
    for (const { size } of launches) elements += size
    if (elements < WORTH_SHARING || !this.#areReady()) return runHere(launches)
    this.#check()
    const shares = shareOut(launches, elements, this.#threads.length + 1)
    const own = shares.pop() as Job[]
    const rounds = Math.max(1, ...shares.map((share) => Math.ceil(share.length / MOST_JOBS)))
    for (let round = 0; round < rounds; round++) {
      const parts = shares.map((share) => share.slice(round * MOST_JOBS, (round + 1) * MOST_JOBS))
      this.#deliver(parts)
      this.#begin(parts)
      if (round === 0) for (const { launch, from, to } of own) launch.kernel.run(launch.table, from, to)
      this.#finish()
    }
  }

  /** Ends the threads. */
  dispose(): void {
    Atomics.store(this.#control, LAYOUT.stop, 1)
    this.#wake()
    for (const thread of this.#threads) thread.terminate()
  }

  #areReady(): boolean {
    return Atomics.load(this.#control, LAYOUT.ready) === this.#threads.length
  }

  #check(): void {
    if (this.#failure !== null) throw new InvalidState(`step: a thread of this transient has died (${this.#failure}); take a snapshot and start another`)
  }

  /** Sends the kernels that the workers do not have yet. */
  #deliver(parts: readonly (readonly Job[])[]): void {
    const fresh = new Set<Launch['kernel']>()
    for (const part of parts) for (const { launch } of part) if (!this.#numbers.has(launch.kernel)) fresh.add(launch.kernel)
    let used = 0
    let batch: number[] = []
    const flush = (): void => {
      if (batch.length === 0) return
      this.#threads.forEach((_, worker) => {
        this.#control.set([batch.length / 4, ...batch], this.#jobsOf(worker))
      })
      this.#signal()
      this.#finish()
      used = 0
      batch = []
    }
    for (const kernel of fresh) {
      const { bytes } = kernel
      if (used + bytes.length > MAIL_BYTES || batch.length === 4 * MOST_JOBS) flush()
      const number = this.#numbers.size
      this.#numbers.set(kernel, number)
      this.#mail.set(bytes, used)
      batch.push(number, 0, used, bytes.length)
      used += bytes.length
    }
    flush()
  }

  #begin(parts: readonly (readonly Job[])[]): void {
    parts.forEach((part, worker) => {
      let at = this.#jobsOf(worker)
      this.#control[at++] = part.length
      for (const { launch, from, to } of part) {
        this.#control[at++] = this.#numbers.get(launch.kernel) as number
        this.#control[at++] = launch.table
        this.#control[at++] = from
        this.#control[at++] = to
      }
    })
    this.#signal()
  }

  #jobsOf(worker: number): number {
    return LAYOUT.jobs + worker * (1 + 4 * MOST_JOBS)
  }

  #signal(): void {
    Atomics.store(this.#control, LAYOUT.done, 0)
    this.#wake()
  }

  #wake(): void {
    this.#round = (this.#round + 1) | 0
    Atomics.store(this.#control, LAYOUT.round, this.#round)
    Atomics.notify(this.#control, LAYOUT.round)
  }

  #finish(): void {
    const begin = performance.now()
    for (;;) {
      const done = Atomics.load(this.#control, LAYOUT.done)
      if (done === this.#threads.length) break
      if (performance.now() - begin > PATIENCE) this.#failure = 'it does not answer'
      this.#check()
    }
    if (Atomics.load(this.#control, LAYOUT.failed) !== 0) this.#failure = 'a kernel failed on it'
    this.#check()
  }
}

/** Cuts launches into shares of about as many elements each; a launch is cut between two blocks of a sum. */
const shareOut = (launches: readonly Launch[], elements: number, count: number): Job[][] => {
  const shares: Job[][] = Array.from({ length: count }, () => [])
  let index = 0
  let room = elements / count
  for (const launch of launches) {
    let from = 0
    while (from < launch.size) {
      const isLast = index === count - 1
      const wanted = isLast ? launch.size : from + Math.max(SUM_BLOCK, Math.round(room / SUM_BLOCK) * SUM_BLOCK)
      const to = Math.min(wanted, launch.size)
      ;(shares[index] as Job[]).push({ launch, from, to })
      room -= to - from
      from = to
      if (room < SUM_BLOCK / 2 && !isLast) {
        index += 1
        room += elements / count
      }
    }
  }
  return shares
}
