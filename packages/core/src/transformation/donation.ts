import { bytesOf, type Data } from '../array/dtype.js'
import { isNdArray } from '../array/ndarray.js'
import { type Homes, withHomes } from '../engine/homes.js'
import type { Program } from '../engine/program.js'
import type { PassStep } from '../engine/wasm/steps.js'
import { Expr, eachChild } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { groupedIn } from '../tree/grouping.js'
import { isInner, mapState } from './edge.js'

// An array that a step is given for good may hold what comes of the step. Its elements are needed until the last of what is computed
// from them has been: so it is looked at the whole plan before anything runs, and a result goes to an array of the same length
// that nothing reads from then on but, block by block, the very pass that computes the result. What comes out has the same
// bits. In the end all that was given has other owners: its buffers are transferred, and whoever holds the old arrays finds them empty.

/** Params and a state that are given to a step for good. */
export class Donation {
  /** The buffers that were given and belong to one array each. */
  readonly #given = new Set<ArrayBufferLike>()

  /** Takes what is not needed afterwards, and leaves out what is in what is. */
  constructor(given: readonly unknown[], others: readonly unknown[]) {
    eachArray(given, (data) => {
      if (ownsItsBuffer(data)) this.#given.add(data.buffer)
    })
    eachArray(others, (data) => this.#given.delete(data.buffer))
  }

  /** Runs the evaluation of what comes of a step; `held` are arrays that stand in it as they are. */
  evaluate(trees: readonly unknown[], run: () => void, held: Iterable<Data | null> = []): void {
    const free = new Set(this.#given)
    const wanted = new Set<Expr>()
    for (const data of held) if (data !== null) free.delete(data.buffer)
    eachArray(
      trees,
      (data) => free.delete(data.buffer),
      (node) => wanted.add(node)
    )
    withHomes(new FreeHomes(free, wanted), run)
  }

  /** What came of a step, in arrays that were transferred. All that was given is, also what was not used. */
  moved<T>(tree: T): T {
    const moves = new Map<ArrayBufferLike, ArrayBufferLike>()
    for (const buffer of this.#given) {
      const moved = transferred(buffer as ArrayBuffer)
      if (moved !== null) moves.set(buffer, moved)
    }
    return mapState(tree, (leaf) => {
      if (isVector(leaf)) return movedTo(leaf, moves)
      if (!isArray(leaf)) return leaf
      const data = movedTo(leaf.data, moves)
      return data === leaf.data ? leaf : { ...leaf, data }
    }) as T
  }
}

const isVector = (leaf: unknown): leaf is Data => ArrayBuffer.isView(leaf) && !(leaf instanceof DataView)

const isArray = (leaf: unknown): leaf is { readonly data: Data } =>
  typeof leaf === 'object' && leaf !== null && isNdArray(leaf)

const movedTo = (data: Data, moves: ReadonlyMap<ArrayBufferLike, ArrayBufferLike>): Data => {
  const buffer = moves.get(data.buffer)
  return buffer === undefined ? data : new (data.constructor as new (buffer: ArrayBufferLike) => Data)(buffer)
}

/** Hands a buffer on; `null` for one that its owner keeps, such as the memory of a WebAssembly module. */
const transferred = (buffer: ArrayBuffer & { readonly transfer?: () => ArrayBuffer }): ArrayBuffer | null => {
  try {
    return buffer.transfer?.() ?? structuredClone(buffer, { transfer: [buffer] })
  } catch {
    return null
  }
}

/** Whether nobody else can see the elements of an array but through its buffer. */
const ownsItsBuffer = ({ buffer, byteOffset, byteLength }: Data): boolean =>
  byteLength > 0 &&
  byteOffset === 0 &&
  buffer instanceof ArrayBuffer &&
  byteLength === buffer.byteLength &&
  (buffer as { readonly resizable?: boolean }).resizable !== true

/** Calls back for every array of trees, those of expressions that have their elements too, and for every array that is to be computed. */
const eachArray = (
  trees: readonly unknown[],
  take: (data: Data) => void,
  takePending: (node: Expr) => void = () => {}
): void => {
  const stack: unknown[] = [...trees]
  while (stack.length > 0) {
    const node = stack.pop()
    const grouped = groupedIn(node)
    if (grouped !== undefined) stack.push(...grouped.values)
    else if (node instanceof Expr) {
      if (node.op !== Op.Leaf) takePending(node)
      else if (node.data !== null) take(node.data)
    } else if (isVector(node)) take(node)
    else if (isArray(node)) take(node.data)
    else if (isInner(node)) stack.push(...Object.values(node))
  }
}

/** Gives results the arrays that nothing reads any more. */
class FreeHomes implements Homes {
  readonly #free: Set<ArrayBufferLike>
  readonly #wanted: ReadonlySet<Expr>
  readonly #homes = new Map<Expr, Data>()

  constructor(free: Set<ArrayBufferLike>, wanted: ReadonlySet<Expr>) {
    this.#free = free
    this.#wanted = wanted
  }

  of(output: Expr): Data | undefined {
    return this.#homes.get(output)
  }

  plan(steps: readonly (Expr | PassStep)[]): void {
    const lastReads = new Map<ArrayBufferLike, number>()
    const views = new Map<ArrayBufferLike, Data>()
    let lastOpaque = -1
    steps.forEach((step, at) => {
      // A function of a user may read anything, and may throw.
      if (step instanceof Expr && step.op === Op.Opaque) lastOpaque = at
      for (const data of readsOf(step)) {
        lastReads.set(data.buffer, at)
        if ((views.get(data.buffer) ?? data).constructor !== data.constructor) this.#free.delete(data.buffer)
        views.set(data.buffer, data)
      }
    })
    const idle: Data[] = []
    steps.forEach((step, at) => {
      const ending = readsOf(step).filter(({ buffer }) => this.#free.has(buffer) && lastReads.get(buffer) === at)
      if (!(step instanceof Expr) && step.kernel !== null && at > lastOpaque) this.#house(step.program, ending, idle)
      idle.push(...ending)
    })
  }

  /** Finds homes for what a pass stores: arrays that it is the last to read, or that nothing reads any more. */
  #house(
    { domain, inputs, inputKinds, outputs, outputKinds }: Program,
    ending: readonly Data[],
    idle: readonly Data[]
  ) {
    if (domain !== null) return
    outputs.forEach((node, i) => {
      if (!this.#wanted.has(node)) return
      // Block by block what is read is where it will be written, if it is stored in the same way.
      const isAlike = (data: Data): boolean =>
        inputs.every((input, k) => input.data !== data || inputKinds[k] === outputKinds[i])
      const isFitting = (data: Data): boolean =>
        this.#free.has(data.buffer) && data.BYTES_PER_ELEMENT === bytesOf(node.kind) && data.length === node.extent
      const home = ending.find((data) => isFitting(data) && isAlike(data)) ?? idle.find(isFitting)
      if (home === undefined) return
      this.#free.delete(home.buffer)
      this.#homes.set(node, home)
    })
  }
}

/** The arrays that are read in a step. */
const readsOf = (step: Expr | PassStep): readonly Data[] => {
  const found: Data[] = []
  const take = ({ op, data }: Expr): void => {
    if (op === Op.Leaf && data !== null) found.push(data)
  }
  if (step instanceof Expr) eachChild(step, take)
  else step.program.inputs.forEach(take)
  return found
}
