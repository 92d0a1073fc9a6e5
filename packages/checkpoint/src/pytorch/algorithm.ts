/** The optimizers of PyTorch whose states are known here: those of `torch.optim` by the names of their classes, and Lion as timm has it. */
export type PytorchAlgorithm =
  | 'SGD'
  | 'Adam'
  | 'AdamW'
  | 'NAdam'
  | 'RAdam'
  | 'Adamax'
  | 'Adadelta'
  | 'Adagrad'
  | 'RMSprop'
  | 'Rprop'
  | 'ASGD'
  | 'Adafactor'
  | 'Muon'
  | 'Lion'

/**
 * The hyperparameters of a param group but for its learning rate, by the names that the optimizers of
 * `@gradchain/frameworks/pytorch` have for them, which can be given them as they are: `pytorch.adamw(lr, options)`.
 */
export interface PytorchOptions {
  /** Adam's kin and Lion: the decay rates of the moments. */
  readonly betas?: readonly [beta1: number, beta2: number]
  /** Added to what is divided by. */
  readonly eps?: number
  /** The weight decay. */
  readonly weightDecay?: number
  /** Adam and AdamW: whether the largest second moment so far is divided by. */
  readonly amsgrad?: boolean
  /** Whether to ascend. */
  readonly maximize?: boolean
  /** Adam, NAdam and RAdam: whether the decay acts on the params rather than on the gradient. AdamW has no such option. */
  readonly decoupledWeightDecay?: boolean
  /** SGD, RMSprop and Muon: the decay rate of the momentum. */
  readonly momentum?: number
  /** SGD: the share of each gradient that the momentum leaves out. */
  readonly dampening?: number
  /** SGD and Muon: whether the momentum looks one step ahead. */
  readonly nesterov?: boolean
  /** NAdam: the rate at which the momentum grows. */
  readonly momentumDecay?: number
  /** Adadelta: the decay rate of both mean squares. */
  readonly rho?: number
  /** Adagrad: the rate at which the learning rate falls. */
  readonly lrDecay?: number
  /** Adagrad: the sum of squares before the first update. */
  readonly initialAccumulatorValue?: number
  /** ASGD: the decay of the params, and of the learning rate. */
  readonly lambd?: number
  /** ASGD: how many steps there are before averaging begins, less one. */
  readonly t0?: number
  /** Adafactor: the exponent with which the decay rate nears 1. */
  readonly beta2Decay?: number
  /** Adafactor: its `eps`, the floors of gradients and of params, which here has a name of its own as it is two numbers. */
  readonly floors?: readonly [gradient: number | null, param: number]
  /** Adafactor: the largest root mean square of an array of updates. */
  readonly d?: number
  /** RMSprop: the decay rate of the mean square; ASGD: the power with which the learning rate falls. */
  readonly alpha?: number
  /** RMSprop: whether to divide by the standard deviation. */
  readonly centered?: boolean
  /** Rprop: what a step is multiplied by where the sign has changed and where it has not. */
  readonly etas?: readonly [minus: number, plus: number]
  /** Rprop: the smallest and the largest step. */
  readonly stepSizes?: readonly [least: number, most: number]
  /** Muon: the coefficients of the iteration. */
  readonly nsCoefficients?: readonly [a: number, b: number, c: number]
  /** Muon: how many times the iteration is applied. */
  readonly nsSteps?: number
  /** Muon: the factor of a shape. */
  readonly adjustLrFn?: 'original' | 'match_rms_adamw'
  /** Lion: whether what goes against the gradient is left out of a step. */
  readonly caution?: boolean
}

/** A param group of an optimizer of PyTorch. */
export interface PytorchGroup {
  /** The names of its params, in the order in which the optimizer has them. */
  readonly names: readonly string[]
  /** The learning rate; as a scheduler left it, if there was one. */
  readonly lr: number
  /** The other hyperparameters. */
  readonly options: PytorchOptions
}

/** The param groups of an optimizer, of which there is at least one. */
export type PytorchGroups = readonly [PytorchGroup, ...PytorchGroup[]]
