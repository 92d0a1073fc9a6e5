import {
  type AnyGradientTransformation,
  chain,
  defaultEngine,
  type Engine,
  reference,
  withEngine
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareMomentum, momentum, plain, run, steps, stepsInPlace } from './parts.js'
import { aDyadic, aNumber, aTrajectory, buffersOf, textOf } from './trees.js'

/** Puts a wrapper around a transformation. */
export type Wrap = <T extends AnyGradientTransformation>(inner: T) => AnyGradientTransformation

/** The reference engine, counting how often it is called. */
export const counting = (): Engine & { readonly count: () => number } => {
  let calls = 0
  return {
    name: 'counting',
    evaluate: (roots) => {
      calls++
      reference.evaluate(roots)
    },
    count: () => calls
  }
}

// The laws of the catalogue try every wrapper around more than these, on other trees.

/** What holds of every wrapper; `evaluations` is how many there are in an update of a chain that it stands in. */
export const wrapperLaws = (name: string, wrap: Wrap, evaluations = 1): void => {
  describe(`${name}, as every wrapper`, () => {
    test('wraps a bare pair of functions as it wraps one of ours', () => {
      fc.assert(
        fc.property(aTrajectory(aDyadic), (trajectory) => {
          expect(textOf(run(wrap(bareMomentum()), trajectory).updates)).toBe(
            textOf(run(wrap(momentum()), trajectory).updates)
          )
        })
      )
    })

    test('emits the same bits on both engines, alone and in a chain', () => {
      fc.assert(
        fc.property(aTrajectory(), (trajectory) => {
          const tx = () => run(chain(momentum(), wrap(chain(momentum(), momentum())), momentum()), trajectory).updates
          expect(textOf(withEngine(reference, tx))).toBe(textOf(withEngine(defaultEngine(), tx)))
        })
      )
    })

    test('does the same inside a chain as outside', () => {
      fc.assert(
        fc.property(aTrajectory(), (trajectory) => {
          expect(textOf(run(chain(wrap(momentum())), trajectory).updates)).toBe(
            textOf(run(wrap(momentum()), trajectory).updates)
          )
        })
      )
    })

    test('does the same in one step, and in place', () => {
      fc.assert(
        fc.property(aTrajectory(aNumber, 8), (trajectory) => {
          const { params, states } = run(wrap(momentum()), trajectory)
          const stepped = steps(wrap(momentum()), trajectory)
          expect(textOf(stepped)).toBe(textOf(params.map((p, t) => [p, states[t + 1]])))
          expect(textOf(stepsInPlace(wrap(momentum()), trajectory))).toBe(textOf(stepped))
        })
      )
    })

    test('stays lazy inside a chain', () => {
      const engine = counting()
      const params = { w: new Float32Array(3), b: new Float32Array(2) }
      const tx = plain(chain(momentum(), wrap(chain(momentum(), momentum())), momentum()))
      const state = tx.init(params)
      withEngine(engine, () => tx.update({ w: new Float32Array([1, 2, 3]), b: new Float32Array(2) }, state, params))
      expect(engine.count()).toBe(evaluations)
    })

    test('changes no argument, shares no buffer with updates and params or between results, and repeats itself', () => {
      fc.assert(
        fc.property(aTrajectory(), (trajectory) => {
          const tx = plain(wrap(momentum()))
          const { params } = trajectory
          let state = tx.init(params)
          expect(sharing(params, state)).toBe(0)
          for (const grads of trajectory.grads) {
            const before = textOf([grads, state, params])
            const result = tx.update(grads, state, params)
            const text = textOf(result)
            expect(textOf([grads, state, params])).toBe(before)
            expect(sharing([grads, params], result)).toBe(0)
            expect(new Set(buffersOf(result)).size).toBe(buffersOf(result).length)
            expect(textOf(tx.update(grads, state, params))).toBe(text)
            expect(textOf(tx.update(grads, structuredClone(state), params))).toBe(text)
            state = result[1]
          }
        })
      )
    })

    test('keeps the structure of its state', () => {
      fc.assert(
        fc.property(aTrajectory(aNumber), (trajectory) => {
          const { states } = run(wrap(momentum()), trajectory)
          expect(new Set(states.map(formOf)).size).toBe(1)
        })
      )
    })

    test('refuses what is no transformation', () => {
      // @ts-expect-error -- a wrapper wants a transformation
      expect(() => wrap(null)).toThrow(
        `${name}: a transformation must be a pair { init, update } of functions, got null`
      )
    })
  })
}

const sharing = (given: unknown, made: unknown): number => {
  const theirs = new Set(buffersOf(given))
  return buffersOf(made).filter((buffer) => theirs.has(buffer)).length
}

const formOf = (x: unknown): string => textOf(x).replace(/-?\d[\d.]*(e[+-]?\d+)?|-?Infinity|NaN|true|false/g, '0')
