// A hundred thousand wrong inputs: each is accepted or refused by an error of ours, in one sentence, and nothing has
// changed afterwards. Nobody thought of them one by one, as in `bad-input.test.ts`.

import * as curvature from '@gradchain/curvature'
import * as distributed from '@gradchain/distributed'
import { arbitrary, difference } from '@gradchain/laws'
import * as losses from '@gradchain/losses'
import * as matrix from '@gradchain/matrix'
import * as monitor from '@gradchain/monitor'
import * as search from '@gradchain/search'
import fc from 'fast-check'
import * as gradchain from 'gradchain'
import {
  adamw,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  Expr,
  force,
  GradchainError,
  globalNorm,
  incrementalUpdate,
  ndarray,
  step,
  transient,
  tree
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import { catalogue } from './catalogue/index.js'
import { runs } from './laws/settings.js'

type Loose = (...args: readonly unknown[]) => unknown

class Layer {
  readonly kernel = new Float32Array(1)
}

/** What is no leaf, or hardly one. */
const oddity = fc.constantFrom<() => unknown>(
  () => undefined,
  () => null,
  () => Number.NaN,
  () => -0,
  () => '1',
  () => true,
  () => 7n,
  () => Symbol('w'),
  () => () => 1,
  () => new Map([['w', 1]]),
  () => new Set([1]),
  () => new Date(0),
  () => Promise.resolve(1),
  () => new Layer(),
  () => new Int32Array(2),
  () => new Uint16Array(2),
  () => new BigInt64Array(1),
  () => new ArrayBuffer(8),
  () => new Float32Array(new SharedArrayBuffer(8)),
  () => JSON.parse(JSON.stringify({ w: new Float32Array(2) })),
  () => ({ dtype: 'float32', shape: [2], data: new Float32Array(3) }),
  () => ({ dtype: 'float32', shape: [2.5], data: new Float32Array(2) }),
  () => ({ dtype: 'float32', shape: 'two', data: new Float32Array(2) }),
  () => ({ dtype: 'float8', shape: [2], data: new Float32Array(2) }),
  () => ({ dtype: 'bfloat16', shape: [2], data: new Float32Array(2) }),
  () => ({ dtype: 'float32', shape: [2] }),
  () => Object.create({ w: 1 }),
  () => Object.freeze({ w: Object.freeze([1]) }),
  () => new Array(3),
  () => ({ __proto__: null, w: 1 }),
  () => ({ constructor: 1, toString: 2, valueOf: 3 }),
  () => ({ init: 1, update: 2 }),
  () => ({ [Symbol.iterator]: 1 }),
  () => ndarray(new Float32Array(0), [0, 3]),
  () => gradchain.mul(new Float32Array(2), 2),
  () => gradchain.sum(new Float32Array(2))
)

/** A tree with something odd in it, or anything at all. */
const wrong: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(oddity, fc.nat(5)).map(([make, depth]) => buried(make(), depth)) },
  { weight: 2, arbitrary: fc.anything({ withTypedArray: true, withNullPrototype: true, maxDepth: 2 }) },
  { weight: 2, arbitrary: arbitrary.params({ dtypes: ['float32', 'float64', 'bfloat16', 'float16'] }, 'any') }
)

const buried = (inside: unknown, depth: number): unknown =>
  depth === 0 ? inside : depth % 2 === 0 ? [0, buried(inside, depth - 1)] : { a: 1, w: buried(inside, depth - 1) }

/** What a value is, as a text; expressions may well be evaluated. */
const seen = (value: unknown): string => {
  if (value instanceof Expr) return 'an expression'
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer).join(' ')
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Reflect.ownKeys(value)
    .map((key) => `${String(key)}: ${seen((value as Record<PropertyKey, unknown>)[key])}`)
    .join(', ')} }`
}

/** What an error of ours says: its owner, a colon and one sentence. */
const SENTENCE = /^[\w.]+: \S[^\n]*$/

/** Says where something was refused otherwise than by one of our sentences. */
const complaint = (use: () => unknown): string | null => {
  try {
    use()
    return null
  } catch (error) {
    if (!(error instanceof GradchainError)) return `threw ${String(error)}`
    return SENTENCE.test(error.message) ? null : `said ${error.message}`
  }
}

const tx = chain(clipByGlobalNorm(1), adamw(0.1))
const params = () => ({ w: new Float32Array([1, 2]), b: [ndarray(new Float64Array(4), [2, 2]), 3] })
const state = tx.init(params())
const loose = (f: unknown): Loose => f as Loose

const calls: Readonly<Record<string, (x: unknown, y: unknown) => unknown>> = {
  init: (x) => loose(tx.init)(x),
  'update, gradients': (x) => loose(tx.update)(x, state, params()),
  'update, gradients and params': (x, y) => loose(tx.update)(x, state, y),
  'update, params': (x) => loose(tx.update)(params(), state, x),
  'update, state': (x) => loose(tx.update)(params(), x, params()),
  'step, state and params': (x, y) => loose(step)(tx, params(), x, y),
  'step, gradients': (x) => loose(step)(tx, x, state, params()),
  'step, a transformation': (x) => loose(step)(x, params(), state, params()),
  'applyUpdates, params': (x, y) => loose(applyUpdates)(x, y),
  'applyUpdates, updates': (x) => loose(applyUpdates)(params(), x),
  'incrementalUpdate, size': (x, y) => loose(incrementalUpdate)(params(), params(), x ?? y),
  globalNorm: (x) => loose(globalNorm)(x),
  force: (x) => loose(force)(x),
  chain: (x, y) => loose(chain)(x, y),
  transient: (x) => (loose(transient)(tx, x) as { dispose: () => void }).dispose(),
  'transient, options': (x) => (loose(transient)(tx, params(), x) as { dispose: () => void }).dispose(),
  'tree.map': (x, y) => loose(tree.map)((a: unknown) => a, x, y),
  'tree.norm': (x) => loose(tree.norm)(x),
  ndarray: (x, y) => loose(ndarray)(x, y)
}

const TRIED = runs(100_000)
const share = Math.ceil(TRIED / 2 / Object.keys(calls).length)

describe.each(Object.entries(calls))('%s', (_name, call) => {
  test('accepts, or refuses in one sentence, and leaves its arguments alone', () => {
    fc.assert(
      fc.property(wrong, wrong, (x, y) => {
        const before = [seen(x), seen(y)]
        expect(complaint(() => call(x, y))).toBeNull()
        expect([seen(x), seen(y)]).toStrictEqual(before)
      }),
      { numRuns: share, includeErrorInReport: true }
    )
    // What was refused has left nothing behind.
    const [updates] = tx.update(params(), state, params())
    expect(difference(updates, tx.update(params(), tx.init(params()), params())[0])).toBeNull()
  })
})

/** What makes neither a transformation nor a schedule: functions of arrays and of states. */
const others = [
  'averagedParams',
  'biasCorrection',
  'byPath',
  'labelByPath',
  'measureWithEma',
  'notByPath',
  'setHyperparams',
  'skipLargeUpdates',
  'skipNotFinite',
  'unitwiseClip',
  'unitwiseNorm',
  'updateMoment'
]
const factories = [...new Set(catalogue.filter(({ kind }) => kind !== 'function').map(({ name }) => name))].filter(
  (name) => !others.includes(name)
)
const exported: Readonly<Record<string, unknown>> = {
  ...gradchain,
  ...matrix,
  ...curvature,
  ...losses,
  ...search,
  ...monitor,
  ...distributed
}
const shareOfFactories = Math.ceil(TRIED / 2 / factories.length)

/** Arguments of a factory: often options with something odd in one field, sometimes anything. */
const options = fc.oneof(
  fc
    .tuple(fc.constantFrom('learningRate', 'decay', 'b1', 'b2', 'eps', 'mask', 'momentum', 'weightDecay'), oddity)
    .map(([name, make]): unknown => ({ [name]: make() })),
  wrong,
  fc.constant(0.1)
)

describe.each(factories)('%s', (name) => {
  test('is made, or refused in one sentence, and what is made takes no notice of what is odd', () => {
    const make = loose(exported[name])
    fc.assert(
      fc.property(fc.array(options, { maxLength: 3 }), (args) => {
        const use = () => {
          const made = make(...args)
          if (typeof made === 'function') return made(3)
          const { init, update } = made as unknown as { init: Loose; update: Loose }
          return update(params(), init(params()), params(), { value: 1 })
        }
        expect(complaint(use)).toBeNull()
      }),
      { numRuns: shareOfFactories, includeErrorInReport: true }
    )
  })
})
