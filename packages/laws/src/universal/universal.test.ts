import {
  chain,
  type EmptyState,
  type Engine,
  Expr,
  fillAbsent,
  identity,
  mul,
  type OpaqueFunction,
  type Operand,
  opaque,
  reference,
  type Tree,
  transformation,
  tree
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { momentum, pullToZero, shrinkByNorm } from '../internal/companions.js'
import { asTransformation, bare } from '../internal/erase.js'
import { mapLeaves, mapNumbers, numbersOf } from '../internal/mapLeaves.js'
import { copied, eachNumber, grown, halve, onArrays, onExpressions, spoil, verdict } from '../testing.js'
import { agreementOf } from './enginesAgree.js'
import { universal } from './index.js'

/** Keeps the last gradients twice: one array of the state is handed on to two places. */
const remembersTwice = () =>
  transformation<{ readonly last: Tree; readonly before: Tree; readonly again: Tree }>({
    init: (params) => ({ last: params, before: params, again: params }),
    update: (updates, state) => [state.again, { last: updates, before: state.last, again: state.last }]
  })

const good = {
  identity: identity(),
  'a function of the gradients': halve(),
  'a function of gradients and params': pullToZero(),
  'a function of the whole tree': shrinkByNorm(),
  'a state that is a tree': momentum(0.9),
  'one array of the state in two places of the next': remembersTwice(),
  'a bare pair of functions': bare(momentum(0.9)),
  'a bare pair on raw arrays': eachNumber((x) => x / 3)
}

describe.each(Object.entries(good))('%s', (_name, tx) => {
  for (const law of Object.values(universal)) {
    test(law.sentence, () => expect(verdict(law, tx, {}, 25)).toBeNull())
  }
})

const count = (): (() => number) => {
  let calls = 0
  return () => calls++
}

/** Counts, inside itself, how often it is called. */
const withHiddenState = () => {
  const calls = count()
  return onExpressions((updates) => {
    const factor = 1 + calls()
    return tree.map((g) => mul(factor, g), updates)
  })
}

const readsGlobalRandomness = () => eachNumber((x) => x + Math.random())

/** Deterministic call by call, but every run is another. */
const countsItsRuns = () => {
  const runs = count()
  return asTransformation({
    init: () => ({ run: Math.floor(runs() / 2) }),
    update: (updates, state) => [mapNumbers(updates, (x) => x + (state as { run: number }).run), state]
  })
}

const writesToItsGradients = () =>
  onArrays((updates) => {
    const emitted = copied(updates)
    spoil(updates)
    return emitted
  })

const writesToItsParams = () =>
  onArrays((updates, params) => {
    spoil(params)
    return copied(updates)
  })

const writesToItsState = () =>
  asTransformation({
    init: (params) => ({ last: copied(params), seen: 0 }),
    update: (updates, state) => {
      const own = state as { seen: number }
      own.seen += 1
      return [copied(updates), { ...own }]
    }
  })

const returnsItsGradients = () => onArrays((updates) => updates)
const returnsItsParams = () => onArrays((_updates, params) => params)
const keepsItsParams = () =>
  asTransformation({ init: (params) => ({ slow: params }), update: (updates, state) => [copied(updates), state] })
const keepsItsGradients = () =>
  asTransformation({
    init: (params) => ({ previous: copied(params) }),
    update: (updates) => [copied(updates), { previous: updates }]
  })
const returnsItsState = () =>
  asTransformation({
    init: (params) => ({ trace: copied(params) }),
    update: (updates) => {
      const trace = copied(updates)
      return [trace, { trace }]
    }
  })
const keepsOneArrayTwice = () =>
  asTransformation({
    init: (params) => ({ mu: copied(params), nu: copied(params) }),
    update: (updates) => {
      const mu = copied(updates)
      return [copied(updates), { mu, nu: mu }]
    }
  })

const widens = () =>
  onArrays((updates) => mapLeaves(updates, (leaf) => (leaf instanceof Float32Array ? Float64Array.from(leaf) : leaf)))
const flattens = () => onArrays((updates) => numbersOf(updates))
const dropsNulls = () =>
  onArrays((updates) => (Array.isArray(updates) ? updates.filter((child) => child !== null) : updates))

const history = () =>
  asTransformation({
    init: () => ({ seen: [] as unknown[] }),
    update: (updates, state) => [copied(updates), { seen: [...(state as { seen: unknown[] }).seen, 1] }]
  })
const growsItsArrays = () =>
  asTransformation({ init: copied, update: (updates, state) => [copied(updates), grown(state)] })
const monitorsLate = () => asTransformation({ init: () => ({}), update: (updates) => [copied(updates), { norm: 1 }] })

const keepsAFunction = () =>
  asTransformation({ init: () => ({ next: () => 1 }), update: (updates, state) => [copied(updates), state] })
const keepsAnInstance = () =>
  asTransformation({ init: () => new Map(), update: (updates, state) => [copied(updates), state] })

const dividesByTheGradient = () => eachNumber((x) => x / Math.abs(x))
const squaresTwice = () => eachNumber((x) => x ** 40)

/** Every run of it is another one, in its updates and in its state. */
const countsItsInits = () => {
  const inits = count()
  return asTransformation({
    init: () => ({ made: inits() }),
    update: (updates, state) => [mapNumbers(updates, (x) => x + (state as { made: number }).made), state]
  })
}

/** Asks whether it was called with expressions. */
const differsWhenLazy = () =>
  transformation<Record<string, never>>({
    init: () => ({}),
    update: (updates, state) => {
      const pending = tree.leaves(updates).some((leaf) => typeof leaf === 'object' && 'op' in leaf && leaf.op !== 0)
      return [tree.map((g) => mul(pending ? 2 : 1, g), updates), state]
    }
  })

/** Counts, in its state, but believes only states that it made itself. */
const trustsItsOwnObjects = () => {
  const made = new WeakSet<object>()
  const remembered = (state: object) => {
    made.add(state)
    return state
  }
  return asTransformation({
    init: () => remembered({ count: 0 }),
    update: (updates, state) => {
      const counted = made.has(state as object) ? (state as { count: number }).count : -7
      return [mapNumbers(updates, (x) => x + counted), remembered({ count: counted + 1 })]
    }
  })
}

/** Pairs leaves by order, not by name. */
const pairsByOrder = () =>
  asTransformation({
    init: copied,
    update: (updates, state) => {
      const kept = numbersOf(state)
      return [mapNumbers(updates, (x, i) => x + (kept[i] as number)), state]
    }
  })

/** Depends on the order of the keys of the gradients. */
const numbersItsElements = () => eachNumber((x, i) => x + i)

/** Adds one to what `step` applies: its updates depend on who asks. */
const differsOnSecondLook = () => {
  const calls = count()
  return onArrays((updates) => {
    const late = calls() % 2 === 1
    return mapNumbers(updates, (x) => (late ? x + 1 : x))
  })
}

/** All leaves through a function of arrays; numbers stay what they are. */
const throughOpaque = (f: OpaqueFunction) =>
  onExpressions((updates) => tree.map((g) => (isArray(g) ? opaque(f, [g], { like: g }) : g), updates))
const isArray = (x: Operand) => typeof x !== 'number' && (!(x instanceof Expr) || !x.isScalar)

const sortsItsOperand = () => throughOpaque(({ data }) => data.sort().slice())
/** Only the last one is wrong, and what it writes to belongs to nobody outside. */
const writesInTheMiddle = () =>
  chain(
    momentum(0.5),
    throughOpaque(({ data }) => data.fill(7))
  )

const burstsLate = () =>
  asTransformation({
    init: () => ({ count: 0 }),
    update: (updates, state) => {
      const { count } = state as { count: number }
      return [mapNumbers(updates, (x) => (count > 6 ? Infinity : x)), { count: count + 1 }]
    }
  })

/** Counts the steps of a run; the state goes no further than ten, a note about this very object does. */
const forgetsWhatIsOld = () => {
  const steps = new WeakMap<object, number>()
  return asTransformation({
    init: () => ({ count: 0 }),
    update: (updates, state) => {
      const { count } = state as { count: number }
      const next = { count: Math.min(count + 1, 10) }
      const seen = steps.get(state as object) ?? count
      steps.set(next, seen + 1)
      return [mapNumbers(updates, (x) => x + seen), next]
    }
  })
}

/** Takes params without a gradient for such with one. */
const movesWhatRests = () =>
  transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state, params) => [fillAbsent(updates, params, 1), state],
    takesNull: true
  })

const dividesByTheSize = () =>
  transformation<{ readonly size: number }>({
    init: (params) => ({ size: tree.size(params) }),
    update: (updates, state) => [tree.map((g) => mul(1 / (1 + state.size), g), updates), state]
  })

const mutants = [
  ['deterministic', 'counts its calls in a closure', withHiddenState],
  ['deterministic', 'reads global randomness', readsGlobalRandomness],
  ['deterministic', 'counts its runs in a closure', countsItsRuns],
  ['argumentsUntouched', 'writes to its gradients', writesToItsGradients],
  ['argumentsUntouched', 'writes to its params', writesToItsParams],
  ['argumentsUntouched', 'writes to its state', writesToItsState],
  ['operandsUntouched', 'sorts its operand in place', sortsItsOperand],
  ['operandsUntouched', 'writes to what another link has computed', writesInTheMiddle],
  ['noSharedBuffers', 'returns its gradients', returnsItsGradients],
  ['noSharedBuffers', 'returns its params', returnsItsParams],
  ['noSharedBuffers', 'keeps its params as the state', keepsItsParams],
  ['noSharedBuffers', 'keeps its gradients as the state', keepsItsGradients],
  ['noSharedBuffers', 'emits an array of its state', returnsItsState],
  ['noSharedBuffers', 'has one array twice in its state', keepsOneArrayTwice],
  ['likeGradients', 'widens float32 to float64', widens],
  ['likeGradients', 'flattens the tree', flattens],
  ['likeGradients', 'drops null subtrees', dropsNulls],
  ['stateKeepsForm', 'keeps all it has seen', history],
  ['stateKeepsForm', 'grows the arrays of its state', growsItsArrays],
  ['stateKeepsForm', 'has a field only after the first update', monitorsLate],
  ['plainState', 'keeps a function', keepsAFunction],
  ['plainState', 'keeps a Map', keepsAnInstance],
  ['finiteStaysFinite', 'divides by the gradient, zero or not', dividesByTheGradient],
  ['finiteStaysFinite', 'overflows', squaresTwice],
  ['finiteStaysFinite', 'emits ∞ from its eighth step on', burstsLate],
  ['identityIsUnit', 'counts its inits in a closure', countsItsInits],
  ['chainIsAssociative', 'counts its inits in a closure', countsItsInits],
  ['lazyIsConcrete', 'asks whether something is pending', differsWhenLazy],
  ['stepIsUpdateAndApply', 'gives something else at every second call', differsOnSecondLook],
  ['transientIsStep', 'gives something else at every second call', differsOnSecondLook],
  ['resumesFromSavedState', 'trusts only the states it made', trustsItsOwnObjects],
  ['resumesFromSavedState', 'keeps what is older than ten steps elsewhere', forgetsWhatIsOld],
  ['keysGoByName', 'pairs leaves by order', pairsByOrder],
  ['keysGoByName', 'numbers the elements in the order of the keys', numbersItsElements],
  ['absentParamsRest', 'moves params without a gradient', movesWhatRests],
  ['absentParamsRest', 'remembers how many params there were', dividesByTheSize]
] as const

test.each(mutants)('%s catches what %s', (law, _what, mutant) => {
  expect(verdict(universal[law], mutant())).toMatch(/^LawBroken: /)
})

/** An engine that is wrong in one bit of one element. */
const offByOneBit: Engine = {
  name: 'off by one bit',
  evaluate: (roots) => {
    reference.evaluate(roots)
    for (const { data } of roots) if (data !== null && data.length > 4) data[4] = (data[4] as number) * (1 + 2 ** -23)
  }
}

test('enginesAgree catches an engine that is off by one bit', () => {
  const law = agreementOf(
    () => reference,
    () => offByOneBit
  )
  expect(verdict(law, halve())).toContain('with off by one bit')
})

test('every law has a mutant', () => {
  const covered = new Set<string>([...mutants.map(([law]) => law), 'enginesAgree'])
  expect(Object.keys(universal).filter((law) => !covered.has(law))).toEqual([])
})

test('a law says where it is broken, and its name is the one it is listed by', () => {
  expect(verdict(universal.likeGradients, widens(), { params: fc.constant(new Float32Array(2)) })).toMatch(
    'updates have the structure, the shapes and the dtypes of the gradients: update 1 is Float64Array(2), and the gradients are Float32Array(2)'
  )
  for (const [name, law] of Object.entries(universal)) expect(law.name).toBe(name)
})
