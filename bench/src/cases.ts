/** What is measured: which chains, on how many parameters. */

/** The numbers of a chain, the same for every rival. */
export interface Hyper {
  readonly learningRate: number
  readonly b1: number
  readonly b2: number
  readonly eps: number
  readonly weightDecay: number
  /** The length to which the gradients are clipped. */
  readonly maxNorm: number
  /** How many mini-batches make one update. */
  readonly every: number
}

/** A chain that every rival runs in its own way. */
export interface Chain {
  readonly title: string
  /** What one step reads and writes at least, in bytes for each float32 parameter. */
  readonly traffic: number
  /** Where these bytes go. */
  readonly account: string
  /** After how many steps the work repeats: steps are counted in multiples of it. */
  readonly period: number
  /** How many steps are compared before anything is timed. */
  readonly checkedSteps: number
  readonly hyper: Hyper
}

const adam: Hyper = {
  learningRate: 1e-3,
  b1: 0.9,
  b2: 0.999,
  eps: 1e-8,
  weightDecay: 1e-2,
  maxNorm: 1,
  every: 4
}

/** What AdEMAMix has beyond Adam. */
export const slow = { b3: 0.9999, alpha: 5 } as const

/** The first estimate of Prodigy: large enough that four steps move float32 params by more than they round. */
export const estimLr0 = 1e-3

export const chains = {
  adamw: {
    title: 'AdamW',
    traffic: 28,
    account: 'reads p, g, m, v; writes p, m, v',
    period: 1,
    checkedSteps: 4,
    hyper: adam
  },
  clipped: {
    title: '`clipByGlobalNorm → scaleByAdam → addDecayedWeights → scaleByLearningRate`',
    traffic: 32,
    account: 'reads g for its norm, then as AdamW',
    period: 1,
    checkedSteps: 4,
    hyper: adam
  },
  lion: {
    title: 'Lion',
    traffic: 20,
    account: 'reads p, g, m; writes p, m',
    period: 1,
    checkedSteps: 4,
    hyper: { ...adam, b2: 0.99, weightDecay: 1e-3 }
  },
  multiSteps: {
    title: '`multiSteps(adamw, 4)`, for each mini-batch',
    traffic: 18,
    account: 'three times reads g, a and writes a; once reads p, g, m, v, a and writes p, m, v, a',
    period: 4,
    checkedSteps: 8,
    hyper: adam
  },
  ademamix: {
    title: 'AdEMAMix',
    traffic: 36,
    account: 'reads p, g, two means, v; writes p, the means, v',
    period: 1,
    checkedSteps: 4,
    hyper: adam
  },
  prodigy: {
    title: 'Prodigy',
    traffic: 48,
    account: 'reads g, p, p₀ for a product; then reads p, g, m, v, s; writes p, m, v, s',
    period: 1,
    checkedSteps: 4,
    hyper: { ...adam, learningRate: 1 }
  },
  scheduleFreeAdamw: {
    title: 'schedule-free AdamW',
    traffic: 28,
    account: 'reads p, g, z, v; writes p, z, v',
    period: 1,
    checkedSteps: 4,
    hyper: adam
  },
  cautiousAdamw: {
    title: 'cautious AdamW',
    traffic: 40,
    account: 'reads g, m, v, writes m, v and counts signs that agree; then reads p, g, m, v and writes p',
    period: 1,
    checkedSteps: 4,
    hyper: adam
  }
} as const satisfies Readonly<Record<string, Chain>>

export type ChainName = keyof typeof chains

export const chainNames = Object.keys(chains) as ChainName[]

/** How many parameters there are, in how many leaves of equal length. */
export interface Size {
  readonly params: number
  readonly leaves: number
}

export const sizes = {
  '10k': { params: 10_000, leaves: 10 },
  '1000x64': { params: 64_000, leaves: 1000 },
  '4000x64': { params: 256_000, leaves: 4000 },
  '20000x1': { params: 20_000, leaves: 20_000 },
  '1m': { params: 1_000_000, leaves: 20 },
  '10m': { params: 10_000_000, leaves: 20 }
} as const satisfies Readonly<Record<string, Size>>

export type SizeName = keyof typeof sizes

export const sizeNames = Object.keys(sizes) as SizeName[]

/** How a size is called in a table. */
export const sizeTitles: Readonly<Record<SizeName, string>> = {
  '10k': '10 k',
  '1000x64': '64 k',
  '4000x64': '256 k',
  '20000x1': '20 k',
  '1m': '1 M',
  '10m': '10 M'
}

/** Consecutive parts of an array, views and no copies: the leaves. */
export const split = (flat: Float32Array, leaves: number): Float32Array[] => {
  const length = flat.length / leaves
  return Array.from({ length: leaves }, (_, i) => flat.subarray(i * length, (i + 1) * length))
}
