import { type EmptyState, type Leaf, type Tree, tree } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { type MomentumState, momentum, timesValue } from '../internal/testing/parts.js'
import type { EmaState } from '../momentum/ema.js'
import { measureWithEma } from './measureWithEma.js'
import { monitor } from './monitor.js'

const norm = (updates: Tree) => tree.norm(updates)

const tx = monitor({
  norm,
  leaves: (updates) => tree.leaves(updates).length,
  smooth: measureWithEma(norm, 0.9),
  all: (updates: Tree) => updates,
  moved: momentum()
})
const state = tx.init({ w: 1 })

// Measurements by name, evaluated; the states of what remembers.
expectTypeOf(state.measurements.norm).toEqualTypeOf<Leaf>()
expectTypeOf(state.measurements.leaves).toEqualTypeOf<number>()
expectTypeOf(state.measurements.smooth).toEqualTypeOf<Leaf>()
expectTypeOf(state.measurements.all).toEqualTypeOf<Tree<Leaf>>()
expectTypeOf(state.measurements.moved).toEqualTypeOf<Tree<Leaf>>()
expectTypeOf(state.measureStates.norm).toEqualTypeOf<EmptyState>()
expectTypeOf(state.measureStates.smooth).toEqualTypeOf<EmaState>()
expectTypeOf(state.measureStates.moved).toEqualTypeOf<MomentumState>()
// @ts-expect-error -- there is no such measurement
state.measurements.other

// What the measures need.
tx.update({ w: 1 }, state, { w: 1 })
const needy = monitor({ norm, scaled: timesValue() })
needy.update({ w: 1 }, needy.init({ w: 1 }), { w: 1 }, { value: 1 })
// @ts-expect-error -- the value is missing
needy.update({ w: 1 }, needy.init({ w: 1 }), { w: 1 })

// @ts-expect-error -- a measurement is made of numbers and arrays
monitor({ bad: () => 'much' })
