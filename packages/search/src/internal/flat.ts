// Params as one list of numbers, and back: what a strategy keeps is lists, which survive JSON.
import { force, InvalidTree, isContainer, type Leaf, ndarray, show, type Tree, type TreeOf } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * What params look like: their tree, with a text in place of each leaf: `number`, `float32:5` for a bare array of 5, `float32[2,3]`
 * for one with a shape.
 */
export type ParamsForm = TreeOf<string>

/** A list of numbers. */
export type SearchVector = readonly number[]

type Shaped = Exclude<Leaf, number | ArrayBufferView>

const isShaped = (leaf: object): leaf is Shaped => {
  const { dtype, shape, data } = leaf as Partial<Shaped>
  return typeof dtype === 'string' && Array.isArray(shape) && ArrayBuffer.isView(data)
}

const TAGS: Readonly<Record<string, string>> = {
  Float32Array: 'float32',
  Float64Array: 'float64',
  Float16Array: 'float16'
}

/** The dtype of a bare array; `undefined` for anything else. */
const bareDtype = (leaf: unknown): string | undefined =>
  ArrayBuffer.isView(leaf)
    ? TAGS[(leaf as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? '']
    : undefined

/** The form of params. */
export const formOf = (owner: string, params: unknown): ParamsForm =>
  tree.mapWithPath(
    (path: string, leaf: unknown): string => {
      if (typeof leaf === 'number') return 'number'
      const dtype = bareDtype(leaf)
      if (dtype !== undefined) return `${dtype}:${(leaf as Float32Array).length}`
      if (typeof leaf === 'object' && leaf !== null && isShaped(leaf)) return `${leaf.dtype}[${leaf.shape.join(',')}]`
      throw new InvalidTree(`${owner}: params${path} is ${show(leaf)}; a leaf must be a number or an array of numbers`)
    },
    params as TreeOf<unknown>
  )

/** The elements of a tree of params, leaf by leaf. */
export const flattened = (params: unknown): number[] => {
  const all: number[] = []
  tree.map(
    (leaf: unknown): null => {
      if (typeof leaf === 'number') all.push(leaf)
      else for (const x of elementsOf(leaf as Exclude<Leaf, number>)) all.push(x)
      return null
    },
    params as TreeOf<unknown>
  )
  return all
}

const elementsOf = (leaf: Exclude<Leaf, number>): Iterable<number> => {
  if (ArrayBuffer.isView(leaf)) return leaf as unknown as Iterable<number>
  if (leaf.dtype === 'float32' || leaf.dtype === 'float64') return leaf.data
  const [wide] = force(tree.cast([leaf], 'float64')) as readonly [Shaped]
  return wide.data
}

const SHAPED = /^(\w+)\[(.*)\]$/

/** The dtype and the shape that a text stands for; `null` for the shape of a bare array. */
const partsOf = (
  text: string
): { readonly dtype: string; readonly shape: readonly number[] | null; readonly size: number } => {
  if (text === 'number') return { dtype: 'number', shape: null, size: 1 }
  const [, dtype, lengths] = SHAPED.exec(text) ?? []
  if (dtype !== undefined) {
    const shape = lengths === '' ? [] : (lengths as string).split(',').map(Number)
    return { dtype, shape, size: shape.reduce((size, length) => size * length, 1) }
  }
  const [bare, length] = text.split(':')
  return { dtype: bare as string, shape: null, size: Number(length) }
}

/** How many elements stand at each leaf of a form, and in which dtype. */
export const leavesOf = (form: ParamsForm): readonly { readonly dtype: string; readonly size: number }[] =>
  tree.leaves(form).map(partsOf)

/** Params of a form out of their elements, rounded to its dtypes. */
export const unflattened = (form: ParamsForm, x: SearchVector): Tree<Leaf> => {
  let at = 0
  return tree.map((text: string): Leaf => {
    const { dtype, shape, size } = partsOf(text)
    at += size
    if (dtype === 'number') return x[at - 1] as number
    const values = x.slice(at - size, at)
    return shape === null ? bareOf(dtype, values) : shapedOf(dtype, shape, values)
  }, form) as Tree<Leaf>
}

const shapedOf = (dtype: string, shape: readonly number[], values: readonly number[]): Leaf =>
  ndarray(values, shape, dtype as 'float32')

const bareOf = (dtype: string, values: readonly number[]): Leaf => {
  if (dtype === 'float32') return Float32Array.from(values)
  if (dtype === 'float64') return Float64Array.from(values)
  // There was one, so that the runtime has it.
  const { Float16Array } = globalThis as unknown as {
    readonly Float16Array: { readonly from: (values: readonly number[]) => Float32Array }
  }
  return Float16Array.from(values)
}

/** Whether a tree of leaves has a form. */
export const fits = (form: ParamsForm, params: unknown): boolean => {
  if (!isContainer(form)) return form === formOrNull(params)
  if (!isContainer(params)) return false
  const [ours, theirs] = [Object.keys(form), Object.keys(params)]
  return (
    ours.length === theirs.length &&
    ours.every(
      (key) =>
        key in params &&
        fits((form as Record<string, ParamsForm>)[key] as ParamsForm, (params as Record<string, unknown>)[key])
    )
  )
}

const formOrNull = (leaf: unknown): ParamsForm | undefined => {
  if (leaf === null) return null
  try {
    return formOf('', leaf)
  } catch {
    return undefined
  }
}
