/** One table: a chain at a size, every rival on the same inputs, taking turns. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChainName, chains, type SizeName, sizes } from './cases.js'
import { deviation, expected, sameBits, strays } from './expected.js'
import { type Command, type Host, startHost } from './host.js'
import { GRADIENT_SETS, type Inputs, makeInputs, writeInputs } from './inputs.js'
import type { Answer } from './protocol.js'
import { entrants, type Rival, type RivalName, rivalOf } from './rivals.js'

/** How thoroughly to measure. */
export interface Effort {
  readonly rounds: number
  /** About how long a turn takes, in milliseconds. */
  readonly turn: number
  /** For how long each rival runs before anything is counted, in milliseconds. */
  readonly warmUp: number
}

/** What became of a rival. */
export type Outcome =
  | {
      readonly kind: 'measured'
      readonly version: string
      /** Nanoseconds for each parameter and step, round by round. */
      readonly samples: readonly number[]
      /** CPU time of the process over the time that passed, round by round. */
      readonly cores: readonly number[]
      /** Resident memory above that of the process before it opened anything. */
      readonly rss: number
      readonly bytes: Readonly<Record<string, number>> | undefined
      /** The error of its params, as a share of the largest movement; nothing where there is nothing to compare. */
      readonly error: number | undefined
    }
  | { readonly kind: 'absent'; readonly what: string }
  /** Its results are not those of the others: it was not timed. */
  | { readonly kind: 'wrong'; readonly reason: string }
  | { readonly kind: 'failed'; readonly message: string }

export interface Contest {
  readonly chain: ChainName
  readonly size: SizeName
  readonly outcomes: ReadonlyMap<RivalName, Outcome>
}

interface Running {
  readonly name: RivalName
  readonly rival: Rival
  readonly host: Host
  readonly version: string
  readonly bytes: Readonly<Record<string, number>> | undefined
  readonly samples: number[]
  readonly cores: number[]
  error: number | undefined
  steps: number
}

/** Where a rival's process comes from. */
export type Commands = (rival: Rival) => Command

/** A rival that cannot go on, and why. */
class Out extends Error {
  readonly outcome: Outcome
  constructor(outcome: Outcome) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

const valueOf = <T>(answer: Answer<T>): T => {
  if (answer.kind === 'done') return answer.value
  throw new Out(answer)
}

/** Opens, compares, warms up and then times all rivals, one batch of steps each in every round. */
export const contest = async (
  chain: ChainName,
  size: SizeName,
  names: readonly RivalName[],
  effort: Effort,
  commands: Commands
): Promise<Contest> => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-bench-'))
  const outcomes = new Map<RivalName, Outcome>()
  const hosts: Host[] = []
  try {
    const inputs = makeInputs(sizes[size].params)
    writeInputs(folder, inputs)

    /** What a rival does next, or nothing where it is out from now on. */
    const attempt = async <T>(name: RivalName, work: () => Promise<T>): Promise<T[]> => {
      try {
        return [await work()]
      } catch (error) {
        if (!(error instanceof Out)) throw error
        outcomes.set(name, error.outcome)
        return []
      }
    }
    // Libraries are loaded all at once, which is not measured; what follows is one at a time.
    const opened = entrants(names, chain, size).map((name) => {
      const host = startHost(commands(rivalOf(name)))
      hosts.push(host)
      return attempt(name, () => open(name, host, chain, size, folder))
    })
    let running = (await Promise.all(opened)).flat()
    const everyone = async (work: (one: Running) => Promise<void>): Promise<void> => {
      const still: Running[] = []
      for (const one of running) still.push(...(await attempt(one.name, () => work(one).then(() => one))))
      running = still
    }

    const judge = makeJudge(chain, inputs, sizes[size].leaves)
    await everyone((one) => check(one, chain, folder, judge))
    await everyone((one) => warmUp(one, chain, effort))
    for (let round = 0; round < effort.rounds; round++) {
      await everyone((one) => takeTurn(one, sizes[size].params))
      running = [...running.slice(1), ...running.slice(0, 1)]
    }
    await everyone(async ({ name, host, version, bytes, samples, cores, error }) => {
      const { bytes: rss } = valueOf(await host.ask({ do: 'memory' }))
      outcomes.set(name, { kind: 'measured', version, samples, cores, rss, bytes, error })
    })
  } finally {
    for (const host of hosts) host.end()
    rmSync(folder, { recursive: true, force: true })
  }
  return { chain, size, outcomes }
}

const open = async (
  name: RivalName,
  host: Host,
  chain: ChainName,
  size: SizeName,
  folder: string
): Promise<Running> => {
  const rival = rivalOf(name)
  const { version, bytes } = valueOf(
    await host.ask({
      do: 'open',
      implementation: rival.implementation,
      chain,
      hyper: { ...chains[chain].hyper, ...rival.hyper },
      leaves: sizes[size].leaves,
      threads: rival.threads,
      inputs: folder,
      gradientSets: GRADIENT_SETS
    })
  )
  return { name, rival, host, version, bytes, samples: [], cores: [], error: undefined, steps: 1 }
}

/** Says how far a rival's params are off, or throws when that is too far. */
type Judge = (rival: Rival, params: Float32Array) => number

const makeJudge = (chain: ChainName, inputs: Inputs, leaves: number): Judge => {
  const { hyper, checkedSteps } = chains[chain]
  const wanted = new Map<number, Float64Array>()
  let ours: Float32Array | undefined
  return (rival, params) => {
    const own = { ...hyper, ...rival.hyper }
    const reference = wanted.get(own.weightDecay) ?? expected(chain, inputs, checkedSteps, own, leaves)
    wanted.set(own.weightDecay, reference)
    const { error, strays: count, isFine } = deviation(params, reference, inputs.params, strays(chain))
    if (!isFine) throw new Out({ kind: 'wrong', reason: `${count} params are off, by up to ${error.toPrecision(2)}` })
    if (rival.isOurs === true) {
      ours ??= params
      if (!sameBits(ours, params)) throw new Out({ kind: 'wrong', reason: 'not the bits of the other ways to run' })
    }
    return error
  }
}

const check = async (one: Running, chain: ChainName, folder: string, judge: Judge): Promise<void> => {
  const output = join(folder, 'result.f32')
  valueOf(await one.host.ask({ do: 'check', steps: chains[chain].checkedSteps, output }))
  if (one.rival.isChecked === false) return
  const { buffer, byteOffset, byteLength } = readFileSync(output)
  one.error = judge(one.rival, new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength)))
}

const wholePeriods = (steps: number, chain: ChainName): number => {
  const { period } = chains[chain]
  return Math.max(1, Math.round(steps / period)) * period
}

/** A batch that takes less than this share of the shortest one shows that a rival is still getting warm. */
const FASTER = 0.9
/** How many times as long as it should take at least, warming up may take at most. */
const MOST = 4

/** Runs in batches that grow until it no longer gets faster, and settles how many steps make a turn. */
const warmUp = async (one: Running, chain: ChainName, { warmUp, turn }: Effort): Promise<void> => {
  let spent = 0
  let best = Infinity
  let steps = wholePeriods(1, chain)
  for (;;) {
    const { milliseconds } = valueOf(await one.host.ask({ do: 'time', steps }))
    const perStep = milliseconds / steps
    const isFaster = perStep < FASTER * best
    best = Math.min(best, perStep)
    spent += milliseconds
    if ((spent >= warmUp && !isFaster) || spent >= MOST * warmUp) {
      one.steps = wholePeriods(turn / perStep, chain)
      return
    }
    steps = wholePeriods(Math.min(turn / perStep, 4 * steps), chain)
  }
}

const takeTurn = async ({ host, steps, samples, cores }: Running, params: number): Promise<void> => {
  const { milliseconds, cpuMilliseconds } = valueOf(await host.ask({ do: 'time', steps }))
  samples.push((milliseconds * 1e6) / steps / params)
  cores.push(cpuMilliseconds / milliseconds)
}
