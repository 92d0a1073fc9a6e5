import {
  add,
  callable,
  castLike,
  check,
  div,
  Expr,
  force,
  InvalidOption,
  InvalidTree,
  type Leaf,
  mul,
  type NdArray,
  nonNegativeInteger,
  type Operand,
  oneOf,
  positiveInteger,
  required,
  shapeOf,
  show,
  type Tree,
  viewsOf,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { isOperand } from '../internal/isOperand.js'

/** How the results for the parts of a batch are put together. */
export type Accumulator = 'sum' | 'mean' | 'runningMean' | 'concat'

/** Options of {@link microbatch}; the size must be given. */
export interface MicrobatchOptions {
  /** How many examples the function gets at a time; it divides the number that there are. */
  readonly size: number
  /**
   * How results are put together: one word for all, or a tree of words like the result, or like the upper part of it.
   * @defaultValue `'sum'`
   */
  readonly accumulator?: Accumulator | Tree<Accumulator>
  /** Which arguments are batches, by their number. @defaultValue `[0]` */
  readonly argnums?: readonly number[]
}

/**
 * A function of a batch, done for a few examples at a time: what it needs of memory is what it needs for those.
 *
 * Each leaf of an argument that is a batch has the examples along its first axis; the function is called with the first ones, then with
 * those that follow, and the results, trees of one structure, are put together leaf by leaf:
 *
 *     'sum'            Σ rᵢ
 *     'mean'           Σ rᵢ / n
 *     'runningMean'    the same, from mean to mean, so that no sum is larger than what it is of
 *     'concat'         one after the other, along the first axis
 *
 * So a loss or a gradient that is a sum over examples wants a sum, one that is a mean wants a mean, and a result for each example is to be
 * concatenated. What the function is handed are views of the batch, not to be written to. Results of arrays are added up at once; those
 * that are expressions stay so, and can be differentiated, but then all parts are kept until they are evaluated.
 *
 * Optax takes every n-th example at a time, and has a number of parts to stop after, as compiled code needs one shape; here a shorter
 * batch is a shorter batch.
 *
 * Laws: with the size of the whole batch it is the function; for a function that is a sum, a mean or a list over examples the size does not
 * matter, up to rounding.
 *
 * @param fun - a pure function of one batch or more, and of whatever else.
 *
 * @example
 * const squares = ({ x }: { x: Float64Array }) => ({ total: x.reduce((sum, a) => sum + a * a, 0), each: x.map((a) => a * a) })
 * const few = microbatch(squares, { size: 2, accumulator: { total: 'sum', each: 'concat' } })
 * few({ x: new Float64Array([1, 2, 3, 4]) }) // => { total: 30, each: Float64Array [1, 4, 9, 16] }
 *
 * @throws InvalidOption when an option is missing or outside its range; when called, where an argument is no batch or its size cannot be
 * divided; InvalidTree with the path, for leaves of other lengths, for accumulators that do not fit the result, and for results of parts that are of another
 * structure, shape or dtype than the first.
 * @see multiSteps, which puts together gradients that come one after the other.
 */
export const microbatch = <Arguments extends readonly unknown[], Result>(
  fun: (...given: Arguments) => Result,
  options: MicrobatchOptions
): ((...given: Arguments) => Result) => {
  const { size, accumulator, argnums } = withDefaults<Required<MicrobatchOptions>>('microbatch', options, {
    size: required,
    accumulator: 'sum',
    argnums: [0]
  })
  check('microbatch', { fun }, callable)
  check('microbatch', { size }, positiveInteger)
  check('microbatch', { argnums }, someNumbers)
  tree.mapWithPath((path, word) => check('microbatch', { [`accumulator${path}`]: word }, anAccumulator), accumulator)

  return (...given) => {
    const batches = argnums.map((i) => batchOf(given[i], `argument ${i}`))
    const count = countOf(batches)
    if (count % size !== 0) throw new InvalidOption(`microbatch: size must divide the ${count} examples, got ${size}`)
    const parts = count / size
    const resultOf = (part: number): Tree => {
      const some: unknown[] = [...given]
      argnums.forEach((i, k) => {
        some[i] = tree.map((leaf) => rowsOf(leaf, part * size, size), batches[k]?.leaves as Tree<Rows>)
      })
      // As many arguments as before, each as it was, but shorter.
      return resultIn(fun(...(some as unknown as Arguments)))
    }
    return together(resultOf, parts, accumulator) as unknown as Result
  }
}

const ACCUMULATORS = ['sum', 'mean', 'runningMean', 'concat'] as const
const anAccumulator = /* @__PURE__ */ oneOf(...ACCUMULATORS)

const someNumbers = {
  what: 'an array of whole numbers ≥ 0',
  holds: (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(nonNegativeInteger.holds)
}

const resultIn = (result: unknown): Tree =>
  tree.mapWithPath((path: string, leaf: unknown): Operand => {
    if (isOperand(leaf)) return leaf
    throw new InvalidTree(`microbatch: result${path} must be a number or an array, got ${show(leaf)}`)
  }, result as Tree)

type Rows = Exclude<Leaf, number>

interface Batch {
  readonly leaves: Tree<Leaf>
  readonly name: string
}

const batchOf = (argument: unknown, name: string): Batch => ({ leaves: viewsOf(argument as Tree), name })

/** How many examples all leaves of all batches have. */
const countOf = (batches: readonly Batch[]): number => {
  let first: { readonly place: string; readonly count: number } | undefined
  for (const { leaves, name } of batches) {
    tree.mapWithPath((path: string, leaf: Leaf) => {
      const place = `${name}${path}`
      if (!isOperand(leaf)) throw new InvalidTree(`microbatch: ${place} must be a batch, got ${show(leaf)}`)
      const [count] = shapeOf(leaf)
      if (count === undefined) {
        throw new InvalidTree(`microbatch: ${place} has no axes; the first is that of the examples`)
      }
      first ??= { place, count }
      if (count !== first.count) {
        throw new InvalidTree(`microbatch: ${place} has ${count} examples, ${first.place} has ${first.count}`)
      }
      return 0
    }, leaves)
  }
  if (first === undefined || first.count === 0) {
    throw new InvalidOption(
      `microbatch: ${batches[0]?.name} must be a batch, got ${first === undefined ? 'no arrays' : 'no examples'}`
    )
  }
  return first.count
}

/** Some rows of an array, as a view. */
const rowsOf = (leaf: Rows, start: number, count: number): Rows => {
  if (!('shape' in leaf)) return leaf.subarray(start, start + count)
  const [, ...rest] = leaf.shape
  const size = rest.reduce((n, length) => n * length, 1)
  return { ...leaf, shape: [count, ...rest], data: leaf.data.subarray(start * size, (start + count) * size) } as NdArray
}

/** The results of all parts, put together as they come. */
const together = (
  resultOf: (part: number) => Tree,
  parts: number,
  accumulator: Accumulator | Tree<Accumulator>
): Tree => {
  const first = resultOf(0)
  const words = tree.leaves<Accumulator>(
    tree.expandPrefix<Accumulator>(accumulator, first, 'microbatch', ['accumulator', 'result'])
  )
  const kept = tree.leaves<Operand>(first).map((x, i) => (words[i] === 'concat' ? listOf(x) : totalOf(words[i], x)))
  for (let part = 1; part < parts; part++) {
    const result = resultOf(part)
    alike(first, result, words, part)
    let at = 0
    const take = (_: Operand, x: Operand): number => {
      kept[at++]?.take(x, part)
      return 0
    }
    tree.map(take, first, result)
  }
  return tree.unflatten(
    first,
    kept.map(({ whole }) => whole(parts))
  ) as Tree
}

/** Refuses the result of a part that is of another form than that of the first. */
const alike = (first: Tree, result: Tree, words: readonly Accumulator[], part: number): void => {
  const names = ['the result of part 1', `the result of part ${part + 1}`] as const
  // Each a prefix of the other: they have one structure.
  tree.expandPrefix<Operand>(first, result, 'microbatch', [...names])
  tree.expandPrefix<Operand>(result, first, 'microbatch', [...names].reverse())
  let at = 0
  tree.mapWithPath(
    (path: string, x: Operand, y: Operand) => {
      const isList = words[at++] === 'concat'
      const [wanted, found] = [formOf(x, isList), formOf(y, isList)]
      if (found !== wanted)
        throw new InvalidTree(`microbatch: ${names[1]}${path} is ${found}, that of part 1 ${wanted}`)
      return 0
    },
    first,
    result
  )
}

/** What results of parts must have alike: dtype and shape, but for the number of rows where those come one after the other. */
const formOf = (x: Operand, isList: boolean): string => {
  if (typeof x === 'number' || (x instanceof Expr && x.isScalar)) return 'a number'
  const shape = shapeOf(x).map((length, i) => (isList && i === 0 ? '…' : length))
  return `${dtypeOf(x)} of shape [${shape.join(', ')}]`
}

const dtypeOf = (x: Expr | Rows): string => {
  if ('dtype' in x) return x.dtype
  return x instanceof Float32Array ? 'float32' : x instanceof Float64Array ? 'float64' : (x as object).constructor.name
}

/** What is kept of one leaf of the results. */
interface Kept {
  readonly take: (x: Operand, part: number) => void
  readonly whole: (parts: number) => Operand
}

const totalOf = (word: Accumulator | undefined, first: Operand): Kept => {
  let total = copyOf(first)
  return {
    take: (x, part) => {
      const share = part / (part + 1)
      total = computed(total, x, word === 'runningMean' ? add(mul(share, total), mul(1 - share, x)) : add(total, x))
    },
    // Of 16 bits, the sum is float32 on the way.
    whole: (parts) => {
      const result = word === 'mean' ? div(total, parts) : total
      return result === total && parts === 1 ? total : computed(total, first, castLike(result, first))
    }
  }
}

/** What is made of arrays is an array; what is made of expressions is one. */
const computed = (a: Operand, b: Operand, result: Operand): Operand =>
  a instanceof Expr || b instanceof Expr ? result : (force(result) as Leaf)

const copyOf = (x: Operand): Operand => {
  if (typeof x === 'number' || x instanceof Expr) return x
  return 'shape' in x ? ({ ...x, shape: [...x.shape], data: x.data.slice() } as NdArray) : x.slice()
}

const listOf = (first: Operand): Kept => {
  const pieces = [rowsIn(first)]
  return { take: (x) => pieces.push(rowsIn(x)), whole: () => joined(pieces) }
}

/** The rows of a result, which the function may write over the next time. */
const rowsIn = (x: Operand): Rows => {
  const leaf = viewsOf(x) as Leaf
  if (typeof leaf !== 'number' && !('shape' in leaf && leaf.shape.length === 0)) return copyOf(leaf) as Rows
  throw new InvalidTree(`microbatch: what is concatenated must have an axis, got ${show(leaf)}`)
}

/** Arrays, one after the other along the first axis. */
const joined = (pieces: readonly Rows[]): Rows => {
  const [first] = pieces as readonly [Rows]
  const arrays = pieces.map((piece) => ('shape' in piece ? piece.data : piece))
  const [{ constructor }] = arrays as [(typeof arrays)[number]]
  const data = new (constructor as new (length: number) => (typeof arrays)[number])(
    arrays.reduce((sum, { length }) => sum + length, 0)
  )
  let at = 0
  for (const array of arrays) {
    data.set(array, at)
    at += array.length
  }
  if (!('shape' in first)) return data as Rows
  const rows = pieces.reduce((sum, piece) => sum + ('shape' in piece ? (piece.shape[0] as number) : piece.length), 0)
  return { ...first, shape: [rows, ...first.shape.slice(1)], data } as NdArray
}
