import { chain, type DType, read, tree, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDecayedWeights } from '../decay/addDecayedWeights.js'
import { bareMomentum, momentum, plain, run, timesValue } from '../internal/testing/parts.js'
import {
  aDyadic,
  aTrajectory,
  elementsOf,
  leavesOf,
  mapElements,
  mapLeaves,
  textOf,
  type Values
} from '../internal/testing/trees.js'
import { counting, wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { type MultiStepsState, multiSteps, type ShouldSkip, type SkipState } from './multiSteps.js'
import { skipLargeUpdates } from './skipLargeUpdates.js'
import { skipNotFinite } from './skipNotFinite.js'

const zeros = (values: Values): Values => mapLeaves(values, (leaf) => mapElements(leaf, () => 0))

const isFinite = (values: Values): boolean => leavesOf(values).flatMap(elementsOf).every(Number.isFinite)

/** f of every element of two trees, each operation rounded to the dtype of the leaf by `round`. */
const combine = (a: Values, b: Values, f: (x: number, y: number, round: (z: number) => number) => number): Values => {
  const others = leavesOf(b).map(elementsOf)
  let place = 0
  return mapLeaves(a, (leaf) => {
    const other = others[place++]
    const round = typeof leaf === 'number' || leaf instanceof Float64Array ? Number : Math.fround
    return mapElements(leaf, (x, i) => f(x, other?.[i] ?? NaN, round))
  })
}

const meanOf = (grads: readonly Values[]): Values =>
  grads
    .slice(1)
    .reduce<Values>(
      (mean, g, i) => combine(mean, g, (a, x, round) => round(a + round(round(x - a) * round(1 / (i + 2))))),
      grads[0] ?? null
    )

const sumOf = (grads: readonly Values[]): Values =>
  grads.slice(1).reduce<Values>((total, g) => combine(total, g, (a, x, round) => round(a + x)), grads[0] ?? null)

const schedules = {
  two: 2,
  three: 3,
  growing: (step: number) => 1 + step,
  'one, one, then three': (step: number) => (step < 2 ? 1 : 3)
}
const aSchedule = fc.constantFrom(...Object.values(schedules))

describe('multiSteps', () => {
  test('is silent k − 1 times and then does what the inner transformation does with the mean, or the sum', () => {
    fc.assert(
      fc.property(aTrajectory(undefined, 8), aSchedule, fc.boolean(), ({ params, grads }, k, useGradMean) => {
        const found = run(multiSteps(momentum(), k, { useGradMean }), { params, grads })
        const inner = plain(momentum())
        let state = inner.init(params)
        let batch: Values[] = []
        let gradientStep = 0
        grads.forEach((g, t) => {
          batch.push(g)
          const size = typeof k === 'number' ? k : k(gradientStep)
          let expected = zeros(g)
          if (batch.length === size) {
            const combined = useGradMean ? meanOf(batch) : sumOf(batch)
            ;[expected, state] = inner.update(combined, state, t === 0 ? params : (found.params[t - 1] ?? null))
            batch = []
            gradientStep++
          }
          expect(textOf(found.updates[t])).toBe(textOf(expected))
          const next = found.states[t + 1]
          expect([next?.miniStep, next?.gradientStep]).toEqual([batch.length, gradientStep])
          expect(textOf(next?.innerState)).toBe(textOf(state))
          const accumulated = batch.length === 0 ? zeros(g) : useGradMean ? meanOf(batch) : sumOf(batch)
          expect(textOf(next?.accGrads)).toBe(textOf(accumulated))
        })
      })
    )
  })

  test('k = 1 is the inner transformation, to the bit', () => {
    fc.assert(
      fc.property(aTrajectory(), fc.boolean(), (trajectory, useGradMean) => {
        const { updates } = run(multiSteps(momentum(), 1, { useGradMean }), trajectory)
        expect(textOf(updates)).toBe(textOf(run(momentum(), trajectory).updates))
      })
    )
  })

  test('the running mean is the mean, within 4 k roundings of the largest gradient', () => {
    const batch = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(batch, (grads) => {
        const { updates } = run(multiSteps(timesOne(), grads.length), { params: 0, grads })
        const mean = grads.reduce((total, g) => total + g, 0) / grads.length
        // Among subnormals a rounding is half the smallest number, however small what is rounded.
        const rounding = Number.EPSILON * Math.max(...grads.map(Math.abs)) + Number.MIN_VALUE
        const slack = 4 * grads.length * rounding
        expect(Math.abs((updates.at(-1) as number) - mean)).toBeLessThanOrEqual(slack)
      })
    )
  })

  test('the mean of 1, 2, 3, 4 is 2.5', () => {
    const { updates } = run(multiSteps(timesOne(), 4), { params: 0, grads: [1, 2, 3, 4, 1, 2, 3, 4] })
    expect(updates).toStrictEqual([0, 0, 0, 2.5, 0, 0, 0, 2.5])
  })

  test('leaves params as they are between two updates', () => {
    const grads = Array(6).fill({ w: new Float32Array([1, 2]), b: 3 })
    const { params } = run(multiSteps(momentum(), 3), { params: { w: new Float32Array([5, 6]), b: 7 }, grads })
    const texts = params.map(textOf)
    expect(texts[0]).toBe(textOf({ w: new Float32Array([5, 6]), b: 7 }))
    expect(texts[1]).toBe(texts[0])
    expect(texts[2]).not.toBe(texts[1])
    expect([texts[3], texts[4]]).toEqual([texts[2], texts[2]])
  })

  test('does not call the inner transformation between two updates and hands on its state by reference', () => {
    const inner = bareMomentum()
    const params = { w: new Float32Array([1]) }
    const grads = { w: new Float32Array([2]) }
    const tx = multiSteps(inner, 2)
    const first = tx.init(params)
    const [, second] = tx.update(grads, first, params)
    expect(inner.calls.length).toBe(0)
    expect(second.innerState).toBe(first.innerState)
    expect(tx.update(grads, second, params)[1].innerState).not.toBe(first.innerState)
    expect(inner.calls.length).toBe(1)

    const ours = multiSteps(momentum(), 2)
    const before = ours.init(params)
    const [, after] = ours.update(grads, before, params)
    const velocity = (state: typeof before) => leavesOf(state.innerState.velocity as Values)[0]
    expect(velocity(after)).toBe(velocity(before))
  })

  test('asks for k once, with the number of updates made so far, at every mini-step', () => {
    const asked: number[] = []
    const k = (step: number) => {
      asked.push(step)
      return step + 1
    }
    run(multiSteps(momentum(), k), { params: 0, grads: [1, 1, 1, 1, 1, 1] })
    expect(asked).toStrictEqual([0, 1, 1, 2, 2, 2])
  })

  test('acts at once when more is accumulated than k now asks for', () => {
    const params = { w: 0 }
    const state = { ...multiSteps(momentum(), 9).init(params), miniStep: 5, accGrads: { w: 2 } }
    const [u, next] = multiSteps(momentum(), 3).update({ w: 8 }, state, params)
    expect([u.w, next.miniStep, next.gradientStep]).toStrictEqual([3, 0, 1])
  })

  test('a mini-batch that is not finite spoils the update it belongs to and no later one', () => {
    fc.assert(
      fc.property(aTrajectory(aDyadic, 4), fc.constantFrom(NaN, Infinity, -Infinity), ({ params, grads }, bad) => {
        const tx = multiSteps(timesOne(), 2)
        const spoiled = mapLeaves(params, (leaf) => mapElements(leaf, () => bad))
        const after = run(tx, { params, grads: [spoiled, params, ...grads] }).updates
        expect(isFinite(after[1] ?? null)).toBe(leavesOf(params).flatMap(elementsOf).length === 0)
        expect(textOf(after.slice(2))).toBe(textOf(run(tx, { params, grads }).updates))
      })
    )
  })

  test.each<[DType | undefined, number]>([
    ['float64', 1],
    ['float32', 0],
    [undefined, 0]
  ])('accumulates float32 gradients in %s', (accumulatorDtype, expected) => {
    const tx = multiSteps(timesOne(), 3, { useGradMean: false, ...(accumulatorDtype && { accumulatorDtype }) })
    const grads = [1e8, 1, -1e8].map((x) => ({ w: new Float32Array([x]), b: 0 }))
    const { updates, states } = run(tx, { params: { w: new Float32Array(1), b: 0 }, grads })
    expect(textOf(updates[2])).toBe(`{ w: Float32Array(${expected}), b: 0 }`)
    const name = accumulatorDtype === 'float64' ? 'Float64Array' : 'Float32Array'
    expect(states.map(({ accGrads }) => textOf(accGrads))).toStrictEqual(
      [0, 1e8, expected === 1 ? 1e8 + 1 : 1e8, 0].map((x) => `{ w: ${name}(${x}), b: 0 }`)
    )
  })

  test('keeps the dtype of the accumulator also where it is the narrower one, and that of the updates', () => {
    for (const accumulatorDtype of ['float32', 'bfloat16', 'float16'] as const) {
      const grads = Array(5).fill({ w: new Float64Array([1.001, 2]) })
      const tx = multiSteps(timesOne(), 3, { accumulatorDtype })
      const { states, updates } = run(tx, { params: { w: new Float64Array(2) }, grads })
      const form = (x: unknown) => textOf(x).replace(/\(.*?\)/g, '()')
      expect(new Set(states.map(({ accGrads }) => form(accGrads))).size).toBe(1)
      expect(new Set(updates.map(form))).toEqual(new Set(['{ w: Float64Array() }']))
    }
  })

  test('hands over the mean before it is rounded to the dtype of the accumulator', () => {
    const tx = multiSteps(timesOne(), 2, { useGradMean: false, accumulatorDtype: 'float32' })
    const grads = [1, 2 ** -40].map((x) => ({ w: new Float64Array([x]) }))
    const { updates } = run(tx, { params: { w: new Float64Array(1) }, grads })
    expect(textOf(updates[1])).toBe(textOf({ w: new Float64Array([1 + 2 ** -40]) }))
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = multiSteps(timesValue(), 1)
    expect(tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 }, { value: 3 })[0]).toStrictEqual({ w: 6 })
  })
})

describe('multiSteps with shouldSkip', () => {
  const spoiled = fc.oneof({ weight: 12, arbitrary: aDyadic }, fc.constantFrom(NaN, Infinity))
  const aSpoiled = aTrajectory(spoiled, 8).map(({ params, grads }) => ({
    params: mapLeaves(params, (leaf) => mapElements(leaf, (x) => (Number.isFinite(x) ? x : 1))),
    grads
  }))

  test('a mini-batch that is skipped leaves no trace', () => {
    fc.assert(
      fc.property(aSpoiled, aSchedule, ({ params, grads }, k) => {
        const tx = multiSteps(momentum(), k, { shouldSkip: skipNotFinite })
        const { updates, states } = run(tx, { params, grads })
        const traces = states.map(({ skipState, ...trace }) => textOf(trace))
        grads.forEach((g, t) => {
          const isSkipped = !isFinite(g)
          expect(states[t + 1]?.skipState.shouldSkip).toBe(isSkipped)
          if (!isSkipped) return
          expect(traces[t + 1]).toBe(traces[t])
          expect(textOf(updates[t])).toBe(textOf(zeros(g)))
        })
        const good = run(tx, { params, grads: grads.filter(isFinite) })
        expect(textOf(updates.filter((_, t) => isFinite(grads[t] ?? null)))).toBe(textOf(good.updates))
        expect(traces.at(-1)).toBe(textOf((({ skipState, ...trace }) => trace)(last(good.states))))
      })
    )
  })

  test('a skipped mini-step hands on accumulator and inner state by reference', () => {
    const tx = multiSteps(momentum(), 3, { shouldSkip: skipNotFinite })
    const params = { w: new Float32Array([1]) }
    const [, before] = tx.update({ w: new Float32Array([2]) }, tx.init(params), params)
    const [, after] = tx.update({ w: new Float32Array([NaN]) }, before, params)
    const arrays = (state: typeof before) => leavesOf([state.accGrads, state.innerState.velocity] as Values)
    arrays(after).forEach((array, i) => {
      expect(array).toBe(arrays(before)[i])
    })
    expect(after.skipState).toStrictEqual({ shouldSkip: true, numNotFinite: 1 })
  })

  test('large updates are skipped', () => {
    const tx = multiSteps(timesOne(), 2, { shouldSkip: skipLargeUpdates(100) })
    const { updates, states } = run(tx, { params: 0, grads: [1, 10, NaN, 9] })
    expect(updates).toStrictEqual([0, 0, 0, 5])
    expect(states.map(({ skipState }) => skipState.normSquared)).toStrictEqual([0, 1, 100, NaN, 81])
  })

  test('is asked with what it needs: gradients, the number of updates so far, params', () => {
    const asked: unknown[] = []
    const shouldSkip: ShouldSkip = (updates, gradientStep, params) => {
      asked.push([read(tree.sum(updates)), gradientStep, read(tree.sum(params))])
      return { shouldSkip: false }
    }
    const tx = multiSteps(timesOne(), 1, { shouldSkip })
    run(tx, { params: { w: new Float32Array([1, 2]) }, grads: [4, 5].map((x) => ({ w: new Float32Array([x, 0]) })) })
    expect(asked).toStrictEqual([
      [0, 0, 3],
      [4, 0, 3],
      [5, 1, 7]
    ])
  })

  test('may report lazy values, which the state holds as numbers', () => {
    const shouldSkip = (updates: Parameters<ShouldSkip>[0]) => ({ shouldSkip: false, norm: tree.norm(updates) })
    const tx = multiSteps(timesOne(), 2, { shouldSkip })
    const params = { w: new Float32Array(2) }
    const state = tx.init(params)
    expect(state.skipState.norm).toBe(0)
    expect(tx.update({ w: new Float32Array([3, 4]) }, state, params)[1].skipState.norm).toBe(5)
  })

  test('the state has a skipState of the same form with and without shouldSkip', () => {
    expect(multiSteps(momentum(), 2).init({ w: 0 }).skipState).toStrictEqual({ shouldSkip: false })
    const { states } = run(multiSteps(momentum(), 2), { params: 0, grads: [1, NaN, 2] })
    expect(states.map(({ skipState }) => skipState)).toStrictEqual(Array(4).fill({ shouldSkip: false }))
  })

  test('decides with one reading on the host', () => {
    const engine = counting()
    const tx = plain(chain(momentum(), multiSteps(momentum(), 2, { shouldSkip: skipNotFinite })))
    const params = { w: new Float32Array([1]), b: new Float64Array([1]) }
    const state = tx.init(params)
    withEngine(engine, () => tx.update(params, state, params))
    expect(engine.count()).toBe(2)
  })
})

describe('multiSteps refuses', () => {
  test.each([
    [0, 'multiSteps: k must be a whole number ≥ 1 or a schedule, got 0'],
    [1.5, 'multiSteps: k must be a whole number ≥ 1 or a schedule, got 1.5'],
    [NaN, 'multiSteps: k must be a whole number ≥ 1 or a schedule, got NaN'],
    ['4', 'multiSteps: k must be a whole number ≥ 1 or a schedule, got "4"'],
    [undefined, 'multiSteps: k must be a whole number ≥ 1 or a schedule, got undefined']
  ])('k = %j', (k, message) => {
    // @ts-expect-error -- some rows are no number
    expect(() => multiSteps(momentum(), k)).toThrow(message)
  })

  test.each([
    [{ useGradMean: 1 }, 'multiSteps: useGradMean must be true or false, got 1'],
    [{ shouldSkip: true }, 'multiSteps: shouldSkip must be a function, got true'],
    [
      { accumulatorDtype: 'int8' },
      'multiSteps: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got "int8"'
    ],
    [{ every: 2 }, 'multiSteps: there is no option every; there are useGradMean, shouldSkip, accumulatorDtype'],
    [null, 'multiSteps: options must be an object, got null']
  ])('%j', (options, message) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    expect(() => multiSteps(momentum(), 2, options)).toThrow(message)
  })

  test.each([0, 2.5, NaN, Infinity])('a schedule that says %s, when it says so', (size) => {
    const tx = multiSteps(momentum(), (step) => (step === 0 ? 1 : size))
    const [, state] = tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
    expect(() => tx.update({ w: 1 }, state, { w: 1 })).toThrow(
      `multiSteps: k(1) must be a whole number ≥ 1, got ${size}`
    )
  })

  test.each([
    [true, 'undefined'],
    [undefined, 'undefined'],
    [{ shouldSkip: 1 }, '1']
  ])('a shouldSkip that returns %j', (decision, shown) => {
    // @ts-expect-error -- a decision is an object with a boolean
    const tx = multiSteps(momentum(), 2, { shouldSkip: () => decision })
    expect(() => tx.init({ w: 1 })).toThrow(`multiSteps: shouldSkip(…).shouldSkip must be true or false, got ${shown}`)
  })

  test('a state of another multiSteps whose shouldSkip reports something else', () => {
    const state: MultiStepsState<unknown, SkipState> = multiSteps(momentum(), 2).init({ w: 1 })
    const tx = plain(multiSteps(momentum(), 2, { shouldSkip: skipNotFinite }))
    expect(() => tx.update({ w: 1 }, state, { w: 1 })).toThrow('state.skipState has no "numNotFinite"')
  })
})

/** The gradients as they are. */
const timesOne = () => {
  const { init, update } = timesValue()
  return {
    init,
    update: (updates: Values, state: ReturnType<typeof init>, params: Values) =>
      plain({ init, update }).update(updates, state, params, { value: 1 }) as readonly [Values, typeof state]
  }
}

const last = <S>(states: readonly S[]): S => {
  const state = states.at(-1)
  if (state === undefined) throw new Error('there is no state')
  return state
}

describe('params without a gradient', () => {
  const params = { a: 1, b: Float32Array.of(8), c: 2 }
  const through = (useGradMean: boolean, ...given: readonly { a: number; b: Float32Array | null; c: null }[]) => {
    const tx = multiSteps(chain(addDecayedWeights(0.5), scale(-1)), given.length, { useGradMean })
    let state = tx.init(params)
    let updates = params
    for (const grads of given) [updates, state] = tx.update(grads, state, params)
    return { updates, state }
  }

  test.each([
    ['last', [Float32Array.of(2), null]],
    ['first', [null, Float32Array.of(2)]]
  ])('a mini-batch without one counts as zeros, the %s one too', (_name, [one, other]) => {
    const both = [
      { a: 2, b: one ?? null, c: null },
      { a: 4, b: other ?? null, c: null }
    ]
    expect(through(true, ...both).updates).toStrictEqual({ a: -3.5, b: Float32Array.of(-5), c: -0 })
    expect(through(false, ...both).updates).toStrictEqual({ a: -6.5, b: Float32Array.of(-6), c: -0 })
  })

  test('those that no mini-batch had one for rest, without decay', () => {
    const none = { a: 2, b: null, c: null }
    const { updates, state } = through(true, none, none, none)
    expect(updates).toStrictEqual({ a: -2.5, b: Float32Array.of(-0), c: -0 })
    expect(state.accGrads).toStrictEqual({ a: 0, b: Float32Array.of(0), c: 0 })
  })

  test('whether a mini-batch is skipped depends on those that there are', () => {
    const tx = multiSteps(scale(-1), 1, { shouldSkip: skipNotFinite })
    const spoilt = { ...params, b: Float32Array.of(Number.NaN) }
    expect(tx.update({ a: 1, b: null, c: 3 }, tx.init(spoilt), spoilt)[0]).toStrictEqual({
      ...{ a: -1, b: Float32Array.of(-0), c: -3 }
    })
  })
})

wrapperLaws('multiSteps', (inner) => multiSteps(inner, 2))
wrapperLaws('multiSteps', (inner) => multiSteps(inner, 1, { shouldSkip: skipNotFinite }), 2)
