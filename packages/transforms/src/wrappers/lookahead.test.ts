import {
  applyUpdates,
  chain,
  type EmptyState,
  mul,
  ndarray,
  type Operand,
  stateless,
  step,
  transformation,
  tree
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareMomentum, type MomentumState, momentum, run, timesValue } from '../internal/testing/parts.js'
import {
  aDyadic,
  aTrajectory,
  buffersOf,
  elementsOf,
  leavesOf,
  mapElements,
  mapLeaves,
  textOf,
  type Values
} from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { lookahead } from './lookahead.js'
import { multiSteps } from './multiSteps.js'

const descend = () => stateless((updates) => tree.map((g: Operand) => mul(-0.5, g), updates))

const aShare = fc.constantFrom(0, 0.25, 0.5, 0.75, 1)
const aPeriod = fc.integer({ min: 1, max: 4 })

const combine = (f: (...x: number[]) => number, first: Values, ...rest: Values[]): Values => {
  const others = rest.map((values) => leavesOf(values).map(elementsOf))
  let at = 0
  return mapLeaves(first, (leaf) => {
    const place = at++
    return mapElements(leaf, (x, i) => f(x, ...others.map((o) => o[place]?.[i] ?? NaN)))
  })
}

describe('lookahead', () => {
  test('agrees with its definition, a pair of fast and slow params', () => {
    fc.assert(
      fc.property(aTrajectory(aDyadic, 6), aPeriod, aShare, ({ params, grads }, syncPeriod, slowStepSize) => {
        let [fast, slow] = [params, params]
        const { params: path, states } = run(lookahead(descend(), { syncPeriod, slowStepSize }), { params, grads })
        grads.forEach((g, t) => {
          fast = combine((p, x) => p - 0.5 * x, fast, g)
          if ((t + 1) % syncPeriod === 0) {
            slow = combine((s, f) => s + slowStepSize * (f - s), slow, fast)
            fast = slow
          }
          // All numbers are multiples of 2⁻¹⁵ below 2⁵, so that every operation is exact, also in float32, but for −0.
          expect(textOf(path[t]).replaceAll('-0 ', '0 ')).toBe(textOf(fast).replaceAll('-0 ', '0 '))
          expect(textOf(states[t + 1]?.slow).replaceAll('-0 ', '0 ')).toBe(textOf(slow).replaceAll('-0 ', '0 '))
          expect(states[t + 1]?.stepsSinceSync).toBe((t + 1) % syncPeriod)
        })
      })
    )
  })

  test('goes 3, 2, 1, 2, 1, 0, 1 in steps of 1, with k = 3 and α = 1/3, as in Optax', () => {
    const tx = lookahead(descend(), { syncPeriod: 3, slowStepSize: 1 / 3 })
    const { params } = run(tx, { params: 3, grads: Array(6).fill(2) })
    expect(params).toStrictEqual([2, 1, 2, 1, 0, 1])
  })

  test('the params are the slow ones after every k-th step, within a rounding of the larger of old and new', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(aTrajectory(), aPeriod, share, (trajectory, syncPeriod, slowStepSize) => {
        const { params, states } = run(lookahead(momentum(), { syncPeriod, slowStepSize }), trajectory)
        params.forEach((p, t) => {
          if ((t + 1) % syncPeriod !== 0) return
          const slow = leavesOf((states[t + 1]?.slow ?? null) as Values)
          const before = leavesOf(params[t - 1] ?? trajectory.params)
          leavesOf(p).forEach((leaf, i) => {
            const isDouble = typeof leaf === 'number' || leaf instanceof Float64Array
            const old = elementsOf(before[i] ?? 0)
            const aim = elementsOf(slow[i] ?? 0)
            elementsOf(leaf).forEach((x, j) => {
              // p + (s − p) rounds twice: half a unit of s − p, which is at most |s| + |p|, and half a unit of the result.
              const size = Math.max(Math.abs(old[j] ?? 0), Math.abs(aim[j] ?? 0))
              const slack = size * (isDouble ? 2 ** -51 : 2 ** -22) + 1e-44
              expect(Math.abs(x - (aim[j] ?? 0))).toBeLessThanOrEqual(slack)
            })
          })
        })
      })
    )
  })

  test('before the first k-th step it is the inner transformation', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const tx = lookahead(momentum(), { syncPeriod: 6, slowStepSize: 0.5 })
        expect(textOf(run(tx, trajectory).updates)).toBe(textOf(run(momentum(), trajectory).updates))
      })
    )
  })

  test('with α = 0 the slow params never move, to the bit', () => {
    fc.assert(
      fc.property(aTrajectory(), aPeriod, (trajectory, syncPeriod) => {
        const { states } = run(lookahead(momentum(), { syncPeriod, slowStepSize: 0 }), trajectory)
        // s + 0 · way is s, but that −0 becomes +0.
        const text = (x: unknown) => textOf(x).replace(/-0(?![.\d])/g, '0')
        for (const { slow } of states) expect(text(slow)).toBe(text(trajectory.params))
      })
    )
  })

  test('with α = 1 the slow params are the fast ones, to the bit', () => {
    fc.assert(
      fc.property(aTrajectory(), aPeriod, (trajectory, syncPeriod) => {
        const { params, states } = run(lookahead(momentum(), { syncPeriod, slowStepSize: 1 }), trajectory)
        // The first k steps are the inner transformation's own, on the same params.
        const alone = run(momentum(), { ...trajectory, grads: trajectory.grads.slice(0, syncPeriod) })
        const text = (x: unknown) => textOf(x).replace(/-0(?![.\d])/g, '0')
        if (trajectory.grads.length >= syncPeriod) {
          expect(text(states[syncPeriod]?.slow)).toBe(text(alone.params[syncPeriod - 1]))
        }
        expect(params.length).toBe(trajectory.grads.length)
      })
    )
  })

  test('with α = 1 the slow params are the fast ones also where these are small and the way was long', () => {
    const tx = lookahead(descend(), { syncPeriod: 2, slowStepSize: 1 })
    const { params, states } = run(tx, { params: -1e30, grads: [-2e30, -2] })
    expect([params, states[2]?.slow]).toStrictEqual([[0, 1], 1])
  })

  test('with α = 1 the params are those of the inner transformation', () => {
    fc.assert(
      fc.property(aTrajectory(aDyadic), aPeriod, (trajectory, syncPeriod) => {
        const tx = lookahead(descend(), { syncPeriod, slowStepSize: 1 })
        expect(textOf(run(tx, trajectory).params)).toBe(textOf(run(descend(), trajectory).params))
      })
    )
  })

  test('with α = 1 the slow params are the fast ones, in 16 bits too, where an update is rounded before it is added', () => {
    const bfloat16 = (bits: number) => ndarray(Uint16Array.of(bits), [1], 'bfloat16')
    // A little more than half of what separates 1 from the next number: rounded, it is half, a tie that goes to 1.
    const inner = scale(2 ** -8 + 2 ** -17)
    const [params, grads] = [[bfloat16(0x3f80)], [bfloat16(0x3f80)]]
    const tx = lookahead(inner, { syncPeriod: 1, slowStepSize: 1 })
    const [u, state] = tx.update(grads, tx.init(params), params)
    const alone = applyUpdates(params, inner.update(grads, inner.init(params), params)[0])
    expect(state.slow).toStrictEqual([ndarray([1], [1])])
    expect([applyUpdates(params, u), alone]).toStrictEqual([params, params])
  })

  test('resetState starts the inner transformation afresh from the new slow params, else it goes on', () => {
    const params = { w: new Float32Array([8]), b: 4 }
    const grads = Array(3).fill({ w: new Float32Array([1]), b: 1 })
    const counts = (resetState: boolean) =>
      run(lookahead(momentum(), { syncPeriod: 2, slowStepSize: 0.5, resetState }), { params, grads }).states.map(
        ({ fastState }) => fastState.count
      )
    expect(counts(true)).toStrictEqual([0, 1, 0, 1])
    expect(counts(false)).toStrictEqual([0, 1, 2, 3])

    const remember = () =>
      transformation<MomentumState>({
        init: (start) => ({ count: 0, velocity: start }),
        update: (updates, state) => [updates, state]
      })
    const tx = lookahead(remember(), { syncPeriod: 2, slowStepSize: 0.5, resetState: true })
    const { states } = run(tx, { params, grads })
    expect(states.map(({ fastState }) => textOf(fastState.velocity))).toEqual([
      '{ w: Float32Array(8), b: 4 }',
      '{ w: Float32Array(8), b: 4 }',
      '{ w: Float32Array(9), b: 5 }',
      '{ w: Float32Array(9), b: 5 }'
    ])
    expect(states.map((state) => new Set(buffersOf(state)).size)).toStrictEqual([2, 2, 2, 2])
  })

  test('resets a bare transformation too', () => {
    const inner = bareMomentum()
    const tx = lookahead(inner, { syncPeriod: 1, slowStepSize: 0.5, resetState: true })
    run(tx, { params: [8], grads: [[2], [2]] })
    expect(inner.inits.map(textOf)).toEqual(['[8]', '[9.5]', '[11.09375]'])
  })

  test('is that of timm where the slow params start at the first slow step', () => {
    const tx = lookahead(scale(-0.1), { syncPeriod: 3, slowStepSize: 0.5, slowStart: 'firstSync' })
    let [params, state] = [{ w: 1 }, tx.init({ w: 1 })]
    const path: number[] = []
    for (let t = 0; t < 9; t++) {
      ;[params, state] = step(tx, { w: 1 }, state, params)
      path.push(params.w)
    }
    // timm 1.0.29, Lookahead(SGD(lr=0.1), alpha=0.5, k=3); some roundings.
    for (const [t, w] of [0.9, 0.8, 0.7, 0.6, 0.5, 0.55, 0.45, 0.35, 0.4].entries()) expect(path[t]).toBeCloseTo(w, 14)
    expect(state.syncs).toBe(3)
  })

  test('its steps around multiSteps are the updates of that, not the mini-batches', () => {
    const options = { syncPeriod: 2, slowStepSize: 0.5 }
    const outside = lookahead(multiSteps(descend(), 3), options)
    const inside = multiSteps(lookahead(descend(), options), 3)
    let [p, q, s, r] = [{ w: 1 }, { w: 1 }, outside.init({ w: 1 }), inside.init({ w: 1 })]
    for (let t = 0; t < 13; t++) {
      ;[p, s] = step(outside, { w: t % 5 }, s, p)
      ;[q, r] = step(inside, { w: t % 5 }, r, q)
      expect(p).toStrictEqual(q)
    }
    expect(s.syncs).toBe(2)
  })

  test('keeps its slow params when the caller refills the params', () => {
    const params = { w: new Float32Array([3]) }
    const state = lookahead(descend(), { syncPeriod: 2, slowStepSize: 0.5 }).init(params)
    params.w.fill(0)
    expect(textOf(state.slow)).toBe('{ w: Float32Array(3) }')
  })

  test('synchronises at once when the state is further than the period', () => {
    const params = { w: 8 }
    const state = { fastState: {}, slow: { w: 4 }, stepsSinceSync: 7, syncs: 0 }
    const [u, next] = lookahead(descend(), { syncPeriod: 2, slowStepSize: 0.5 }).update({ w: 0 }, state, params)
    expect([u.w, next.stepsSinceSync, textOf(next.slow)]).toStrictEqual([-2, 0, '{ w: 6 }'])
  })

  test('keeps the dtype of the params when a bare transformation returns another', () => {
    const widening = {
      init: (): EmptyState => ({}),
      update: (updates: { w: Float32Array }, state: EmptyState) => [{ w: new Float64Array(updates.w) }, state] as const
    }
    const tx = lookahead(widening, { syncPeriod: 1, slowStepSize: 0.5 })
    const params = { w: new Float32Array([1]) }
    const [u, state] = tx.update({ w: new Float32Array([0.1]) }, tx.init(params), params)
    expect(applyUpdates(params, u).w).toBeInstanceOf(Float32Array)
    expect(textOf(state.slow)).toBe(textOf({ w: new Float32Array([1.05]) }))
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = chain(lookahead(timesValue(), { syncPeriod: 2, slowStepSize: 0.5 }))
    expect(tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 }, { value: 3 })[0]).toStrictEqual({ w: 6 })
  })

  test('moves number leaves, which are float64', () => {
    const tx = lookahead(descend(), { syncPeriod: 1, slowStepSize: 0.25 })
    expect(run(tx, { params: 0.1, grads: [0.6] }).states[1]?.slow).toBe(0.1 + 0.25 * (0.1 - 0.3 - 0.1))
  })

  const good = { syncPeriod: 5, slowStepSize: 0.5 }
  test.each([
    [{ ...good, syncPeriod: 0 }, 'lookahead: syncPeriod must be a whole number ≥ 1, got 0'],
    [{ ...good, syncPeriod: 1.5 }, 'lookahead: syncPeriod must be a whole number ≥ 1, got 1.5'],
    [{ slowStepSize: 0.5 }, 'lookahead: syncPeriod must be a whole number ≥ 1, got undefined'],
    [{ ...good, slowStepSize: 1.1 }, 'lookahead: slowStepSize must be in [0, 1], got 1.1'],
    [{ ...good, slowStepSize: -0.1 }, 'lookahead: slowStepSize must be in [0, 1], got -0.1'],
    [{ ...good, slowStepSize: NaN }, 'lookahead: slowStepSize must be in [0, 1], got NaN'],
    [{ ...good, resetState: 1 }, 'lookahead: resetState must be true or false, got 1'],
    [
      { ...good, period: 3 },
      'lookahead: there is no option period; there are syncPeriod, slowStepSize, resetState, accumulatorDtype, slowStart'
    ],
    [undefined, 'lookahead: options must be an object, got undefined']
  ])('refuses %j', (options, message) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    expect(() => lookahead(momentum(), options)).toThrow(message)
  })
})

wrapperLaws('lookahead', (inner) => lookahead(inner, { syncPeriod: 2, slowStepSize: 0.5 }))
wrapperLaws('lookahead', (inner) => lookahead(inner, { syncPeriod: 1, slowStepSize: 0.75, resetState: false }))
