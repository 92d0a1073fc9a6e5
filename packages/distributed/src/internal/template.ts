import { Expr, InvalidTree, isContainer, LazyValue, show } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { bytesOf, type Elements, elementsIn, elementsOver, LEAF_TYPES, type LeafType, typeOfArray } from './elements.js'

/** What stands at a leaf: a number, a bare typed array, an array with a shape, or something that is the same on all ranks. */
export type LeafForm =
  | { readonly leaf: 'number' }
  | { readonly leaf: 'bare'; readonly type: LeafType; readonly length: number }
  | { readonly leaf: 'shaped'; readonly type: LeafType; readonly shape: readonly number[] }
  | { readonly leaf: 'constant'; readonly value: string | boolean | { readonly bigint: string } }

/** The form of a tree, without its numbers: plain data that survives JSON, for ranks that have another tree. */
export type Template =
  | null
  | LeafForm
  | { readonly list: readonly Template[] }
  | { readonly fields: Readonly<Record<string, Template>> }

/** The numbers of a leaf that has any, and what they are. */
export interface FlatLeaf {
  readonly type: LeafType
  readonly elements: Elements
}

/** A tree taken apart. Its leaves come in the order of their names, so that trees with the same names have them in the same order. */
export interface Flat {
  readonly template: Template
  readonly leaves: readonly FlatLeaf[]
  /** Stands for the template: two words that differ when templates do, as good as surely. */
  readonly hash: readonly [number, number]
}

/** Takes a tree apart. @throws InvalidTree, LazyValue with the path, for leaves that ranks cannot send each other. */
export const flatten = (owner: string, given: unknown): Flat => {
  const leaves: FlatLeaf[] = []
  const hash = new Hash()

  const visit = (value: unknown, depth: number): Template => {
    if (!isContainer(value)) return value === null ? hash.mark(0, null) : leafOf(value)
    if (depth > DEEPEST) throw FLAWED
    if (Array.isArray(value)) {
      hash.mark(1, null)
      hash.add(value.length)
      return { list: Array.from(value, (item) => visit(item, depth + 1)) }
    }
    const fields = value as Readonly<Record<string, unknown>>
    const keys = Object.keys(fields)
    hash.mark(2, null)
    hash.add(keys.length)
    const templates: Record<string, Template> = Object.fromEntries(keys.map((key) => [key, null]))
    for (const key of inOrder(keys)) {
      if (key === '__proto__') throw FLAWED
      hash.text(key)
      templates[key] = visit(fields[key], depth + 1)
    }
    return { fields: templates }
  }

  const leafOf = (value: unknown): Template => {
    if (typeof value === 'number') {
      leaves.push({ type: 'float64', elements: Float64Array.of(value) })
      return hash.mark(3, { leaf: 'number' })
    }
    if (typeof value === 'string') return constant(4, value, value)
    if (typeof value === 'boolean') return constant(5, value, String(value))
    if (typeof value === 'bigint') return constant(6, { bigint: String(value) }, String(value))
    const found = arrayIn(value)
    if (found === undefined) throw FLAWED
    leaves.push(found)
    const { type, elements, shape } = found
    hash.mark(shape === undefined ? 7 : 8, null)
    hash.add(LEAF_TYPES.indexOf(type))
    if (shape === undefined) {
      hash.add(elements.length)
      return { leaf: 'bare', type, length: elements.length }
    }
    hash.add(shape.length)
    for (const length of shape) hash.add(length)
    return { leaf: 'shaped', type, shape }
  }

  const constant = (mark: number, value: string | boolean | { readonly bigint: string }, text: string): Template => {
    hash.mark(mark, null)
    hash.text(text)
    return { leaf: 'constant', value }
  }

  try {
    return { template: visit(given, 0), leaves, hash: hash.words() }
  } catch (error) {
    throw error === FLAWED ? flawIn(owner, given) : error
  }
}

const DEEPEST = 1000
const FLAWED = /* @__PURE__ */ Symbol('flawed')

/** The numbers and the shape of an array; `undefined` for what is none. */
const arrayIn = (value: unknown): (FlatLeaf & { readonly shape?: readonly number[] }) | undefined => {
  const bare = typeOfArray(value)
  if (bare !== undefined) return { type: bare, elements: elementsIn(bare, value as ArrayBufferView) }
  if (typeof value !== 'object' || value === null) return undefined
  const { dtype, shape, data } = value as {
    readonly dtype?: LeafType
    readonly shape?: unknown
    readonly data?: unknown
  }
  if (dtype === undefined || !DTYPES.includes(dtype) || !Array.isArray(shape)) return undefined
  const stored = typeOfArray(data)
  const isStoredSo = stored === dtype || (stored === 'uint16' && (dtype === 'bfloat16' || dtype === 'float16'))
  if (!isStoredSo) return undefined
  const elements = elementsIn(dtype, data as ArrayBufferView)
  const size = shape.reduce((length: number, axis: number) => length * axis, 1)
  return size === elements.length ? { type: dtype, elements, shape: [...(shape as number[])] } : undefined
}

const DTYPES: readonly LeafType[] = ['float32', 'float64', 'bfloat16', 'float16']

/** Says what is wrong with a tree, and where. */
const flawIn = (owner: string, given: unknown): Error => {
  tree.mapWithPath((path: string, value: unknown): null => {
    if (value instanceof Expr) throw new LazyValue(`${owner}: tree${path} is not evaluated yet; see \`force\``)
    const isFine = ['number', 'string', 'boolean', 'bigint'].includes(typeof value) || arrayIn(value) !== undefined
    if (!isFine) {
      throw new InvalidTree(
        `${owner}: tree${path} is ${show(value)}; a leaf must be a number, a typed array, an NdArray, a text, true or false, or a bigint`
      )
    }
    return null
  }, given as never)
  return new InvalidTree(`${owner}: tree is nested more than ${DEEPEST} deep`)
}

/** Keys in the order in which all ranks have them. */
const inOrder = (keys: readonly string[]): readonly string[] => {
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] as string) > (keys[i] as string)) return [...keys].sort()
  return keys
}

/** What the numbers of a template's leaves are, and how many, in their order. */
export const sizesIn = (template: Template): { readonly type: LeafType; readonly length: number }[] => {
  const sizes: { type: LeafType; length: number }[] = []
  const visit = (node: Template): void => {
    if (node === null) return
    if ('list' in node) node.list.forEach(visit)
    else if ('fields' in node) {
      for (const key of inOrder(Object.keys(node.fields))) visit(node.fields[key] as Template)
    } else if (node.leaf === 'number') sizes.push({ type: 'float64', length: 1 })
    else if (node.leaf === 'bare') sizes.push({ type: node.type, length: node.length })
    else if (node.leaf === 'shaped') {
      sizes.push({ type: node.type, length: node.shape.reduce((size, axis) => size * axis, 1) })
    }
  }
  visit(template)
  return sizes
}

/** The tree of a template, with these numbers at its leaves, in their order. */
export const assemble = (template: Template, values: readonly Elements[]): unknown => {
  let used = 0
  const take = (): Elements => values[used++] as Elements
  const visit = (node: Template): unknown => {
    if (node === null) return null
    if ('list' in node) return node.list.map(visit)
    if ('fields' in node) {
      const fields = node.fields
      const built: Record<string, unknown> = { ...fields }
      for (const key of inOrder(Object.keys(fields))) built[key] = visit(fields[key] as Template)
      return built
    }
    if (node.leaf === 'number') return take()[0]
    if (node.leaf === 'constant') return typeof node.value === 'object' ? BigInt(node.value.bigint) : node.value
    if (node.leaf === 'shaped') return { dtype: node.type, shape: [...node.shape], data: take() }
    return node.type === 'float16' ? float16Over(take()) : take()
  }
  return visit(template)
}

type Float16 = new (buffer: ArrayBufferLike, offset: number, length: number) => Float32Array

/** Bits as a `Float16Array`; where the runtime has none, as another rank's may, as an array of gradchain, which is the same vector. */
const float16Over = (bits: Elements): unknown => {
  const { Float16Array: Half } = globalThis as unknown as { readonly Float16Array?: Float16 }
  return Half === undefined
    ? { dtype: 'float16', shape: [bits.length], data: bits }
    : new Half(bits.buffer, bits.byteOffset, bits.length)
}

/** In which path two templates differ first, and what each has there; `undefined` when they are the same. */
export const differenceOf = (
  first: Template,
  second: Template
): { readonly path: string; readonly first: string; readonly second: string } | undefined => {
  const [ours, theirs] = [wordsIn(first), wordsIn(second)]
  for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
    const [a, b] = [ours.get(path) ?? 'nothing', theirs.get(path) ?? 'nothing']
    if (a !== b) return { path, first: a, second: b }
  }
  return undefined
}

/** What stands at a leaf, in words. */
export const leafInWords = (form: LeafForm): string => {
  if (form.leaf === 'number') return 'a number'
  if (form.leaf === 'constant') return typeof form.value === 'object' ? `${form.value.bigint}n` : show(form.value)
  if (form.leaf === 'bare') return `a bare ${form.type} array of length ${form.length}`
  return `a ${form.type} array of shape [${form.shape.join(', ')}]`
}

/** What stands at each path of a template, in words. */
const wordsIn = (template: Template): ReadonlyMap<string, string> => {
  const words = new Map<string, string>()
  const textTree = (node: Template): unknown => {
    if (node === null) return 'null'
    if ('list' in node) return node.list.length === 0 ? 'an empty list' : node.list.map(textTree)
    if ('fields' in node) {
      const entries = Object.entries(node.fields)
      return entries.length === 0
        ? 'an empty object'
        : Object.fromEntries(entries.map(([key, child]) => [key, textTree(child)]))
    }
    return leafInWords(node)
  }
  tree.mapWithPath((path: string, text: unknown) => words.set(`tree${path}`, String(text)), textTree(template) as never)
  return words
}

/** Two words that stand for what was added to them. */
class Hash {
  private a = 0x9e3779b9 | 0
  private b = 0x243f6a88 | 0

  add(x: number): void {
    // Lengths may be beyond 32 bits.
    this.mix(x | 0)
    if (x > 0x7fffffff) this.mix(Math.floor(x / 0x80000000))
  }

  text(text: string): void {
    this.mix(text.length)
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i))
  }

  mark<T>(kind: number, value: T): T {
    this.mix(kind ^ 0x5bd1e995)
    return value
  }

  words(): readonly [number, number] {
    return [settled(this.a), settled(this.b ^ this.a)]
  }

  private mix(x: number): void {
    this.a = Math.imul((this.a ^ x) + (this.a >>> 15), 0x01000193)
    this.b = Math.imul((this.b + x) ^ (this.b >>> 13), 0x5bd1e995)
  }
}

/** Spreads what the last additions did over all bits. */
const settled = (word: number): number => {
  const first = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return second ^ (second >>> 16)
}

/** Where each of several arrays begins when they lie one behind the other, each at a multiple of eight bytes, and how many bytes that takes. */
const layoutOf = (sizes: readonly { readonly type: LeafType; readonly length: number }[]) => {
  let end = 0
  const offsets = sizes.map(({ type, length }) => {
    const at = end
    end += 8 * Math.ceil((length * bytesOf(type)) / 8)
    return at
  })
  return { offsets, end }
}

/** How many bytes the numbers of leaves take as {@link packed}. */
export const packedSize = (leaves: readonly FlatLeaf[]): number =>
  layoutOf(leaves.map(({ type, elements }) => ({ type, length: elements.length }))).end

/** The numbers of leaves as fresh bytes. */
export const packed = (leaves: readonly FlatLeaf[]): Uint8Array<ArrayBufferLike> => {
  const { offsets, end } = layoutOf(leaves.map(({ type, elements }) => ({ type, length: elements.length })))
  const bytes = new Uint8Array(end)
  leaves.forEach(({ elements: { buffer, byteOffset, byteLength } }, i) => {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offsets[i])
  })
  return bytes
}

/** The tree of a template out of {@link packed} numbers, over their memory. */
export const unpacked = (template: Template, bytes: Uint8Array<ArrayBufferLike>): unknown => {
  const sizes = sizesIn(template)
  const { offsets } = layoutOf(sizes)
  const values = sizes.map(({ type, length }, i) =>
    elementsOver(type, bytes.buffer, bytes.byteOffset + (offsets[i] as number), length)
  )
  return assemble(template, values)
}
