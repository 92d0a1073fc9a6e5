import { expect, test } from 'vitest'
import { chain } from './chain.js'
import { originOf, withOrigin } from './origin.js'
import { stateless } from './stateless.js'
import { currentTrace, type TracedCall, withTrace } from './trace.js'
import { definitionOf } from './transformation.js'
import type { AnyGradientTransformation } from './types.js'

const named = (name: string): AnyGradientTransformation =>
  withOrigin(
    [name],
    stateless((updates) => updates)
  )

const params = { w: new Float32Array(2) }

const callsOf = (tx: AnyGradientTransformation): readonly string[] => {
  const { init, update } = definitionOf('test', tx)
  const found: string[] = []
  const note = ({ update: made }: TracedCall): number => found.push(originOf(made)?.[0] ?? 'unknown')
  const state = init(params)
  withTrace(
    (call, run) => {
      note(call)
      return run(call.updates, call.state, call.params)
    },
    () => update(params, state, params, undefined)
  )
  return found
}

test('each call is handed over, those of inner chains under the name that the chain has', () => {
  expect(callsOf(chain(named('a'), withOrigin(['pair'], chain(named('b'), named('c')))))).toStrictEqual([
    'chain',
    'a',
    'pair',
    'b',
    'c'
  ])
})

test('a call is known by its update', () => {
  const { update, init } = stateless((updates) => updates)
  const seen: object[] = []
  const definition = definitionOf('test', { init, update })
  withTrace(
    (call, run) => {
      seen.push(call.update)
      return run(call.updates, call.state, call.params)
    },
    () => definition.update(params, {}, params, undefined)
  )
  expect(seen).toStrictEqual([update])
})

test('a trace may hand on other arguments', () => {
  const twice = definitionOf('test', named('a'))
  const other = { w: new Float32Array([3, 4]) }
  const [updates] = withTrace(
    (call, run) => run(other, call.state, call.params),
    () => twice.update(params, {}, params, undefined)
  )
  expect(updates).toBe(other)
})

test('a trace ends with its function, also by an error', () => {
  expect(currentTrace()).toBeNull()
  expect(() =>
    withTrace(
      () => [params, {}],
      () => {
        throw new Error('on the way')
      }
    )
  ).toThrow('on the way')
  expect(currentTrace()).toBeNull()
})
