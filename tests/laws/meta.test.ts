// What holds of every row of the catalogue in company: of the optimizers on problems with a known answer, of schedules and
// injected numbers in place of numbers, of states under `tree.mapParams`, of every transformation inside every wrapper.
import {
  type AnyGradientTransformation,
  accSgd,
  acprop,
  adabelief,
  adabound,
  adadelta,
  adafactor,
  adagrad,
  adahessian,
  adai,
  adam,
  adamAtan2,
  adamax,
  adamaxw,
  adamod,
  adamp,
  adamw,
  adan,
  adanorm,
  adapnm,
  ademamix,
  adopt,
  aggmo,
  alig,
  amos,
  amsgrad,
  ano,
  applyIfFinite,
  asgd,
  avagrad,
  chain,
  clipByGlobalNorm,
  cocob,
  constantSchedule,
  dadaptAdamw,
  diffgrad,
  dog,
  dowg,
  dpsgd,
  exponentialDecay,
  focus,
  fromage,
  ftrl,
  heavyBall,
  injectHyperparams,
  kate,
  lamb,
  lambw,
  laprop,
  lars,
  lion,
  lookahead,
  madgrad,
  masked,
  mirrorDescent,
  momo,
  momoAdam,
  msvag,
  multiSteps,
  nadam,
  nadamw,
  noisySgd,
  novograd,
  optimisticAdam,
  optimisticAdamV2,
  optimisticGradientDescent,
  padam,
  partition,
  pid,
  pnm,
  polyakSgd,
  prodigy,
  qhadam,
  qhm,
  radabelief,
  radam,
  ranger,
  ranger21,
  rmsprop,
  rprop,
  type Schedule,
  scheduleFreeAdamw,
  scheduleFreeRadam,
  scheduleFreeSgd,
  sgd,
  sgdp,
  sgdSaI,
  signSgd,
  signum,
  simplifiedAdemamix,
  sm3,
  sophia,
  sparseAdam,
  stableAdamw,
  stableSpam,
  swats,
  type Transient,
  tam,
  tiger,
  transient,
  tree,
  vsgd,
  yogi
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import { aliases } from '../catalogue/aliases.js'
import { withExamples, withObjective } from '../catalogue/shared.js'
import { transformations } from '../catalogue/transformations.js'
import { wrappers } from '../catalogue/wrappers.js'
import { titleOf } from './checkRows.js'
import { params, run } from './fewSteps.js'

interface Optimizer {
  readonly rate: number
  readonly make: (rate: number) => AnyGradientTransformation
  /** The same with a schedule; `null` where the rate is a number only. */
  readonly scheduled: ((rate: Schedule) => AnyGradientTransformation) | null
  /** What solves a problem that a constant rate does not. */
  readonly instead?: Partial<Record<ProblemName, () => AnyGradientTransformation>>
}

type Factory = (rate: number | Schedule) => AnyGradientTransformation

const by = (rate: number, make: Factory, instead: Optimizer['instead'] = {}): Optimizer => ({
  rate,
  make,
  scheduled: make,
  instead
})

// Steps of a fixed size go to and fro over the bottom of a narrow valley: there the rate has to fall.
const falling = exponentialDecay({ initValue: 5e-3, transitionSteps: 1000, decayRate: 0.5 })

/** Every optimizer with a learning rate that solves both problems; that of Optax's own test where it does. */
const optimizers: Readonly<Record<string, Optimizer>> = {
  accSgd: by(3e-4, accSgd),
  acprop: by(1e-3, acprop, { rosenbrock: () => chain(clipByGlobalNorm(1), acprop(1e-3)) }),
  adabelief: by(1e-2, adabelief),
  adabound: by(1e-2, (rate) => adabound(rate, { finalScale: 0.1 })),
  adadelta: by(0.1, adadelta),
  adafactor: by(5e-3, adafactor),
  adagrad: by(1, adagrad),
  adai: by(2e-3, adai),
  adam: by(0.1, adam),
  adamAtan2: by(1e-2, adamAtan2),
  adamax: by(0.1, adamax),
  adamaxw: by(0.1, adamaxw),
  adamod: by(1e-2, (rate) => adamod(rate, { b3: 0.99 })),
  adamw: by(0.1, adamw),
  adan: by(0.1, adan),
  adapnm: by(1e-2, (rate) => adapnm(rate, { b0: 0.1 })),
  ademamix: by(0.1, ademamix),
  adopt: by(0.1, adopt),
  aggmo: by(1e-3, (rate) => aggmo(rate, { betas: [0, 0.9] })),
  amos: by(0.1, amos),
  amsgrad: by(0.1, amsgrad),
  ano: by(3e-3, ano),
  asgd: by(1e-3, asgd),
  avagrad: by(2e-3, (rate) => avagrad(rate, { eps: 10 })),
  cocob: by(1, cocob, { rosenbrock: () => cocob(1, { alpha: 1 }) }),
  dadaptAdamw: by(0.1, dadaptAdamw),
  diffgrad: by(1e-2, diffgrad),
  dog: by(1, dog),
  dowg: by(0.1, dowg),
  dpsgd: by(1e-3, (rate) => withExamples(dpsgd(rate, { l2NormClip: Infinity, noiseMultiplier: 0, key: 0 }))),
  fromage: by(5e-3, fromage),
  ftrl: by(1, ftrl),
  heavyBall: by(1e-3, (rate) => heavyBall(rate)),
  focus: by(1e-2, focus, { rosenbrock: () => focus(falling) }),
  vsgd: by(1e-2, vsgd),
  stableSpam: by(1e-2, stableSpam),
  alig: { rate: 1, make: alig, scheduled: null },
  kate: by(1, (rate) => kate(rate, { eta: 1 })),
  lamb: by(1e-3, lamb),
  laprop: by(1e-2, laprop),
  lars: by(1, lars),
  lion: by(1e-2, (rate) => lion(rate, { weightDecay: 1e-4 })),
  madgrad: by(1e-2, madgrad),
  mirrorDescent: by(1e-3, (rate) => mirrorDescent(rate, { map: 'pNorm' })),
  momo: by(1, momo),
  momoAdam: by(0.01, momoAdam),
  msvag: by(2e-3, msvag),
  nadam: by(1e-2, nadam),
  nadamw: by(1e-2, nadamw),
  noisySgd: by(1e-3, (rate) => noisySgd(rate, { eta: 1e-4, key: 0 })),
  novograd: by(1e-3, novograd),
  optimisticAdam: by(2e-3, optimisticAdam),
  optimisticAdamV2: by(2e-3, optimisticAdamV2),
  optimisticGradientDescent: by(2e-3, (rate) => optimisticGradientDescent(rate, { alpha: 0.7, beta: 0.1 })),
  padam: by(0.01, padam),
  pid: by(1e-4, pid),
  pnm: by(1e-3, (rate) => pnm(rate, { b0: 0.1 })),
  polyakSgd: { rate: 1, make: (maxLearningRate) => polyakSgd({ maxLearningRate }), scheduled: null },
  prodigy: by(0.1, prodigy),
  qhadam: by(1e-2, qhadam),
  qhm: by(3e-3, (rate) => qhm(rate, { decay: 0.9 })),
  radam: by(5e-3, radam),
  rmsprop: by(5e-3, rmsprop),
  rprop: { rate: 0.1, make: rprop, scheduled: null },
  scheduleFreeAdamw: by(1e-2, scheduleFreeAdamw),
  scheduleFreeRadam: by(1e-2, scheduleFreeRadam),
  scheduleFreeSgd: by(1e-2, scheduleFreeSgd),
  sgd: by(1e-3, (rate) => sgd(rate, { momentum: 0.9 })),
  sgdSaI: by(3e-3, (rate) => sgdSaI(rate, { weightDecay: 0 })),
  signSgd: by(0.1, signSgd, { rosenbrock: () => signSgd(falling) }),
  signum: by(1e-2, signum, { rosenbrock: () => signum(falling) }),
  simplifiedAdemamix: by(1e-3, simplifiedAdemamix),
  sm3: by(1, sm3),
  sophia: by(3e-3, (rate) => withObjective(sophia(rate))),
  adamp: by(0.1, adamp),
  sgdp: by(1e-3, sgdp),
  adahessian: by(2e-2, (rate) => withObjective(adahessian(rate))),
  adanorm: by(0.1, adanorm),
  radabelief: by(1e-2, radabelief),
  lambw: by(1e-3, (rate) => lambw(rate, { weightDecay: 1e-4 })),
  ranger: by(5e-3, ranger),
  ranger21: by(1e-2, ranger21),
  sparseAdam: by(0.1, sparseAdam),
  stableAdamw: by(1e-2, (rate) => stableAdamw(rate, { weightDecay: 1e-4 })),
  swats: by(1e-2, swats),
  tam: by(1e-3, tam),
  tiger: by(1e-2, (rate) => tiger(rate, { weightDecay: 0 }), { rosenbrock: () => tiger(falling, { weightDecay: 0 }) }),
  yogi: by(0.1, yogi)
}

type ProblemName = 'parabola' | 'rosenbrock'

interface Problem {
  readonly start: readonly number[]
  readonly minimum: readonly number[]
  readonly value: (p: readonly number[]) => number
  readonly gradient: (p: readonly number[]) => readonly number[]
}

const AIM = [1, -1, 1]

const problems: Readonly<Record<ProblemName, Problem>> = {
  parabola: {
    start: [-1, 10, 1],
    minimum: AIM,
    value: (p) => p.reduce((sum, x, i) => sum + (x - (AIM[i] as number)) ** 2, 0),
    gradient: (p) => p.map((x, i) => 2 * (x - (AIM[i] as number)))
  },
  rosenbrock: {
    start: [0, 0],
    minimum: [1, 1],
    value: ([x = 0, y = 0]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: ([x = 0, y = 0]) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]
  }
}

/** The params after a number of steps from the start of a problem, or once they have stayed at its minimum for long. */
const optimize = (
  tx: AnyGradientTransformation,
  problem: Problem,
  steps: number,
  stayed = Number.POSITIVE_INFINITY
): Float32Array => {
  const { start, value, gradient } = problem
  const run = transient(tx, Float32Array.from(start)) as Transient<Float32Array, unknown, { readonly value: number }>
  let since = 0
  for (let i = 0; i < steps && i - since < stayed; i++) {
    const at = [...run.params]
    run.grads.set(gradient(at))
    run.step(undefined, { value: value(at) })
    if (!isNear(run.params, problem)) since = i + 1
  }
  const { params } = run.snapshot()
  run.dispose()
  return params
}

/** Whether params are as near to the minimum as an optimizer shall come. */
const isNear = (params: Float32Array, { minimum }: Problem): boolean =>
  minimum.every((x, i) => Math.abs((params[i] as number) - x) < 3e-2 * (1 + Math.abs(x)))

/** What is made when it is first asked for, and kept. */
const once = <T>(make: () => T): (() => T) => {
  const made: T[] = []
  return () => {
    if (made.length === 0) made.push(make())
    return made[0] as T
  }
}

test('every alias of the catalogue is here', () => {
  expect(Object.keys(optimizers).sort()).toEqual([...new Set(aliases.map(({ name }) => name))].sort())
})

describe.each(Object.entries(optimizers))('%s', (_name, { rate, make, scheduled, instead = {} }) => {
  test.each(Object.entries(problems))('finds the minimum of the %s', (name, problem) => {
    const tx = instead[name as ProblemName]?.() ?? make(rate)
    const found = optimize(tx, problem, 10_000, 1000)
    expect(isNear(found, problem), `${found} is not near ${problem.minimum}`).toBe(true)
  })

  const { rosenbrock } = problems
  const withNumber = once(() => optimize(make(rate), rosenbrock, 50))
  test('with a constant schedule it is what it is with the number', () => {
    if (scheduled === null) return
    const tx = scheduled(constantSchedule(rate))
    expect(optimize(tx, rosenbrock, 50)).toStrictEqual(withNumber())
  })

  test('with an injected rate it is what it is with the number', () => {
    const injected = injectHyperparams(({ learningRate }) => make(learningRate), { learningRate: rate })
    expect(optimize(injected, rosenbrock, 50)).toStrictEqual(withNumber())
  })
})

const rows = [...transformations, ...aliases].map((row) => ({ ...row, alone: once(() => run(row.make())) }))

test.each(rows.map((row) => [titleOf(row), row] as const))(
  '%s: mapping its state by the identity changes nothing',
  (_title, { alone, make }) => {
    const tx = make()
    const { state } = alone()
    expect(tree.mapParams(tx, (leaf) => leaf, state, { rest: [params as never] })).toStrictEqual(state)
  }
)

test.each(wrappers.map((row) => [titleOf(row), row.make] as const))(
  '%s around Adam: mapping its state by the identity changes nothing',
  (_title, make) => {
    const tx = make()(adam(0.1))
    const { state } = run(tx)
    expect(tree.mapParams(tx, (leaf) => leaf, state, { rest: [params as never] })).toStrictEqual(state)
  }
)

/** Wrappers that are there and do nothing. */
const idle: Readonly<Record<string, (inner: AnyGradientTransformation) => AnyGradientTransformation>> = {
  'multiSteps of one': (inner) => multiSteps(inner, 1),
  'masked by true': (inner) => masked(inner, true),
  'partition of one part': (inner) => partition({ all: inner }, 'all'),
  'lookahead that is not there yet': (inner) => lookahead(inner, { syncPeriod: 100, slowStepSize: 0.5 }),
  applyIfFinite: (inner) => applyIfFinite(inner, 3),
  'all of them': (inner) =>
    multiSteps(
      applyIfFinite(
        masked(partition({ all: lookahead(inner, { syncPeriod: 100, slowStepSize: 0.5 }) }, 'all'), true),
        3
      ),
      1
    ),
  'a chain': (inner) => chain(inner)
}

describe.each(Object.entries(idle))('inside %s', (_title, wrap) => {
  test.each(rows.map((row) => [titleOf(row), row] as const))('%s does what it does alone', (_row, { alone, make }) => {
    expect(run(wrap(make())).updates).toStrictEqual(alone().updates)
  })
})
