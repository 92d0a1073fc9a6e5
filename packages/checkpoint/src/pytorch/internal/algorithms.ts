import { pow } from '@gradchain/core/numbers'
import type { PytorchAlgorithm, PytorchGroup, PytorchOptions } from '../algorithm.js'

/** A value of a param group as PyTorch has it by default. */
type Default = number | boolean | null | readonly (number | null)[]

/** Numbers by the names of what holds them. */
type Numbers = Readonly<Record<string, number>>

/** How the state of an optimizer of PyTorch corresponds to ours. */
export interface Algorithm {
  /** The tensors that it keeps for each param, and the field of our state that holds them. */
  readonly slots: Readonly<Record<string, string>>
  /** The slots of a param of that shape, if not all have all; `undefined` where ours cannot keep what PyTorch does. */
  readonly slotsOf?: (shape: readonly number[]) => Readonly<Record<string, string>> | undefined
  /** The numbers that follow from a group and the number of steps: those that it keeps for each param, and ours. */
  readonly following?: {
    readonly theirs: (group: PytorchGroup, step: number) => Numbers
    readonly ours: (group: PytorchGroup, step: number) => Numbers
  }
  /** The slots that are there only when an option says so. */
  readonly needs: Readonly<Record<string, keyof PytorchOptions>>
  /** The numbers that it keeps for each param and ours once. */
  readonly scalars: Readonly<Record<string, string>>
  /** Slots of which only the sign is ours. */
  readonly signs: readonly string[]
  /** Whether each param has a `step`. */
  readonly hasStep: boolean
  /** Whether there is a state before the first step. */
  readonly isKeptBefore: boolean
  /** The hyperparameters that our optimizers have, too, by our names; with PyTorch's names and defaults. */
  readonly options: { readonly [K in keyof PytorchOptions]?: readonly [key: string, value: Default] }
  /** What our optimizers cannot be told, and must be so. */
  readonly fixed: Readonly<Record<string, Default>>
  /** What else a group has, as it is by default: how, not what, is computed. */
  readonly others: Readonly<Record<string, Default>>
}

const MOMENTS = { exp_avg: 'mu', exp_avg_sq: 'nu' }
const ADAM: Omit<Algorithm, 'options' | 'others'> = {
  fixed: {},
  slots: { ...MOMENTS, max_exp_avg_sq: 'nuMax' },
  needs: { max_exp_avg_sq: 'amsgrad' },
  scalars: {},
  signs: [],
  hasStep: true,
  isKeptBefore: false
}
const BETAS = { betas: ['betas', [0.9, 0.999]] } as const
const MAXIMIZE = { maximize: ['maximize', false] } as const
const MEANS = { foreach: null, capturable: false, differentiable: false } as const
const decay = <V extends number>(value: V) => ({ weightDecay: ['weight_decay', value] }) as const
const eps = <V extends number>(value: V) => ({ eps: ['eps', value] }) as const
const DECOUPLED = { decoupledWeightDecay: ['decoupled_weight_decay', false] } as const

const rows = { row_var: 'vRow', col_var: 'vCol' }
const columns = { row_var: 'vCol', col_var: 'vRow' }

/**
 * PyTorch takes the means of rows along the last axis, and of columns along the one before; ours are along the longest axis and along
 * the second longest, of equals the later. Where those are others, what is kept is something else.
 */
const factoredSlots = (shape: readonly number[]): Readonly<Record<string, string>> | undefined => {
  if (shape.length < 2) return { variance: 'v' }
  const [last, before] = [shape.at(-1) as number, shape.at(-2) as number]
  const others = shape.slice(0, -2)
  if (Math.min(last, before) < 1 || others.some((length) => length > Math.min(last, before))) return undefined
  return last >= before ? rows : columns
}

/** The optimizers of PyTorch 2.13, and timm's Lion. */
export const ALGORITHMS: Readonly<Record<PytorchAlgorithm, Algorithm>> = {
  SGD: {
    slots: { momentum_buffer: 'trace' },
    needs: { momentum_buffer: 'momentum' },
    scalars: {},
    signs: [],
    hasStep: false,
    isKeptBefore: false,
    fixed: {},
    options: {
      momentum: ['momentum', 0],
      dampening: ['dampening', 0],
      ...decay(0),
      nesterov: ['nesterov', false],
      ...MAXIMIZE
    },
    others: { foreach: null, differentiable: false, fused: null }
  },
  AdamW: {
    ...ADAM,
    options: { ...BETAS, ...eps(1e-8), ...decay(1e-2), amsgrad: ['amsgrad', false], ...MAXIMIZE },
    fixed: { decoupled_weight_decay: true },
    others: { ...MEANS, fused: null }
  },
  Adam: {
    ...ADAM,
    options: { ...BETAS, ...eps(1e-8), ...decay(0), amsgrad: ['amsgrad', false], ...MAXIMIZE, ...DECOUPLED },
    others: { ...MEANS, fused: null }
  },
  NAdam: {
    ...ADAM,
    slots: MOMENTS,
    scalars: { mu_product: 'momentumProduct' },
    options: {
      ...BETAS,
      ...eps(1e-8),
      ...decay(0),
      momentumDecay: ['momentum_decay', 4e-3],
      ...DECOUPLED,
      ...MAXIMIZE
    },
    others: MEANS
  },
  RAdam: {
    ...ADAM,
    slots: MOMENTS,
    options: { ...BETAS, ...eps(1e-8), ...decay(0), ...MAXIMIZE, ...DECOUPLED },
    others: MEANS
  },
  Adamax: {
    ...ADAM,
    slots: { exp_avg: 'mu', exp_inf: 'nu' },
    options: { ...BETAS, ...eps(1e-8), ...decay(0), ...MAXIMIZE },
    others: MEANS
  },
  Adadelta: {
    ...ADAM,
    slots: { square_avg: 'eG', acc_delta: 'eX' },
    options: { rho: ['rho', 0.9], ...eps(1e-6), ...decay(0), ...MAXIMIZE },
    others: MEANS
  },
  Adagrad: {
    ...ADAM,
    slots: { sum: 'sumOfSquares' },
    isKeptBefore: true,
    options: {
      lrDecay: ['lr_decay', 0],
      ...eps(1e-10),
      ...decay(0),
      initialAccumulatorValue: ['initial_accumulator_value', 0],
      ...MAXIMIZE
    },
    others: { foreach: null, differentiable: false, fused: null }
  },
  RMSprop: {
    ...ADAM,
    slots: { square_avg: 'nu', momentum_buffer: 'trace', grad_avg: 'mu' },
    needs: { momentum_buffer: 'momentum', grad_avg: 'centered' },
    options: {
      momentum: ['momentum', 0],
      alpha: ['alpha', 0.99],
      ...eps(1e-8),
      centered: ['centered', false],
      ...decay(0),
      ...MAXIMIZE
    },
    others: MEANS
  },
  Rprop: {
    ...ADAM,
    slots: { prev: 'prevSigns', step_size: 'stepSizes' },
    signs: ['prev'],
    options: { etas: ['etas', [0.5, 1.2]], stepSizes: ['step_sizes', [1e-6, 50]], ...MAXIMIZE },
    others: MEANS
  },
  ASGD: {
    ...ADAM,
    slots: { ax: 'average' },
    options: {
      lambd: ['lambd', 1e-4],
      alpha: ['alpha', 0.75],
      t0: ['t0', 1e6],
      ...decay(0),
      ...MAXIMIZE
    },
    following: {
      theirs: ({ lr, options: { lambd = 1e-4, alpha = 0.75, t0 = 1e6 } }, step) => ({
        eta: lr / pow(1 + lambd * lr * step, alpha),
        mu: 1 / Math.max(1, step - t0)
      }),
      ours: ({ options: { t0 = 1e6 } }, step) => ({ averaged: Math.max(0, step - t0 - 1) })
    },
    others: MEANS
  },
  Adafactor: {
    ...ADAM,
    slots: { row_var: 'vRow', col_var: 'vCol', variance: 'v' },
    slotsOf: factoredSlots,
    options: {
      beta2Decay: ['beta2_decay', -0.8],
      floors: ['eps', [null, 1e-3]],
      d: ['d', 1],
      ...decay(0),
      ...MAXIMIZE
    },
    others: { foreach: null }
  },
  Muon: {
    ...ADAM,
    slots: { momentum_buffer: 'mu' },
    hasStep: false,
    options: {
      ...decay(0.1),
      momentum: ['momentum', 0.95],
      nesterov: ['nesterov', true],
      nsCoefficients: ['ns_coefficients', [3.4445, -4.775, 2.0315]],
      nsSteps: ['ns_steps', 5],
      adjustLrFn: ['adjust_lr_fn', null]
    },
    fixed: { eps: 1e-7 },
    others: {}
  },
  Lion: {
    ...ADAM,
    slots: { exp_avg: 'mu' },
    hasStep: false,
    options: { betas: ['betas', [0.9, 0.99]], ...decay(0), caution: ['caution', false] },
    fixed: { maximize: false, corrected_weight_decay: false },
    others: { foreach: null }
  }
}

/** What an optimizer keeps for each param. */
export const keptBy = (name: PytorchAlgorithm): readonly string[] => {
  const { slots, scalars, hasStep, following } = ALGORITHMS[name]
  const derived = following?.theirs({ names: [], lr: 0, options: {} }, 0) ?? {}
  return [...(hasStep ? ['step'] : []), ...[slots, scalars, derived].flatMap(Object.keys)]
}

/**
 * Which of the optimizers a group and the state of its params are of: a group has all the hyperparameters of one, and the params
 * nothing that it does not keep. Of several that would do it is the one with the most hyperparameters.
 */
export const algorithmOf = (
  group: Readonly<Record<string, unknown>>,
  kept: ReadonlySet<string>
): PytorchAlgorithm | undefined => {
  const names = Object.keys(ALGORITHMS) as PytorchAlgorithm[]
  const keysOf = (name: PytorchAlgorithm): readonly string[] =>
    Object.values(ALGORITHMS[name].options).map(([key]) => key)
  const fitting = names.filter((name) => {
    const known = new Set(keptBy(name))
    return keysOf(name).every((key) => group[key] !== undefined) && [...kept].every((slot) => known.has(slot))
  })
  const [best] = fitting.sort((a, b) => keysOf(b).length - keysOf(a).length)
  if (best !== 'Adam' && best !== 'AdamW') return best
  // Before PyTorch 2.7 their groups did not say which of the two it was.
  const isDecoupled = group['decoupled_weight_decay']
  return typeof isDecoupled === 'boolean' ? (isDecoupled ? 'AdamW' : 'Adam') : undefined
}
