import {
  type AnyGradientTransformation,
  abs,
  add,
  chain,
  div,
  identity,
  max,
  min,
  mul,
  norm,
  sqrt,
  square,
  sub,
  sumSquares,
  type Tree,
  transformation,
  tree
} from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { momentum, pullToZero, shrinkByNorm } from '../internal/companions.js'
import { asTransformation, type Erased, erase, isLazyInside } from '../internal/erase.js'
import { mapNumbers, numbersOf } from '../internal/mapLeaves.js'
import type { TransformationLaw } from '../internal/transformationLaw.js'
import type { LawOptions } from '../law.js'
import { copied, eachNumber, halve, onArrays, onExpressions, spoil, verdict } from '../testing.js'
import { boundedBy } from './bounded.js'
import { equivalentTo } from './equivalent.js'
import { families } from './index.js'
import { between } from './scheduleRange.js'

const clamp = (bound: number) => onExpressions((updates) => tree.map((g) => max(min(g, bound), -bound), updates))

/** g / √v for the average v of g². */
const normalise = (eps = 0): AnyGradientTransformation =>
  transformation<{ readonly v: Tree }>({
    init: (params) => ({ v: tree.zerosLike(params) }),
    update: (updates, { v }) => {
      const next = tree.map((g, old) => add(mul(0.9, old), mul(0.1, square(g))), updates, v)
      return [tree.map((g, s) => div(g, add(sqrt(s), eps)), updates, next), { v: next }]
    }
  })

const overTheSize = () => onExpressions((updates) => tree.map((g) => div(g, tree.size(updates)), updates))
const overTheLeaves = () => onExpressions((updates) => tree.map((g) => div(g, tree.leaves(updates).length), updates))
const byName = () =>
  onExpressions((updates) => tree.mapWithPath((path, g) => mul(g, path.includes('inner') ? 2 : 1), updates))
const perLeaf = () => onExpressions((updates) => tree.map((g) => div(g, add(1, norm(g))), updates))
const weightsByPlace = () => eachNumber((x, i) => x * (1 + i))
const dependsOnKeyOrder = weightsByPlace
const couplesLeaves = () =>
  onExpressions((updates) => tree.map((g) => add(g, sumSquares(tree.leaves(updates)[0] ?? 0)), updates))
const addsOne = () => onExpressions((updates) => tree.map((g) => add(g, 1), updates))
const pullsTowardsOne = () => onExpressions((updates, params) => tree.map((g, p) => add(g, sub(p, 1)), updates, params))
const squares = () => onExpressions((updates) => tree.map((g) => mul(g, abs(g)), updates))
const accumulates = () => momentum(1)
const counts = () =>
  asTransformation({
    init: () => ({ count: 0 }),
    update: (updates, state) => [copied(updates), { count: (state as { count: number }).count + 1 }]
  })
const firstIsSpecial = () =>
  asTransformation({
    init: () => ({ count: 0 }),
    update: (updates, state) => {
      const { count } = state as { count: number }
      return [mapNumbers(updates, (x) => (count === 0 ? 0 : x)), { count: count + 1 }]
    }
  })

type Row = readonly [
  family: string,
  law: TransformationLaw,
  what: string,
  tx: AnyGradientTransformation,
  options?: LawOptions
]

const { elementwise, groupingBlind, odd, scaleBlind, linear, idempotent, shrinking, stateless } = families
const both: LawOptions = { of: 'both' }
/** A norm is summed leaf by leaf. */
const upToRounding: LawOptions = { tolerance: 1e-6 }

const good: readonly Row[] = [
  ...Object.values(elementwise).flatMap((law): Row[] => [
    ['elementwise', law, 'halving', halve()],
    ['elementwise', law, 'momentum', momentum(0.9)],
    ['elementwise', law, 'a pull by the params', pullToZero()],
    ['elementwise', law, 'normalising', normalise()],
    ['elementwise', law, 'a bare pair', eachNumber((x) => x / 3)]
  ]),
  ['groupingBlind', groupingBlind.groupingDoesNotMatter, 'momentum', momentum(0.9)],
  ['groupingBlind', groupingBlind.groupingDoesNotMatter, 'the norm of it all', shrinkByNorm(), upToRounding],
  ['odd', odd.negationCommutes, 'momentum', momentum(0.9)],
  ['odd', odd.negationCommutes, 'the norm of it all', shrinkByNorm()],
  ['odd', odd.negationCommutes, 'a pull by the params', pullToZero(), both],
  ['scaleBlind', scaleBlind.scaleDoesNotMatter, 'normalising', normalise(1e-8)],
  ...Object.values(linear).flatMap((law): Row[] => [
    ['linear', law, 'momentum', momentum(0.9)],
    ['linear', law, 'a pull by the params', pullToZero(), both]
  ]),
  ['idempotent', idempotent.twiceIsOnce, 'clamping', clamp(0.5)],
  ['idempotent', idempotent.twiceIsOnce, 'identity', identity()],
  ...Object.values(shrinking).flatMap((law): Row[] => [
    ['shrinking', law, 'clamping', clamp(0.5)],
    ['shrinking', law, 'the norm of it all', shrinkByNorm()],
    ['shrinking', law, 'identity', identity()]
  ]),
  ...Object.values(stateless).flatMap((law): Row[] => [
    ['stateless', law, 'halving', halve()],
    ['stateless', law, 'the norm of it all', shrinkByNorm()]
  ]),
  ['bounded', boundedBy(0.5).withinBound, 'clamping', clamp(0.5)],
  [
    'bounded',
    boundedBy(1, (all) => Math.hypot(...all.slice(0, 1000))).withinBound,
    'the norm of it all',
    shrinkByNorm()
  ]
]

for (const [family, law, what, tx, options] of good) {
  test(`${family}, ${law.name}: holds of ${what}`, () => expect(verdict(law, tx, options, 60)).toBeNull())
}

const mutants: readonly Row[] = [
  ['elementwise', elementwise.treeIsVector, 'sums over a leaf', perLeaf()],
  ['elementwise', elementwise.treeIsVector, 'sums over the tree, of leaves', couplesLeaves()],
  ['elementwise', elementwise.permutationsCommute, 'weights elements by their place', weightsByPlace()],
  ['elementwise', elementwise.leavesAreIndependent, 'sums over the tree', shrinkByNorm()],
  ['elementwise', elementwise.keyOrderIsFree, 'depends on the order of the keys', dependsOnKeyOrder()],
  ['elementwise', elementwise.sizeDoesNotMatter, 'divides by the number of elements', overTheSize()],
  ['elementwise', elementwise.sizeDoesNotMatter, 'divides by the number of leaves', overTheLeaves()],
  ['elementwise', elementwise.groupingDoesNotMatter, 'sums over a leaf', perLeaf()],
  ['elementwise', elementwise.groupingDoesNotMatter, 'asks for names', byName()],
  ['groupingBlind', groupingBlind.groupingDoesNotMatter, 'divides by the number of leaves', overTheLeaves()],
  ['groupingBlind', groupingBlind.groupingDoesNotMatter, 'sums over a leaf', perLeaf(), upToRounding],
  ['groupingBlind', groupingBlind.groupingDoesNotMatter, 'weights elements by their place', weightsByPlace()],
  ['odd', odd.negationCommutes, 'adds 1', addsOne()],
  ['odd', odd.negationCommutes, 'squares', onExpressions((g) => tree.map(square, g))],
  ['odd', odd.negationCommutes, 'adds the params', pullToZero()],
  ['odd', odd.negationCommutes, 'adds params that are negated with an offset', pullsTowardsOne(), both],
  ['scaleBlind', scaleBlind.scaleDoesNotMatter, 'halves', halve()],
  ['scaleBlind', scaleBlind.scaleDoesNotMatter, 'divides with a large epsilon', normalise(1e-3)],
  ['linear', linear.scalingCommutes, 'multiplies by its size', squares()],
  ['linear', linear.scalingCommutes, 'adds 1', addsOne()],
  ['linear', linear.sumsCommute, 'clamps', clamp(5)],
  ['linear', linear.sumsCommute, 'adds the params', pullToZero()],
  ['idempotent', idempotent.twiceIsOnce, 'halves', halve()],
  ['idempotent', idempotent.twiceIsOnce, 'accumulates', accumulates()],
  ['shrinking', shrinking.neverLonger, 'accumulates', accumulates()],
  ['shrinking', shrinking.neverLonger, 'is longer by one bit', eachNumber((x) => x * (1 + 2 ** -23))],
  ['shrinking', shrinking.neverLonger, 'gives NaN', onArrays((g) => mapNumbers(g, () => Number.NaN))],
  ['shrinking', shrinking.neverTurned, 'turns what is small', eachNumber((x) => (Math.abs(x) < 1 ? -x : x))],
  ['stateless', stateless.pastDoesNotMatter, 'accumulates', accumulates()],
  ['stateless', stateless.pastDoesNotMatter, 'treats its first update differently', firstIsSpecial()],
  ['stateless', stateless.stateStays, 'counts', counts()],
  ['bounded', boundedBy(0.5).withinBound, 'clamps less', clamp(0.501)],
  ['bounded', boundedBy(0.5).withinBound, 'gives NaN', onArrays((g) => mapNumbers(g, () => Number.NaN))]
]

for (const [family, law, what, tx, options] of mutants) {
  test(`${family}, ${law.name}: catches what ${what}`, () => expect(verdict(law, tx, options)).toMatch(/^LawBroken: /))
}

test('sameUpdates holds of equal rules and catches one that is not quite equal', () => {
  const third = eachNumber((x) => x / 3)
  expect(
    verdict(
      equivalentTo(third).sameUpdates,
      eachNumber((x) => x / 3)
    )
  ).toBeNull()
  expect(
    verdict(
      equivalentTo(third).sameUpdates,
      eachNumber((x) => x * (1 / 3))
    )
  ).toMatch(/^LawBroken: /)
  expect(
    verdict(
      equivalentTo(third, 'finite').sameUpdates,
      eachNumber((x) => x * (1 / 3)),
      { tolerance: 1e-6 }
    )
  ).toBeNull()
})

test('every law has a mutant', () => {
  const covered = new Set(mutants.map(([, law]) => law.name))
  const { wrapper: _, schedule: __, ...ofTransformations } = families
  expect(
    Object.values(ofTransformations)
      .flatMap(Object.keys)
      .filter((name) => !covered.has(name))
  ).toEqual([])
})

describe('wrappers', () => {
  const halved = (tx: AnyGradientTransformation) => chain(tx, halve())
  for (const law of Object.values(families.wrapper)) {
    test(law.sentence, () => expect(verdict(law, halved, {}, 25)).toBeNull())
  }

  test('wrapsBarePairs catches what treats transformations of ours as something better', () => {
    const partial = (tx: AnyGradientTransformation) => (isLazyInside(tx) ? tx : halved(tx))
    expect(verdict(families.wrapper.wrapsBarePairs, partial)).toMatch(/^LawBroken: /)
  })

  test('passesExtraOn catches what keeps the extra to itself', () => {
    const deaf = (tx: AnyGradientTransformation) => {
      const { init, update } = tx as unknown as {
        init: (p: unknown) => unknown
        update: (...all: unknown[]) => readonly [unknown, unknown]
      }
      return asTransformation({ init, update: (g, state, params) => update(g, state, params, { value: 1 }) })
    }
    expect(verdict(families.wrapper.passesExtraOn, deaf)).toMatch(/^LawBroken: /)
  })

  /** The same, called by a bare pair of functions. */
  const handWritten =
    (call: (inner: Erased, ...all: Parameters<Erased['update']>) => ReturnType<Erased['update']>) =>
    (tx: AnyGradientTransformation) =>
      asTransformation({ init: (params) => erase(tx).init(params), update: (...all) => call(erase(tx), ...all) })

  let calls = 0
  test.each([
    [
      'argumentsUntouched',
      'writes to the gradients',
      handWritten((inner, g, ...rest) => {
        spoil(g)
        return inner.update(g, ...rest)
      })
    ],
    [
      'deterministic',
      'skips every other call',
      handWritten((inner, g, s, ...rest) => (calls++ % 2 ? [copied(g), s] : inner.update(g, s, ...rest)))
    ],
    ['noSharedBuffers', 'hands the gradients on', handWritten((_inner, g, state) => [g, state])],
    [
      'stateKeepsForm',
      'wraps the state once more each time',
      handWritten((_inner, g, state) => [copied(g), { state }])
    ],
    ['likeGradients', 'emits the numbers in a list', handWritten((_inner, g, state) => [numbersOf(g), state])]
  ] as const)('%s catches a wrapper that %s', (law, _what, wrap) => {
    expect(verdict(families.wrapper[law], wrap)).toMatch(/^LawBroken: around any transformation, /)
  })
})

describe('schedules', () => {
  const { valueDependsOnStepOnly, valuesAreFinite } = families.schedule
  const decay = (step: number) => 1 / (1 + step)

  test.each([valueDependsOnStepOnly, valuesAreFinite, between(0, 1).withinRange])('$name holds of a decay', (law) => {
    expect(verdict(law, decay)).toBeNull()
  })

  test('valueDependsOnStepOnly catches what counts its calls, or draws at random', () => {
    let calls = 0
    expect(verdict(valueDependsOnStepOnly, () => calls++)).toMatch(/^LawBroken: /)
    expect(verdict(valueDependsOnStepOnly, () => Math.random())).toMatch(/^LawBroken: /)
  })

  test('valueDependsOnStepOnly catches what only looks one step back', () => {
    let last = 0
    const momentary = (step: number) => {
      const value = last
      last = step
      return value
    }
    expect(verdict(valueDependsOnStepOnly, momentary)).toMatch(/^LawBroken: /)
  })

  test.each([
    ['overflows', (step: number) => 2 ** step],
    ['divides by the step', (step: number) => 1 / step],
    ['gives texts', (step: number) => String(step) as unknown as number],
    ['gives nothing after the first million steps', (step: number) => (step > 1e6 ? Number.NaN : 1)]
  ])('valuesAreFinite catches what %s', (_what, schedule) => {
    expect(verdict(valuesAreFinite, schedule)).toMatch(/^LawBroken: /)
  })

  test('withinRange catches what leaves the range', () => {
    expect(verdict(between(0, 1).withinRange, (step) => 1 + 1e-9 * step)).toMatch(/^LawBroken: /)
  })
})
