import { arbitrary, difference, equivalentTo, observe, type Trajectory } from '@gradchain/laws'
import fc from 'fast-check'
import {
  type AnyGradientTransformation,
  adam,
  adamw,
  add,
  addDecayedWeights,
  applyIfFinite,
  applyUpdates,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  constantSchedule,
  cosineDecaySchedule,
  ema,
  exponentialDecay,
  freeze,
  identity,
  incrementalUpdate,
  joinSchedules,
  type Leaf,
  linearSchedule,
  lion,
  lookahead,
  masked,
  mul,
  multiSteps,
  namedChain,
  partition,
  rmsprop,
  type Schedule,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleByRms,
  scaleBySchedule,
  scaleBySign,
  setToZero,
  sgd,
  skipNotFinite,
  stateless,
  sub,
  type Tree,
  trace,
  tree,
  warmupCosineDecaySchedule
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import { runs } from './settings.js'

const numRuns = runs(60)
const nothing = fc.constant(undefined)
const { decayRate, stepCount, value } = arbitrary
const dyadic = value('dyadic')
/** Rates whose powers float32 can tell from 0 and 1: for closed forms, which are compared with a tolerance. */
const plainRate = fc.constantFrom(0, 0.5, 0.75, 0.9, 0.99)
const threshold = fc.constantFrom(1e-3, 0.5, 1, 100)
const learningRate = fc.constantFrom(0, 1e-3, 0.1, 1)

interface Same {
  readonly domain?: arbitrary.Domain
  /** For what is not exact, with the reason beside it. */
  readonly tolerance?: number
}

/** An identity: on every trajectory, and for all hyperparameters, two transformations emit the same updates. */
const same = <H>(
  sentence: string,
  hyperparameters: fc.Arbitrary<H>,
  sides: (h: H) => readonly [AnyGradientTransformation, AnyGradientTransformation],
  { domain = 'any', ...options }: Same = {}
): void => {
  test(sentence, () => {
    const trajectory = arbitrary.trajectory({ domain, minSteps: 1, maxSteps: 5 })
    const holds = (h: H, given: Trajectory) => {
      const [left, right] = sides(h)
      expect(equivalentTo(right).sameUpdates.flaw(left, given, options)).toBeNull()
    }
    fc.assert(fc.property(hyperparameters, trajectory, holds), { numRuns, includeErrorInReport: true })
  })
}

/** Makes +0 of −0: adding 0 · p to −0 gives +0. */
const withoutNegativeZero = () => stateless((updates) => tree.map((u) => add(u, 0), updates))

describe('scaling and chaining', () => {
  same(
    'chain(scale(a), scale(b)) = scale(ab), on dyadic numbers',
    fc.tuple(dyadic, dyadic),
    ([a, b]) => [chain(scale(a), scale(b)), scale(a * b)],
    { domain: 'dyadic' }
  )
  same('scale(1) is the identity', nothing, () => [scale(1), identity()])
  same('a chain of nothing is the identity', nothing, () => [chain(), identity()])
  same('namedChain is chain', nothing, () => [
    namedChain({ clip: clipByGlobalNorm(1), trace: trace(0.9), scale: scale(-1) }),
    chain(clipByGlobalNorm(1), trace(0.9), scale(-1))
  ])
  same('scaleByLearningRate is scaleBySchedule of the negative', learningRate, (rate) => [
    scaleByLearningRate(rate),
    scaleBySchedule(() => -rate)
  ])
})

describe('clipping', () => {
  same('of two clips the tighter one remains', fc.tuple(threshold, threshold), ([a, b]) => [
    chain(clip(a), clip(b)),
    clip(Math.min(a, b))
  ])
  same(
    'of two clips by global norm the tighter one remains',
    fc.tuple(threshold, threshold),
    ([a, b]) => [chain(clipByGlobalNorm(a), clipByGlobalNorm(b)), clipByGlobalNorm(Math.min(a, b))],
    // The norm of what was clipped is its threshold up to rounding.
    { domain: 'moderate', tolerance: 1e-6 }
  )
  same(
    'of two clips by block RMS the tighter one remains',
    fc.tuple(threshold, threshold),
    ([a, b]) => [chain(clipByBlockRms(a), clipByBlockRms(b)), clipByBlockRms(Math.min(a, b))],
    { domain: 'moderate', tolerance: 1e-6 }
  )
  same('a clip beyond all numbers is the identity', nothing, () => [clip(Number.MAX_VALUE), identity()], {
    domain: 'finite'
  })
  same(
    'a clip by global norm beyond all numbers is the identity',
    nothing,
    () => [clipByGlobalNorm(1e30), identity()],
    { domain: 'moderate' }
  )

  test('clipByGlobalNorm keeps the direction: all elements by one factor of at most 1', () => {
    const trajectory = arbitrary.trajectory({ domain: 'wellScaled', minSteps: 1, maxSteps: 1 })
    fc.assert(
      fc.property(trajectory, fc.constantFrom(0.5, 10, 1e4), (given, maxNorm) => {
        const [gradients, [updates]] = [given.steps[0]?.gradients, emitted(clipByGlobalNorm(maxNorm), given)]
        const all = numbers(gradients)
        const ratios = numbers(updates).map((u, i) => u / (all[i] as number))
        const factor = ratios[0] ?? 1
        expect(factor).toBeGreaterThan(0)
        expect(factor).toBeLessThanOrEqual(1)
        // One product in float32 for each element.
        for (const ratio of ratios) expect(Math.abs(ratio / factor - 1)).toBeLessThan(2 ** -22)
      }),
      { numRuns }
    )
  })
})

describe('moments', () => {
  same(
    'Adam without a first moment is RMSProp with bias correction and eps outside',
    fc.tuple(decayRate(), fc.constantFrom(0, 1e-8, 1e-3)),
    ([b2, eps]) => [
      scaleByAdam({ b1: 0, b2, eps }),
      scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true })
    ],
    // The first moment is still a sum, 0 · m + 1 · g, and a product with 0 loses a −0 and makes a NaN of ∞.
    { domain: 'wellScaled' }
  )
  same(
    'Adam with eps 0 does not see a power of two in front of the gradients',
    fc.tuple(decayRate(), decayRate(), fc.integer({ min: -20, max: 20 })),
    ([b1, b2, k]) => [chain(scale(2 ** k), scaleByAdam({ b1, b2, eps: 0 })), scaleByAdam({ b1, b2, eps: 0 })],
    { domain: 'wellScaled' }
  )
  same('Adam is odd', fc.tuple(decayRate(), decayRate()), ([b1, b2]) => [
    chain(scale(-1), scaleByAdam({ b1, b2 }), scale(-1), withoutNegativeZero()),
    chain(scaleByAdam({ b1, b2 }), withoutNegativeZero())
  ])
  same(
    'trace(0) is the identity',
    nothing,
    () => [chain(trace(0), withoutNegativeZero()), chain(identity(), withoutNegativeZero())],
    {
      domain: 'finite'
    }
  )
  same(
    'ema(0) is the identity',
    fc.boolean(),
    (debias) => [chain(ema(0, { debias }), withoutNegativeZero()), chain(identity(), withoutNegativeZero())],
    { domain: 'finite' }
  )
  same(
    'a trace is an ema without bias correction, divided by 1 − β',
    plainRate,
    (decay) => [trace(decay), chain(ema(decay, { debias: false }), scale(1 / (1 - decay)))],
    // Sums of up to five terms, rounded differently; up to 8 / (1 − 0.99) in size.
    { domain: 'dyadic', tolerance: 1e-5 }
  )

  const closed = (
    sentence: string,
    tx: (decay: number) => AnyGradientTransformation,
    formula: (history: readonly number[], decay: number) => number
  ) =>
    test(sentence, () => {
      const history = fc.array(dyadic, { minLength: 1, maxLength: 12 })
      fc.assert(
        fc.property(plainRate, history, (decay, gradients) => {
          const steps = gradients.map((g) => ({ gradients: [g, new Float32Array([g])] }))
          const updates = emitted(tx(decay), { params: [0, new Float32Array(1)], steps })
          updates.forEach((update, t) => {
            const expected = formula(gradients.slice(0, t + 1), decay)
            const [inFloat64, inFloat32] = numbers(update) as [number, number]
            // Twelve terms of at most 8.
            expect(Math.abs(inFloat64 - expected)).toBeLessThan(1e-12)
            expect(Math.abs(inFloat32 - expected)).toBeLessThan(1e-4)
          })
        }),
        { numRuns }
      )
    })

  const weighted = (history: readonly number[], decay: number): number =>
    history.reduce((sum, g, i) => sum + g * decay ** (history.length - 1 - i), 0)

  closed('trace: uₜ = Σ βᵗ⁻ⁱ gᵢ', trace, weighted)
  closed(
    'Nesterov trace: uₜ = gₜ + β Σ βᵗ⁻ⁱ gᵢ',
    (decay) => trace(decay, { nesterov: true }),
    (history, decay) => (history.at(-1) ?? 0) + decay * weighted(history, decay)
  )
  closed(
    'ema without bias correction: uₜ = (1 − β) Σ βᵗ⁻ⁱ gᵢ',
    (decay) => ema(decay, { debias: false }),
    (history, decay) => (1 - decay) * weighted(history, decay)
  )
  closed(
    'ema: uₜ = (1 − β) Σ βᵗ⁻ⁱ gᵢ / (1 − βᵗ)',
    ema,
    (history, decay) => ((1 - decay) * weighted(history, decay)) / (1 - decay ** history.length)
  )
})

describe('aliases', () => {
  same(
    'adamw without weight decay is adam',
    fc.tuple(learningRate, decayRate(), decayRate()),
    ([rate, b1, b2]) => [
      chain(adamw(rate, { b1, b2, weightDecay: 0 }), withoutNegativeZero()),
      chain(adam(rate, { b1, b2 }), withoutNegativeZero())
    ],
    { domain: 'finite' }
  )
  same(
    'sgd is a chain of a trace and a learning rate',
    fc.tuple(learningRate, decayRate(), fc.boolean()),
    ([rate, momentum, nesterov]) => [
      sgd(rate, { momentum, nesterov }),
      chain(trace(momentum, { nesterov }), scaleByLearningRate(rate))
    ]
  )
  same('sgd without momentum is the learning rate alone', learningRate, (rate) => [
    sgd(rate),
    scaleByLearningRate(rate)
  ])
  same(
    'lion with one decay rate and no weight decay is the sign of an average',
    plainRate,
    (b) => [lion(1, { b1: b, b2: b, weightDecay: 0 }), chain(ema(b, { debias: false }), scaleBySign(), scale(-1))],
    // Where the average is 0 up to rounding its sign is not: gradients of one sign only.
    { domain: 'moderate' }
  )

  const takers = {
    scaleByLearningRate,
    sgd,
    adam,
    adamw,
    lion,
    rmsprop,
    'the decay of addDecayedWeights': addDecayedWeights,
    'the decay of adamw': (weightDecay: number | Schedule) => adamw(0.1, { weightDecay }),
    'the decay of lion': (weightDecay: number | Schedule) => lion(0.1, { weightDecay })
  }
  describe('a number is its constant schedule', () => {
    for (const [name, make] of Object.entries(takers)) {
      same(name, learningRate, (x) => [make(x), make(constantSchedule(x))])
    }
    same('the k of multiSteps', stepCount(4), (k) => [
      multiSteps(trace(0.5), k),
      multiSteps(trace(0.5), constantSchedule(k))
    ])
  })
})

/** Trajectories, with something that fits their trees. */
const fitting = <T>(make: (params: unknown) => fc.Arbitrary<T>) =>
  arbitrary
    .trajectory({ domain: 'any', minSteps: 1, maxSteps: 3 })
    .chain((given) => fc.tuple(fc.constant(given), make(given.params)))

const check = <T>(
  cases: fc.Arbitrary<readonly [Trajectory, T]>,
  sides: (marks: T, given: Trajectory) => readonly [AnyGradientTransformation, AnyGradientTransformation]
): void =>
  fc.assert(
    fc.property(cases, ([given, marks]) => {
      const [left, right] = sides(marks, given)
      expect(equivalentTo(right).sameUpdates.flaw(left, given, {})).toBeNull()
    }),
    { numRuns, includeErrorInReport: true }
  )

type Mask = arbitrary.MaskTree<boolean>

/** A transformation that sums over all it sees, and one that remembers. */
const inner = () => chain(clipByGlobalNorm(0.5), trace(0.9))

/** Only the leaves that are marked; null in place of the others. */
const only = (value: unknown, mask: Mask, wanted = true) =>
  tree.map((leaf: Leaf, isIn: boolean) => (isIn === wanted ? leaf : null), value as Tree<Leaf>, mask) as unknown

const restricted = (given: Trajectory, mask: Mask, wanted = true): Trajectory => ({
  params: only(given.params, mask, wanted),
  steps: given.steps.map(({ gradients, params = given.params }) => ({
    gradients: only(gradients, mask, wanted),
    params: only(params, mask, wanted)
  }))
})

describe('masks and partitions', () => {
  test('masked is the transformation on the leaves where the mask is true, and the identity on the others', () => {
    fc.assert(
      fc.property(fitting(arbitrary.mask), ([given, mask]) => {
        const actual = emitted(masked(inner(), mask), given)
        const chosen = emitted(inner(), restricted(given, mask))
        actual.forEach((updates, t) => {
          expectSame(only(updates, mask), chosen[t])
          expectSame(only(updates, mask, false), only(given.steps[t]?.gradients, mask, false))
        })
      }),
      { numRuns }
    )
  })
  test('partition is each transformation on its own leaves', () => {
    fc.assert(
      fc.property(fitting(arbitrary.mask), ([given, mask]) => {
        const labels = tree.map((isIn: boolean) => (isIn ? 'a' : 'b'), mask)
        const actual = emitted(partition({ a: inner(), b: scaleByAdam() }, labels), given)
        const [a, b] = [
          emitted(inner(), restricted(given, mask)),
          emitted(scaleByAdam(), restricted(given, mask, false))
        ]
        actual.forEach((updates, t) => {
          expectSame(only(updates, mask), a[t])
          expectSame(only(updates, mask, false), b[t])
        })
      }),
      { numRuns }
    )
  })
  test('a mask in a mask is one mask, true where both are', () => {
    const two = (params: unknown) => fc.tuple(arbitrary.mask(params), arbitrary.mask(params))
    check(fitting(two), ([a, b]) => [
      masked(masked(inner(), a), b),
      masked(
        inner(),
        tree.map((x: boolean, y: boolean) => x && y, a, b)
      )
    ])
  })
  test('a mask that is a prefix is the mask it expands to', () => {
    check(fitting(arbitrary.prefixMask), (prefix, { params }) => [
      masked(inner(), prefix),
      masked(inner(), tree.expandPrefix(prefix, params as Tree<unknown>))
    ])
  })
  test('a mask that is a function is the mask it gives', () => {
    check(fitting(arbitrary.mask), (mask) => [masked(inner(), () => mask), masked(inner(), mask)])
  })
  test('masks and labels that are functions are given the params, at init and at every update', () => {
    const cases = arbitrary.trajectory({ domain: 'any', maxSteps: 2 })
    fc.assert(
      fc.property(cases, (given) => {
        const seen: unknown[] = []
        const noted =
          <T>(answer: T) =>
          (params: Tree<Leaf>) => {
            seen.push(params)
            return answer
          }
        const expected = [given.params, ...given.steps.map(({ params }) => params)]
        for (const tx of [
          masked(inner(), noted(true)),
          freeze(noted(true)),
          partition({ all: inner() }, noted('all')),
          addDecayedWeights(0.1, { mask: noted(true) })
        ]) {
          seen.length = 0
          observe(tx, given)
          // Where leaves are done in groups, the first updates are made twice, to be compared.
          expectSame(withoutRepeats(seen), withoutRepeats(expected))
        }
      }),
      { numRuns }
    )
  })
  test('labels that are a prefix are the labels they expand to', () => {
    const parts = () => ({ true: inner(), false: scale(2) })
    const labels = (mask: Mask) => tree.map(String, mask)
    check(fitting(arbitrary.prefixMask), (prefix, { params }) => [
      partition(parts(), labels(prefix)),
      partition(parts(), labels(tree.expandPrefix(prefix, params as Tree<unknown>)))
    ])
  })
  test('the order of the transformations of a partition does not matter', () => {
    const labels = (params: unknown) => arbitrary.labels(params, ['a', 'b', 'c'])
    check(fitting(labels), (marks) => [
      partition({ a: inner(), b: scale(2), c: scaleByAdam() }, marks),
      partition({ c: scaleByAdam(), a: inner(), b: scale(2) }, marks)
    ])
  })
  test('freezing is a partition into zeros and the rest', () => {
    check(fitting(arbitrary.mask), (mask) => [
      freeze(mask),
      partition({ true: setToZero(), false: identity() }, tree.map(String, mask))
    ])
  })
  same('masked with true is the transformation', nothing, () => [masked(inner(), true), inner()])
  same('masked with false is the identity', nothing, () => [masked(inner(), false), identity()])
  same('a partition with one label is its transformation', nothing, () => [partition({ all: inner() }, 'all'), inner()])
  same('freezing all is setting to zero, freezing none the identity', fc.boolean(), (all) => [
    freeze(all),
    all ? setToZero() : identity()
  ])
})

describe('accumulation', () => {
  same('multiSteps of one is the transformation', nothing, () => [multiSteps(inner(), 1), inner()])

  test('multiSteps(tx, k) gives zeros k − 1 times, then acts on the mean', () => {
    const cases = arbitrary.trajectory({ domain: 'dyadic', minSteps: 1, maxSteps: 8 })
    fc.assert(
      fc.property(cases, fc.constantFrom(1, 2, 4), (given, k) => {
        const actual = emitted(multiSteps(inner(), k), given)
        // Sums of four eighths of at most 8, and their quarters, are exact.
        const batches = given.steps.flatMap((step, t) => {
          if ((t + 1) % k !== 0) return []
          const batch = given.steps.slice(t + 1 - k, t + 1).map(({ gradients }) => gradients as Tree<Leaf>)
          const sums = batch.map(numbers).reduce((a, b) => a.map((x, i) => x + (b[i] as number)))
          return [{ ...step, gradients: filled(step.gradients, (i) => (sums[i] as number) / k) }]
        })
        const expected = emitted(inner(), { ...given, steps: batches })
        actual.forEach((updates, t) => {
          if ((t + 1) % k === 0) expectClose(updates, expected[(t + 1) / k - 1])
          else expect(numbers(updates).every((x) => Object.is(x, 0))).toBe(true)
        })
      }),
      { numRuns }
    )
  })

  const bad = (gradients: unknown) => numbers(gradients).some((x) => !Number.isFinite(x))
  const withBadSteps = arbitrary.trajectory({ domain: 'any', minSteps: 1, maxSteps: 8 })

  test('a mini-batch that is skipped leaves no trace', () => {
    fc.assert(
      fc.property(withBadSteps, stepCount(3), (given, k) => {
        const tx = multiSteps(inner(), k, { shouldSkip: skipNotFinite })
        const all = emitted(tx, given)
        const kept = emitted(tx, { ...given, steps: given.steps.filter(({ gradients }) => !bad(gradients)) })
        let next = 0
        given.steps.forEach(({ gradients }, t) => {
          if (bad(gradients)) expect(numbers(all[t]).every((x) => Object.is(x, 0))).toBe(true)
          else expectSame(all[t], kept[next++])
        })
      }),
      { numRuns }
    )
  })

  test('applyIfFinite leaves state and updates as if bad gradients had not been, and counts them', () => {
    fc.assert(
      fc.property(withBadSteps, (given) => {
        const limit = given.steps.length
        const { updates, states } = observe(applyIfFinite(inner(), limit), given)
        const kept = observe(inner(), { ...given, steps: given.steps.filter(({ gradients }) => !bad(gradients)) })
        let [good, inARow, total] = [0, 0, 0]
        given.steps.forEach(({ gradients }, t) => {
          if (bad(gradients)) {
            inARow += 1
            total += 1
            expect(numbers(updates[t]).every((x) => Object.is(x, 0))).toBe(true)
          } else {
            inARow = 0
            expectSame(updates[t], kept.updates[good++])
          }
          expectSame(states[t + 1], {
            notfiniteCount: inARow,
            lastFinite: inARow === 0,
            totalNotfinite: total,
            innerState: kept.states[good]
          })
        })
      }),
      { numRuns }
    )
  })
  same('applyIfFinite that allows no error is the transformation', nothing, () => [applyIfFinite(inner(), 0), inner()])
})

describe('lookahead', () => {
  /** The params after each step, each step at the params before it. */
  const path = (tx: AnyGradientTransformation, { params: first, steps }: Trajectory): readonly unknown[] => {
    const { init, update } = erased(tx)
    let [params, state] = [first, init(first)]
    return steps.map(({ gradients }) => {
      const [updates, next] = update(gradients, state, params)
      params = applyUpdates(params as Leaf, updates as Leaf)
      state = next
      return params
    })
  }
  const cases = arbitrary.trajectory({ domain: 'dyadic', minSteps: 1, maxSteps: 7 })
  const fast = () => chain(trace(0.5), scale(-0.5))

  test('with slowStepSize 1 it is the transformation', () => {
    fc.assert(
      fc.property(cases, stepCount(4), (given, syncPeriod) => {
        expectClose(path(lookahead(fast(), { syncPeriod, slowStepSize: 1 }), given), path(fast(), given))
      }),
      { numRuns }
    )
  })
  test('with slowStepSize 0 the slow params stay, and the params come back to them', () => {
    fc.assert(
      fc.property(cases, stepCount(4), (given, syncPeriod) => {
        const tx = lookahead(fast(), { syncPeriod, slowStepSize: 0 })
        path(tx, given).forEach((params, t) => {
          if ((t + 1) % syncPeriod === 0) expectClose(params, given.params)
        })
        for (const state of observe(tx, given).states) expectSame((state as { slow: unknown }).slow, given.params)
      }),
      { numRuns }
    )
  })
  test('before the first slow step it is the transformation', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const syncPeriod = given.steps.length + 1
        expectSame(path(lookahead(fast(), { syncPeriod, slowStepSize: 0.5 }), given), path(fast(), given))
      }),
      { numRuns }
    )
  })
})

describe('params', () => {
  test('a step of size 1 towards new params is there, one of size 0 stays', () => {
    fc.assert(
      fc.property(arbitrary.trajectory({ domain: 'dyadic', minSteps: 1, maxSteps: 1 }), ({ params, steps }) => {
        const next = steps[0]?.gradients
        expectClose(incrementalUpdate(next as Leaf, params as Leaf, 1), next)
        expectClose(incrementalUpdate(next as Leaf, params as Leaf, 0), params)
      }),
      { numRuns }
    )
  })
  same(
    'decay is affine in the params',
    dyadic,
    (rate) => [
      addDecayedWeights(Math.abs(rate)),
      stateless((updates, params) => tree.map((g, p) => add(g, mul(Math.abs(rate), p)), updates, params))
    ],
    { domain: 'dyadic' }
  )
  same(
    'an update that was subtracted from the gradients can be added again, on dyadic numbers',
    nothing,
    () => [
      chain(
        stateless((g, p) => tree.map((x, y) => sub(x, y), g, p)),
        stateless((g, p) => tree.map((x, y) => add(x, y), g, p))
      ),
      chain(identity(), withoutNegativeZero())
    ],
    { domain: 'dyadic' }
  )
})

describe('schedules', () => {
  const equal = (left: Schedule, right: Schedule) => {
    const agree = (t: number) => Object.is(left(t), right(t))
    fc.assert(fc.property(arbitrary.step(), agree), { numRuns })
  }

  test('warmupCosineDecaySchedule is a linear and a cosine schedule, joined', () => {
    const options = fc.record({
      initValue: dyadic,
      peakValue: fc.constantFrom(0.5, 1, 8),
      warmupSteps: fc.nat(50),
      decaySteps: fc.integer({ min: 51, max: 200 }),
      endValue: fc.constantFrom(0, 0.25, 1)
    })
    fc.assert(
      fc.property(options, (o) => {
        const linear = linearSchedule({ initValue: o.initValue, endValue: o.peakValue, transitionSteps: o.warmupSteps })
        const cosine = cosineDecaySchedule({
          initValue: o.peakValue,
          decaySteps: o.decaySteps - o.warmupSteps,
          alpha: o.endValue / o.peakValue
        })
        equal(warmupCosineDecaySchedule(o), joinSchedules([linear, cosine], [o.warmupSteps]))
      }),
      { numRuns: runs(20) }
    )
  })
  test('joined schedules are equal to their parts, each on its own clock', () => {
    const parts: readonly [Schedule, Schedule, Schedule] = [
      linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 7 }),
      exponentialDecay({ initValue: 1, transitionSteps: 5, decayRate: 0.5 }),
      constantSchedule(0.25)
    ]
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), arbitrary.step(), (first, more, t) => {
        const [a, b] = [first, first + more]
        const expected = t < a ? parts[0](t) : t < b ? parts[1](t - a) : parts[2](t - b)
        expect(joinSchedules(parts, [a, b])(t)).toBe(expected)
      }),
      { numRuns }
    )
  })
})

/** A transformation without its types: the trees are whatever the arbitraries gave. */
interface Erased {
  readonly init: (params: unknown) => unknown
  readonly update: (updates: unknown, state: unknown, params: unknown) => readonly [unknown, unknown]
}
const erased = (tx: AnyGradientTransformation) => tx as unknown as Erased

const emitted = (tx: AnyGradientTransformation, given: Trajectory) => observe(tx, given).updates

const elementsOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [leaf] : Array.from('shape' in leaf ? leaf.data : leaf)

/** All numbers of a tree. */
const numbers = (value: unknown): readonly number[] => tree.leaves(value as Tree<Leaf>).flatMap(elementsOf)

/** A tree like another with other numbers. */
const filled = (like: unknown, at: (i: number) => number): unknown => {
  let i = 0
  return tree.map(
    (leaf) => {
      if (typeof leaf === 'number') return at(i++)
      if (!('shape' in leaf)) return leaf.map(() => at(i++))
      return { ...leaf, data: leaf.data.map(() => at(i++)) }
    },
    like as Tree<Leaf>
  )
}

/** The values without those that are the same as the one before. */
const withoutRepeats = (values: readonly unknown[]): readonly unknown[] =>
  values.filter((value, i) => i === 0 || difference(values[i - 1], value) !== null)

/** Equal bit for bit. */
const expectSame = (actual: unknown, expected: unknown): void => expect(difference(actual, expected)).toBeNull()

/** Equal up to a few roundings of numbers of ordinary size. */
const expectClose = (actual: unknown, expected: unknown): void => {
  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a))
  expect(difference(actual, expected, close)).toBeNull()
}
