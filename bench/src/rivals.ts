/** Who takes part, and in what. */
import { type ChainName, type Hyper, type SizeName, sizes } from './cases.js'
import type { Implementation } from './rivals/index.js'

/** A rival, as the tables show it. */
export interface Rival {
  readonly label: string
  readonly threads: number
  /** What its process is: Node with one of our implementations, or Python. */
  readonly runtime: 'node' | 'python'
  readonly implementation: Implementation | PythonImplementation
  /** How a chain is called where it is not the chain itself, or `null` where there is nothing to compare with. */
  readonly instead?: Readonly<Partial<Record<ChainName, string | null>>>
  /** The most parameters it is asked to run. */
  readonly largest?: number
  /** The most leaves it is asked to run: what traces and compiles each of them takes minutes for thousands. */
  readonly mostLeaves?: number
  /** Its own numbers, where it cannot do what the others do. */
  readonly hyper?: Partial<Hyper>
  /** Whether its results are compared with the others'. A copy has none. */
  readonly isChecked?: boolean
  /** Whether it is gradchain, which agrees with itself bit for bit. */
  readonly isOurs?: boolean
}

export type PythonImplementation = 'torchFused' | 'torchForeach' | 'optax'

/** What none of the others has. */
const onlyOurs = { cautiousAdamw: null } as const

/** What only Optax has of all the others, and what it has not. */
const none = { ...onlyOurs, ademamix: null, prodigy: null, scheduleFreeAdamw: null } as const

const adamOnly = {
  instead: { ...none, adamw: 'Adam, without decay', clipped: null, lion: null, multiSteps: null },
  hyper: { weightDecay: 0 }
} as const

/** The rivals in the order of the tables. */
export const rivals = {
  copy: { label: 'memory copy', threads: 1, runtime: 'node', implementation: 'copy', isChecked: false },
  transient1: {
    label: '**gradchain `transient`**',
    threads: 1,
    runtime: 'node',
    implementation: 'transient',
    isOurs: true
  },
  transient2: {
    label: '**gradchain `transient`**',
    threads: 2,
    runtime: 'node',
    implementation: 'transient',
    isOurs: true
  },
  step: { label: '**gradchain `step`**', threads: 1, runtime: 'node', implementation: 'step', isOurs: true },
  update: {
    label: '**gradchain `update`, `applyUpdates`**',
    threads: 1,
    runtime: 'node',
    implementation: 'update',
    isOurs: true
  },
  loopInPlace: { label: 'hand-written loop, in place', threads: 1, runtime: 'node', implementation: 'loopInPlace' },
  loopFresh: { label: 'hand-written loop, fresh arrays', threads: 1, runtime: 'node', implementation: 'loopFresh' },
  jaxJs: {
    label: 'jax-js, jitted, wasm',
    threads: 1,
    runtime: 'node',
    implementation: 'jaxJs',
    mostLeaves: 100,
    instead: none
  },
  tfjsWasm: {
    label: 'TensorFlow.js, wasm',
    threads: 1,
    runtime: 'node',
    implementation: 'tfjsWasm',
    mostLeaves: 1000,
    ...adamOnly
  },
  tfjsCpu: {
    label: 'TensorFlow.js, cpu',
    threads: 1,
    runtime: 'node',
    implementation: 'tfjsCpu',
    largest: 1_000_000,
    mostLeaves: 1000,
    ...adamOnly
  },
  torchFused1: {
    label: 'PyTorch `fused=True`',
    threads: 1,
    runtime: 'python',
    implementation: 'torchFused',
    instead: { ...none, lion: null }
  },
  torchFused2: {
    label: 'PyTorch `fused=True`',
    threads: 2,
    runtime: 'python',
    implementation: 'torchFused',
    instead: { ...none, lion: null }
  },
  torchForeach1: {
    label: 'PyTorch `foreach=True`',
    threads: 1,
    runtime: 'python',
    implementation: 'torchForeach',
    instead: { ...none, lion: 'by hand, from `torch._foreach_…`' }
  },
  torchForeach2: {
    label: 'PyTorch `foreach=True`',
    threads: 2,
    runtime: 'python',
    implementation: 'torchForeach',
    instead: { ...none, lion: 'by hand, from `torch._foreach_…`' }
  },
  optax1: {
    label: 'Optax, jitted, donated',
    threads: 1,
    runtime: 'python',
    implementation: 'optax',
    mostLeaves: 1000,
    instead: onlyOurs
  },
  optax2: {
    label: 'Optax, jitted, donated',
    threads: 2,
    runtime: 'python',
    implementation: 'optax',
    mostLeaves: 1000,
    instead: onlyOurs
  }
} as const satisfies Readonly<Record<string, Rival>>

export type RivalName = keyof typeof rivals

export const rivalNames = Object.keys(rivals) as RivalName[]

/** A rival by its name, as the interface has it. */
export const rivalOf = (name: RivalName): Rival => rivals[name]

/** The rivals among these that have something to run. */
export const entrants = (names: readonly RivalName[], chain: ChainName, size: SizeName): RivalName[] =>
  names.filter((name) => {
    const { instead, largest = Infinity, mostLeaves = Infinity } = rivalOf(name)
    const { params, leaves } = sizes[size]
    return instead?.[chain] !== null && params <= largest && leaves <= mostLeaves
  })
