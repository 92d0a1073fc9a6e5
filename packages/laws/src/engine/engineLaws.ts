import {
  add,
  type DType,
  type Engine,
  InvalidOption,
  mul,
  neg,
  opaque,
  reference,
  sub,
  sum,
  type Value
} from '@gradchain/core'
import { type AsyncEngine, Expr, lift, type NodeName, nodeOf, pendingOrder } from '@gradchain/core/engine'
import fc from 'fast-check'
import type { Law } from '../law.js'
import { build, differenceOf, MAKES, type Recipe, recipe, SPECIAL, valuesOf } from './graph.js'

/** What is asked of an engine. */
export interface EngineOptions {
  /**
   * By how much a value may differ from that of `reference`, relative to what it is computed from: for all nodes, or for each by its
   * name, 0 for those that are not named. Where it is 0 bits are compared. @defaultValue `0`
   */
  readonly tolerance?: number | { readonly [Name in NodeName]?: number } | undefined
  /** The dtypes that it has. @defaultValue all of them */
  readonly dtypes?: readonly DType[] | undefined
  /** Whether it takes numbers for 0 that are smaller than the normal ones of their dtype. @defaultValue `false` */
  readonly flushes?: boolean | undefined
  /** What single numbers are, such as sums; what is beyond the largest float32 is whatever it is then. @defaultValue `'float64'` */
  readonly numbers?: 'float32' | 'float64' | undefined
  /** Whether it tells +0 and −0 apart where it does not add up to more. @defaultValue `true` */
  readonly signsZeros?: boolean | undefined
}

/** A law about engines. */
export interface EngineLaw extends Law<Engine, unknown> {
  /** {@link Law.flaw} of an engine that is waited for; `null` of a law that makes no sense for those. */
  readonly later: ((engine: AsyncEngine, given: unknown) => Promise<string | null>) | null
}

type AnyEngine = Engine | AsyncEngine

/** What is done with an engine, one evaluation after the other, up to something that was found. */
type Steps<Found = string | null> = Generator<void | Promise<void>, Found, void>

const atOnce = (steps: Steps): string | null => {
  let next = steps.next()
  while (next.done !== true) {
    if (next.value !== undefined) throw new InvalidOption('engineLaws: evaluate gives a promise: say `isAsync`')
    next = steps.next()
  }
  return next.value
}

const inTime = async (steps: Steps): Promise<string | null> => {
  let next = steps.next()
  while (next.done !== true) {
    let thrown: { readonly error: unknown } | null = null
    try {
      await next.value
    } catch (error) {
      thrown = { error }
    }
    next = thrown === null ? steps.next() : steps.throw(thrown.error)
  }
  return next.value
}

// What a law is tried on is its own affair: it is given nothing but its own cases.
const engineLaw = <Case>(
  name: string,
  sentence: string,
  cases: fc.Arbitrary<Case>,
  steps: (engine: AnyEngine, given: Case) => Steps,
  isForAll = true
): EngineLaw => ({
  name,
  sentence,
  cases: () => cases,
  flaw: (engine, given) => atOnce(steps(engine, given as Case)),
  later: isForAll ? (engine, given) => inTime(steps(engine, given as Case)) : null
})

const ALL: readonly DType[] = ['float32', 'float64', 'bfloat16', 'float16']

/** The smallest normal number of a dtype; that of a number is the smallest of float32, which devices count in. */
const LEAST: Readonly<Record<DType | 'number', number>> = {
  float32: 2 ** -126,
  number: 2 ** -126,
  bfloat16: 2 ** -126,
  float16: 2 ** -14,
  float64: 2 ** -1022
}

const expectedOf = (graph: Recipe): readonly Expr[] => {
  const roots = build(graph)
  reference.evaluate(roots)
  return roots
}

function* evaluated(engine: AnyEngine, graph: Recipe): Steps<readonly Expr[]> {
  const roots = build(graph)
  yield engine.evaluate(roots)
  return roots
}

const flushed = (x: number): number => (Math.abs(x) < LEAST.float32 ? x * 0 : x)

/** The graph on what an engine makes of numbers that it takes for 0. */
const flushedGraph = (graph: Recipe): Recipe => ({
  ...graph,
  values: graph.values.map(flushed),
  steps: graph.steps.map((step) => ({ ...step, x: flushed(step.x) }))
})

const narrowed = (graph: Recipe): Recipe => ({
  ...graph,
  values: graph.values.map(Math.fround),
  steps: graph.steps.map((step) => ({ ...step, x: Math.fround(step.x) }))
})

/**
 * The laws of engines, for what is asked of one: that graphs of every size have the values of `reference`, every node at the edges
 * of its dtypes too, and what whoever evaluates relies on.
 *
 * Where nothing is tolerated whole graphs are compared bit for bit. Otherwise it is one operation after the other, each on what the
 * reference has for its operands, so that errors do not add up.
 *
 * @example
 * checkLaws(engineLaws(), defaultEngine(), { runs: 2, without: { computesEdges: 'it takes seconds' } })
 */
export const engineLaws = ({
  tolerance = 0,
  dtypes = ALL,
  flushes = false,
  signsZeros = true,
  numbers = 'float64'
}: EngineOptions = {}) => {
  const isNarrow = numbers === 'float32'
  const isExact = tolerance === 0 && !flushes && signsZeros && !isNarrow
  const toleranceOf = (names: readonly NodeName[]): number =>
    typeof tolerance === 'number' ? tolerance : Math.max(0, ...names.map((name) => tolerance[name] ?? 0))

  const only = (graph: Recipe): Recipe => ({
    ...(isNarrow ? narrowed(graph) : graph),
    sources: graph.sources.map((source, i) =>
      dtypes.includes(source.dtype) ? source : { ...source, dtype: dtypes[i % dtypes.length] as DType }
    )
  })

  /** Where two values of a node differ, in words; `null` where they do not. */
  const differs = (
    expected: Expr,
    alternative: Expr | undefined,
    actual: Expr,
    relative: number,
    scale: number
  ): string | null => {
    if (expected.dtype !== actual.dtype || expected.size !== actual.size) {
      return `it is ${actual.dtype} of ${actual.size}, not ${expected.dtype} of ${expected.size}`
    }
    const isNumber = isNarrow && expected.isScalar
    const narrow = isNumber ? Math.fround : (x: number): number => x
    const [a, b] = [valuesOf(expected).map(narrow), valuesOf(actual)]
    const other = alternative === undefined ? a : valuesOf(alternative).map(narrow)
    // Of what is added up squares may vanish.
    const vanishing = isNarrow && scale > 0 ? 2 ** -62 : 0
    const least = Math.max(vanishing, flushes ? LEAST[expected.isScalar ? 'number' : expected.dtype] : 0)
    const allowed = isNumber ? Math.max(relative, 2 ** -23) : relative
    const isSame = (x: number, y: number): boolean => {
      if (Object.is(x, y) || (x === 0 && y === 0 && !signsZeros)) return true
      if (isNarrow && scale > LARGEST) return true
      const within = allowed === 0 ? 0 : allowed * Math.max(Math.abs(x), Math.abs(y), scale)
      return Math.abs(x - y) <= Math.max(within, least)
    }
    const at = isExact
      ? differenceOf(a, b)
      : a.findIndex((x, i) => !isSame(x, b[i] as number) && !isSame(other[i] as number, b[i] as number))
    return at < 0 ? null : `${expected.dtype}[${at}] of ${a.length} is ${b[at]}, not ${a[at]}`
  }

  /** Whole graphs, where bits are the same: at the first sight of a graph, and at later ones. */
  function* whole(engine: AnyEngine, graph: Recipe): Steps {
    const expected = expectedOf(graph)
    for (let sight = 1; sight <= 3; sight++) {
      const actual = yield* evaluated(engine, graph)
      for (const [i, root] of expected.entries()) {
        const found = differs(root, undefined, actual[i] as Expr, 0, 0)
        if (found !== null) return `at sight ${sight}, root ${i}, ${found}`
      }
    }
    return null
  }

  /** One operation after the other, each on what the reference has for its operands: errors do not add up. */
  function* stepwise(engine: AnyEngine, graph: Recipe): Steps {
    for (const step of graph.steps) {
      const one = { ...graph, steps: [step], roots: [0] }
      const expected = build(one)
      const names = pendingOrder(expected).map((node) => nodeOf(node).name)
      if (!pendingOrder(expected).every((node) => node.isScalar || dtypes.includes(node.dtype))) continue
      reference.evaluate(expected)
      const alternative = flushes ? expectedOf(flushedGraph(one)) : []
      const actual = yield* evaluated(engine, one)
      const scale = scaleOf(one, names)
      const found = differs(expected[0] as Expr, alternative[0], actual[0] as Expr, toleranceOf(names), scale)
      if (found !== null) return `${step.make}: ${found}`
    }
    return null
  }

  const agrees = (engine: AnyEngine, graph: Recipe): Steps => (isExact ? whole : stepwise)(engine, only(graph))

  const on = (name: string, sentence: string, cases: fc.Arbitrary<Recipe>): EngineLaw =>
    engineLaw(name, sentence, cases, agrees)

  // Everything there is, so that it need not be tried more than once.
  const tried = new WeakMap<AnyEngine, string | null>()
  function* everywhere(engine: AnyEngine): Steps {
    for (const first of dtypes) {
      for (const second of dtypes) {
        for (const make of Object.keys(MAKES)) {
          for (const rotation of ROTATIONS) {
            const found = yield* agrees(engine, edgesOf(make, first, second, rotation))
            if (found !== null) return `${make} of ${first} and ${second}: ${found}`
          }
        }
      }
    }
    return null
  }

  return {
    computesSmallArrays: on(
      'computesSmallArrays',
      'graphs of small arrays of every form have the values of the reference',
      recipe(small, 24)
    ),
    computesLongGraphs: on(
      'computesLongGraphs',
      'graphs of hundreds of operations have the values of the reference',
      fc
        .tuple(recipe(vector(5, 9), 12), fc.integer({ min: 5, max: 40 }))
        .map(([graph, times]) => ({ ...graph, steps: Array.from({ length: times }, () => graph.steps).flat() }))
    ),
    computesAroundBlocks: on(
      'computesAroundBlocks',
      'arrays around the length of one block of a sum have the values of the reference',
      recipe(aroundABlock, 6)
    ),
    computesLargeArrays: on('computesLargeArrays', 'large arrays have the values of the reference', recipe(large, 3)),
    computesEdges: engineLaw(
      'computesEdges',
      'every node has the values of the reference at the edges of its dtypes: zeros, subnormals, ties, infinities, NaN',
      fc.constant('every node'),
      function* (engine) {
        const known = tried.get(engine)
        const found = known === undefined ? yield* everywhere(engine) : known
        tried.set(engine, found)
        return found
      }
    ),
    ...contract
  }
}

/** The largest float32. */
const LARGEST = 3.4028234663852886e38

/** How far apart the elements are that meet: pairs of every two special values turn up. */
const ROTATIONS = [0, 1, 2, 5, 11, 17, 29, 41]

/** A node on every special value, beside others. */
const edgesOf = (make: string, first: DType, second: DType, rotation: number): Recipe => ({
  shape: [SPECIAL.length],
  values: SPECIAL,
  sources: [
    { dtype: first, first: 0, sameAs: null, isBare: false },
    { dtype: second, first: rotation, sameAs: null, isBare: false },
    { dtype: first, first: 2 * rotation, sameAs: null, isBare: false }
  ],
  steps: [{ make, operands: [2, 1, 0], n: rotation, x: SPECIAL[rotation] as number }],
  roots: [0]
})

const TOTALS: readonly NodeName[] = ['sum', 'sumSquares', 'dot', 'reduce', 'matmul']

/** What the error of a node is measured by beside the value itself: where many numbers are added up, by the largest of them. */
const scaleOf = ({ values, shape }: Recipe, names: readonly NodeName[]): number => {
  if (!names.some((name) => TOTALS.includes(name))) return 0
  const finite = values.filter(Number.isFinite).map(Math.abs)
  const size = shape.reduce((product, length) => product * length, 1)
  return size * Math.max(0, ...finite.map((x) => x * x), ...finite)
}

const vector = (...lengths: number[]) => fc.constantFrom(...lengths.map((n) => [n]))

const small = fc.oneof(
  vector(0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 31, 32, 33, 63, 64, 65),
  fc.constantFrom<number[]>([], [1, 1], [3, 5], [2, 3, 4], [4, 4], [0, 3], [3, 0], [1, 7], [7, 1], [2, 2, 2, 2])
)
const aroundABlock = fc.oneof(vector(255, 256, 257, 4095, 4096, 4097, 8191, 8193), fc.constant([64, 64]))
const large = fc.oneof(
  { weight: 3, arbitrary: vector(16_383, 16_385) },
  { weight: 1, arbitrary: vector(65_537, 140_003) },
  { weight: 2, arbitrary: fc.constant([130, 130]) }
)

const floats = fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 1, maxLength: 9 })

const onFloats = (
  name: string,
  sentence: string,
  steps: (engine: AnyEngine, x: Float32Array) => Steps,
  isForAll = true
): EngineLaw =>
  engineLaw(name, sentence, floats, (engine, numbers) => steps(engine, Float32Array.from(numbers)), isForAll)

const node = (value: Value): Expr => (value instanceof Expr ? value : (lift(new Float32Array([value])) as Expr))

/** The first of some nodes that has not the value it should have, in words. */
const wrong = (nodes: readonly Expr[], values: readonly (readonly number[])[]): string | null => {
  const at = nodes.findIndex(
    (one, i) =>
      differenceOf(
        valuesOf(one).map((x) => x + 0),
        (values[i] ?? []).map((x) => x + 0)
      ) >= 0
  )
  return at < 0 ? null : `root ${at} is ${valuesOf(nodes[at] as Expr).join(', ')}, not ${values[at]?.join(', ')}`
}

const totalOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** What holds whatever it computes with: on small whole numbers, which every device knows exactly. */
const contract = {
  givesEveryRootItsValue: onFloats(
    'givesEveryRootItsValue',
    'a root has its value when it is below another, named twice, or known already',
    function* (engine, x) {
      const below = node(add(x, 1))
      const above = node(mul(below, 2))
      const total = node(sum(below))
      const leaf = node(lift(x))
      yield engine.evaluate([])
      yield engine.evaluate([above, below, above, total, below, leaf])
      yield engine.evaluate([above, total])
      const ones = Array.from(x, (n) => n + 1)
      return wrong([above, below, total, leaf], [ones.map((n) => 2 * n), ones, [totalOf(ones)], [...x]])
    }
  ),
  staysUsable: onFloats('staysUsable', 'a node that has its value may be computed with', function* (engine, x) {
    const first = node(add(x, 1))
    yield engine.evaluate([first])
    const second = node(add(first, sum(first)))
    yield engine.evaluate([second])
    const ones = Array.from(x, (n) => n + 1)
    return wrong([second], [ones.map((n) => n + totalOf(ones))])
  }),
  sharesNoMemory: onFloats(
    'sharesNoMemory',
    'what is computed shares no memory with what was given',
    function* (engine, x) {
      const given = x.slice()
      const own = opaque(({ data }) => data, [given], { like: given })
      const same = node(add(given, 0))
      yield engine.evaluate([own, same])
      given.fill(99)
      return wrong([own, same], [[...x], [...x]])
    }
  ),
  survivesErrors: onFloats('survivesErrors', 'a function that throws leaves everything usable', function* (engine, x) {
    const before = node(add(x, 1))
    const broken = opaque(
      () => {
        throw new RangeError('not today')
      },
      [before],
      { like: x }
    )
    const aside = node(neg(before))
    let caught: unknown = null
    try {
      yield engine.evaluate([aside, node(mul(add(broken, before), sum(broken)))])
    } catch (error) {
      caught = error
    }
    if (!(caught instanceof RangeError)) return `it threw ${String(caught)}, not what the function threw`
    yield engine.evaluate([aside, before])
    const ones = Array.from(x, (n) => n + 1)
    return wrong([aside, before], [ones.map((n) => -n), ones])
  }),
  evaluatesInside: onFloats(
    'evaluatesInside',
    'a function may evaluate what it likes, nodes of the graph it is in as well',
    function* (engine, x) {
      const shared = node(mul(x, 2))
      const total = node(sum(neg(shared)))
      const inside = opaque(
        ({ data }) => {
          engine.evaluate([total])
          const [value = 0] = valuesOf(total)
          return data.map((n) => n + value)
        },
        [x],
        { like: x }
      )
      const result = node(add(shared, inside))
      yield engine.evaluate([result, total])
      const value = -2 * totalOf([...x])
      return wrong([result, total], [Array.from(x, (n) => 3 * n + value), [value]])
    },
    // Of what is waited for nothing is there while a function runs.
    false
  ),
  goesDeep: engineLaw(
    'goesDeep',
    'a graph of ten thousand operations, one on top of the other, is computed',
    fc.constantFrom(1, 2, 5),
    function* (engine, length) {
      let x = lift(new Float32Array(length).fill(3))
      for (let i = 0; i < 5000; i++) x = sub(add(x, 2), 1)
      const root = node(x)
      yield engine.evaluate([root])
      return wrong([root], [new Array<number>(length).fill(5003)])
    }
  )
} as const
