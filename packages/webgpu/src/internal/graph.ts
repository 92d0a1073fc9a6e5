import { type DType, InvalidOption, LazyValue } from '@gradchain/core'
import { type Expr, type NodeName, nodeNameOf, nodeOf, pendingOrder } from '@gradchain/core/engine'
import type { Assignment, DeviceDType, Slot } from './runner.js'

/** What a node of a graph is computed from: an earlier node, or a number that the host knows, by its place in the row of those. */
export type Ref = { readonly node: number } | { readonly number: number }

/** A node of a graph, its operands by their places. */
export interface GraphPart {
  readonly name: NodeName | 'slot' | 'constant' | 'given'
  /** What it is made of on the device; `'number'` for one number. */
  readonly dtype: DeviceDType | 'number'
  readonly shape: readonly number[]
  readonly size: number
  readonly operands: readonly Ref[]
  readonly expr: Expr
  /** Where it lies, of what is given. */
  readonly slot: Slot | null
}

/** A graph as it was met: what tells it from others, and what may be otherwise the next time. */
export interface Met {
  /** Everything but numbers and elements that the host knows. */
  readonly signature: readonly number[]
  /** Whose operand each number is that the host knows, and which one, in the order in which they were met. */
  readonly users: readonly Expr[]
  readonly places: readonly ('a' | 'b' | 'c')[]
  /** The arrays that the host knows. */
  readonly constants: readonly Expr[]
  readonly order: readonly Expr[]
}

const NUMBER = -1
const LEAF = -2
const NONE = -3
const CODES: Readonly<Record<DeviceDType | 'float64', number>> = { float32: 0, float64: 0, bfloat16: 2, float16: 3 }

/** Slots and what stands for them. */
export interface Givens {
  readonly slotOf: (node: Expr) => Slot | undefined
  /** A number for a buffer, never that of another one. */
  readonly idOf: (slot: Slot) => number
}

const dtypeIn = (dtype: DType): DeviceDType => (dtype === 'float64' ? 'float32' : dtype)

/** Goes through a graph. */
export const meet = (assignments: readonly Assignment[], { slotOf, idOf }: Givens): Met => {
  const roots = assignments.map(({ node }) => node)
  const order = pendingOrder(roots)
  const signature: number[] = []
  const users: Expr[] = []
  const ofUsers: ('a' | 'b' | 'c')[] = []
  const constants: Expr[] = []
  const places = new Map<Expr, number>()

  const slotted = ({ offset, length, dtype }: Slot, id: number): void => {
    signature.push(id, offset, length, CODES[dtype])
  }

  const constantOf = (x: Expr): number => {
    const known = places.get(x)
    if (known !== undefined) return known
    if (x.dtype === 'float64' && slotOf(x) === undefined) {
      throw new InvalidOption('webgpu: an array must be float32, float16 or bfloat16, as devices have no float64')
    }
    places.set(x, constants.length)
    return constants.push(x) - 1
  }

  const operand = (x: Expr | number | null, user: Expr, place: 'a' | 'b' | 'c'): void => {
    if (x === null) signature.push(NONE)
    else if (typeof x === 'number' || (x.isScalar && nodeNameOf(x.op) === 'leaf')) {
      signature.push(NUMBER)
      users.push(user)
      ofUsers.push(place)
    } else if (nodeNameOf(x.op) === 'leaf') {
      const before = constants.length
      const place = constantOf(x)
      signature.push(LEAF, place)
      if (place < before) return
      const slot = slotOf(x)
      signature.push(CODES[x.dtype], x.extent, ...(x.shape ?? [x.extent]))
      if (slot !== undefined) slotted(slot, idOf(slot))
    } else signature.push(x.register)
  }

  for (let i = 0; i < order.length; i++) {
    const x = order[i] as Expr
    x.register = i
    signature.push(x.op, x.isScalar ? NUMBER : CODES[x.dtype], x.extent)
    const { form } = x
    if (form !== null) for (let axis = 0; axis < form.length; axis++) signature.push(form[axis] as number)
    if (x.more !== null) {
      const slot = slotOf(x)
      if (slot === undefined) for (const y of x.more) operand(y, x, 'a')
      else slotted(slot, idOf(slot))
    } else {
      operand(x.a, x, 'a')
      operand(x.b, x, 'b')
      operand(x.c, x, 'c')
    }
    if (x.detail !== null) detailOf(x, signature)
  }
  for (const { node, to } of assignments) {
    operand(node, node, 'a')
    slotted(to, idOf(to))
  }
  return { signature, users, places: ofUsers, constants, order }
}

const REDUCTIONS = { sum: 0, minOf: 1, maxOf: 2 } as const

const detailOf = (x: Expr, signature: number[]): void => {
  const node = nodeOf(x)
  if (node.name === 'reduce') signature.push(REDUCTIONS[node.by], ...node.axes)
  else if (node.name === 'permute') signature.push(...node.order)
  else if (node.name === 'matmul') {
    signature.push(Number(node.transposeA), Number(node.transposeB), Number(node.symmetric))
  }
}

/** A graph, taken apart. */
export interface Graph {
  readonly parts: readonly GraphPart[]
  /** Where the roots are. */
  readonly roots: readonly Ref[]
}

/** Takes a graph apart whose like was not met before. */
export const takeApart = (assignments: readonly Assignment[], met: Met, { slotOf }: Givens): Graph => {
  const parts: GraphPart[] = []
  let numbers = 0
  const places = new Map<Expr, number>()
  const constants = met.constants.map((x): GraphPart => {
    const [dtype, shape] = [dtypeIn(x.dtype), x.shape ?? [x.extent]]
    const slot = slotOf(x) ?? null
    return { name: slot === null ? 'constant' : 'slot', dtype, shape, size: x.extent, operands: [], expr: x, slot }
  })
  constants.forEach((part) => {
    places.set(part.expr, parts.length)
    parts.push(part)
  })

  const ref = (x: Expr | number): Ref => {
    if (typeof x === 'number' || (x.isScalar && nodeNameOf(x.op) === 'leaf')) return { number: numbers++ }
    return { node: places.get(x) as number }
  }

  for (const x of met.order) {
    const slot = slotOf(x)
    const own = nodeOf(x)
    const operands = own.operands.map(ref)
    const [first] = operands
    const below = first !== undefined && 'node' in first ? parts[first.node] : undefined
    const name = nameOf(own.name, slot, below)
    if (name === 'opaque') throw new LazyValue(refused(x))
    places.set(x, parts.length)
    parts.push({
      name,
      dtype: own.dtype === 'number' ? 'number' : dtypeIn(own.dtype),
      shape: own.shape,
      size: own.dtype === 'number' ? 1 : x.extent,
      operands,
      expr: x,
      slot: slot ?? (name === 'given' ? (below?.slot ?? null) : null)
    })
  }
  return { parts, roots: assignments.map(({ node }) => ref(node)) }
}

/** A number that lies in a slot is the sum of what lies there. */
const nameOf = (name: NodeName, slot: Slot | undefined, below: GraphPart | undefined): GraphPart['name'] => {
  if (slot !== undefined) return 'slot'
  const isGiven = name === 'sum' && below?.name === 'slot' && below.size === 1 && below.dtype === 'float32'
  return isGiven ? 'given' : name
}

const refused = (x: Expr): string => {
  const node = nodeOf(x)
  const called = node.name === 'opaque' && node.f.name !== '' ? ` ${node.f.name}` : ''
  return `webgpu: an opaque function${called} works on whole arrays, which are on the device: it needs them read back`
}

/** The numbers that the host knows of a graph, at the moment. */
export const numbersOf = ({ users, places }: Met, into: Float32Array): void => {
  for (let i = 0; i < users.length; i++) {
    const user = users[i] as Expr
    const place = places[i]
    const operand = place === 'a' ? user.a : place === 'b' ? user.b : user.c
    const x = nodeNameOf(user.op) === 'leaf' ? user.value : operand
    into[i] = typeof x === 'number' ? x : (x as Expr).value
  }
}
