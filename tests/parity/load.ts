import { readFileSync } from 'node:fs'

/** The dtypes that trajectories were generated in. */
export type DType = 'float64' | 'float32'

/** A leaf as users write it: a number only where the dtype is float64. */
export type Leaf =
  | number
  | Float32Array
  | Float64Array
  | { readonly dtype: DType; readonly shape: readonly number[]; readonly data: Float32Array | Float64Array }

/** A tree of leaves. */
export type Tree = Leaf | readonly Tree[] | { readonly [key: string]: Tree }

/** The leaves of one tree in the order of {@link TreeData.leaves}, each row by row. */
export type Flat = readonly (readonly number[])[]

/** Where the leaves of a tree stand: `null` is a leaf. */
type Structure = null | readonly Structure[] | { readonly [key: string]: Structure }

/** Where the data comes from. */
export interface Source {
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
}

/** Params and gradients that many cases share. Every number is a float32, so both dtypes use them. */
export interface TreeData {
  readonly name: string
  readonly structure: Structure
  /** Path (`layers[0].w`, empty for a bare leaf) and shape of each leaf. */
  readonly leaves: readonly { readonly path: string; readonly shape: readonly number[] }[]
  readonly params: Flat
  /** Gradients of each step, by the name of their set. */
  readonly gradients: ReadonlyMap<string, readonly Flat[]>
}

/** What Optax did with one transformation on one tree. */
export interface Trajectory {
  readonly name: string
  /** The Optax expression. */
  readonly expression: string
  readonly tree: TreeData
  /** The gradients of each step. */
  readonly gradients: readonly Flat[]
  /** Extra arguments of `update` at each step. */
  readonly extra: readonly Readonly<Record<string, number>>[]
  /** Whether errors count relative to a leaf's largest update, or to its largest final param. */
  readonly scale: 'updates' | 'params'
  /** The updates of each step. */
  readonly updates: readonly Flat[]
  /** The params after the last step. */
  readonly params: Flat
  /** Lookahead's slow params after each step. */
  readonly slow: readonly Flat[] | undefined
}

/** What a pure function of (gradients, params) returned at each step. */
export interface FunctionRun {
  readonly name: string
  readonly expression: string
  readonly tree: TreeData
  /** Whether the result is the params of the next step. */
  readonly fold: boolean
  /** Whether a result is a tree like the params or a number, which is one leaf with one element. */
  readonly result: 'tree' | 'number'
  readonly results: readonly Flat[]
}

/** What PyTorch did with one optimizer on one tree. */
export interface TorchRun {
  readonly name: string
  /** The PyTorch expression. */
  readonly expression: string
  readonly tree: TreeData
  /** The params, or their average, after each step. */
  readonly params: Readonly<Record<DType, readonly Flat[]>>
}

/** What a schedule returned, in float64. */
export interface ScheduleRun {
  readonly name: string
  readonly expression: string
  readonly values: readonly number[]
}

/** Reads the shared trees. */
export const loadTrees = (): ReadonlyMap<string, TreeData> => {
  const file = readObject('trees.json')
  return new Map(
    array(file.trees, 'trees').map((value, i) => {
      const tree = decodeTree(object(value, `trees[${i}]`))
      return [tree.name, tree]
    })
  )
}

/** Reads everything of one dtype. */
export const loadRuns = (
  dtype: DType
): { readonly source: Source; readonly cases: readonly Trajectory[]; readonly functions: readonly FunctionRun[] } => {
  const file = readObject(`${dtype}.json`)
  if (file.dtype !== dtype) throw new Error(`parity data: ${dtype}.json is of dtype ${file.dtype}`)
  const trees = loadTrees()
  const runs = (key: 'cases' | 'functions') =>
    array(file[key], key).map((run, i) => object(run, `${dtype}.json: ${key}[${i}]`))
  return {
    source: decodeSource(file),
    cases: unique(runs('cases').map((run) => decodeTrajectory(run, trees))),
    functions: unique(runs('functions').map((run) => decodeFunction(run, trees)))
  }
}

/** Reads the schedules, and the steps at which they were evaluated. */
export const loadSchedules = (): {
  readonly source: Source
  readonly steps: readonly number[]
  readonly schedules: readonly ScheduleRun[]
} => {
  const file = readObject('schedules.json')
  const steps = numbers(file.steps, 'steps')
  return {
    source: decodeSource(file),
    steps,
    schedules: array(file.schedules, 'schedules').map((value) => {
      const run = object(value, 'schedules')
      const name = text(run.name, 'name')
      return { name, expression: text(run.expression, name), values: numbers(run.values, name, steps.length) }
    })
  }
}

/** What a framework did with one optimizer on one tree, in one dtype. */
export interface FrameworkRun extends Pick<TorchRun, 'name' | 'expression' | 'tree'> {
  readonly dtype: DType
  /** The params after each step. */
  readonly params: readonly Flat[]
}

/** Reads what a framework computed, and what its schedules returned at steps 0, 1, 2, …. */
export const loadFramework = (
  framework: string
): {
  readonly source: Source
  readonly cases: readonly FrameworkRun[]
  readonly schedules: readonly ScheduleRun[]
} => {
  const file = readObject(`${framework}.json`)
  const trees = loadTrees()
  const cases = array(file.cases, 'cases').flatMap((value) => {
    const run = object(value, `${framework}.json: cases`)
    const name = text(run.name, 'name')
    const tree = treeOf(run, trees, name)
    const params = object(run.params, name)
    const count = tree.gradients.get('plain')?.length
    return (['float64', 'float32'] as const)
      .filter((dtype) => params[dtype] !== undefined)
      .map((dtype) => ({
        name,
        expression: text(run.expression, name),
        tree,
        dtype,
        params: decodeSteps(params[dtype], lengthsOf(tree), `${name}.params.${dtype}`, count)
      }))
  })
  return { source: decodeSource(file), cases, schedules: decodeSchedules(file, `${framework}.json`) }
}

/** Reads what PyTorch's schedules did. */
export const loadTorchSchedules = (): { readonly source: Source; readonly schedules: readonly ScheduleRun[] } => {
  const file = readObject('torch_schedules.json')
  return { source: decodeSource(file), schedules: decodeSchedules(file, 'torch_schedules.json') }
}

/** An array of numbers. */
export interface Shaped {
  readonly shape: readonly number[]
  readonly numbers: readonly number[]
}

/** What Optax did with one loss, in one dtype. */
export interface LossRun {
  readonly results: readonly Shaped[]
  /** The gradients of the sum of all results, by the name of the argument. */
  readonly gradients: ReadonlyMap<string, readonly number[]>
  /** The product of the Hessian by the first of them with a vector. */
  readonly product: { readonly along: readonly number[]; readonly numbers: readonly number[] } | undefined
}

/** A loss, its arguments, and what Optax did with it. */
export interface LossCase extends Readonly<Record<DType, LossRun>> {
  readonly name: string
  /** The Optax expression. */
  readonly expression: string
  readonly inputs: Readonly<Record<string, Shaped>>
}

/** Reads what Optax computed of losses. */
export const loadLosses = (): { readonly source: Source; readonly cases: readonly LossCase[] } => {
  const file = readObject('losses.json')
  const cases = array(file.cases, 'cases').map((value) => {
    const run = object(value, 'losses.json: cases')
    const name = text(run.name, 'name')
    const inputs = Object.entries(object(run.inputs, name)).map(([key, x]) => [key, decodeShaped(x, `${name}.${key}`)])
    return {
      name,
      expression: text(run.expression, name),
      inputs: Object.fromEntries(inputs) as LossCase['inputs'],
      float64: decodeLoss(run.float64, name),
      float32: decodeLoss(run.float32, name)
    }
  })
  return { source: decodeSource(file), cases }
}

/** Reads what PyTorch computed. */
export const loadTorch = (): { readonly source: Source; readonly cases: readonly TorchRun[] } => {
  const file = readObject('torch.json')
  const trees = loadTrees()
  const cases = array(file.cases, 'cases').map((value) => {
    const run = object(value, 'torch.json: cases')
    const name = text(run.name, 'name')
    const tree = treeOf(run, trees, name)
    const params = object(run.params, name)
    const count = tree.gradients.get('plain')?.length
    const stepsOf = (dtype: DType) => decodeSteps(params[dtype], lengthsOf(tree), `${name}.params.${dtype}`, count)
    return {
      name,
      expression: text(run.expression, name),
      tree,
      params: { float64: stepsOf('float64'), float32: stepsOf('float32') }
    }
  })
  return { source: decodeSource(file), cases: unique(cases) }
}

/** The tree with these leaves: vectors as bare typed arrays, other ranks as arrays with a shape, a float64 as a number. */
export const build = (tree: TreeData, flat: Flat, dtype: DType, ndarray: MakeArray): Tree => {
  const leaves = new Map(tree.leaves.map(({ path, shape }, i) => [path, leafOf(flat[i] ?? [], shape, dtype, ndarray)]))
  const visit = (node: Structure, path: string): Tree => {
    if (node === null) return leaves.get(path) ?? fail(`${tree.name} has no leaf at '${path}'`)
    if (isList(node)) return node.map((child, i) => visit(child, `${path}[${i}]`))
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child, join(path, key))]))
  }
  return visit(tree.structure, '')
}

/** Gradchain's `ndarray`, as it is needed here. */
export type MakeArray = (data: Float64Array | Float32Array, shape: readonly number[]) => Leaf

const leafOf = (data: readonly number[], shape: readonly number[], dtype: DType, ndarray: MakeArray): Leaf => {
  if (shape.length === 0 && dtype === 'float64') return data[0] ?? fail('a number is missing')
  const typed = dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data)
  return shape.length === 1 ? typed : ndarray(typed, shape)
}

/** The path of a child with this key. */
export const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

// Decoding. What is wrong in a file is a mistake of whoever generated it: it throws, and says where.

type Field = keyof Source | keyof TreeData | keyof Trajectory | keyof FunctionRun | keyof ScheduleRun
type Fields = {
  readonly [K in
    | Field
    | DType
    | 'dtype'
    | 'trees'
    | 'cases'
    | 'functions'
    | 'schedules'
    | 'steps'
    | 'path'
    | 'shape'
    | 'inputs'
    | 'numbers'
    | 'along'
    | 'product']?: unknown
}

const readObject = (name: string) =>
  object(JSON.parse(readFileSync(new URL(`./data/${name}`, import.meta.url), 'utf8')), name)

const fail = (what: string): never => {
  throw new Error(`parity data: ${what}`)
}

const isList = (value: Structure): value is readonly Structure[] => Array.isArray(value)

const object = (value: unknown, place: string): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : fail(`${place} must be an object`)

const array = (value: unknown, place: string): readonly unknown[] =>
  Array.isArray(value) ? value : fail(`${place} must be a list`)

const text = (value: unknown, place: string): string =>
  typeof value === 'string' && value !== '' ? value : fail(`${place} must be text`)

const SPECIAL = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY]
])

const number = (value: unknown, place: string): number =>
  typeof value === 'number' ? value : (SPECIAL.get(value) ?? fail(`${place} must be a number, got ${value}`))

const numbers = (value: unknown, place: string, length?: number): readonly number[] => {
  const list = array(value, place).map((x) => number(x, place))
  if (length !== undefined && list.length !== length) fail(`${place} must have ${length} numbers, has ${list.length}`)
  return list
}

const unique = <Run extends { name: string; tree: TreeData }>(runs: readonly Run[]): readonly Run[] => {
  const names = runs.map((run) => `${run.name} on ${run.tree.name}`)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  return twice === undefined ? runs : fail(`${twice} is there twice`)
}

const decodeShaped = (value: unknown, place: string): Shaped => {
  const { shape, numbers: elements } = object(value, place)
  const lengths = numbers(shape, place)
  return { shape: lengths, numbers: numbers(elements, place, size(lengths)) }
}

const decodeLoss = (value: unknown, place: string): LossRun => {
  const run = object(value, place)
  const { along, product } = run
  return {
    results: array(run.results, place).map((x) => decodeShaped(x, place)),
    gradients: new Map(Object.entries(object(run.gradients, place)).map(([key, x]) => [key, numbers(x, place)])),
    product: product === undefined ? undefined : { along: numbers(along, place), numbers: numbers(product, place) }
  }
}

const decodeSource = (file: Fields): Source => ({
  command: text(file.command, 'command'),
  versions: Object.fromEntries(
    Object.entries(object(file.versions, 'versions')).map(([name, version]) => [name, text(version, name)])
  )
})

const decodeFlat = (value: unknown, lengths: readonly number[], place: string): Flat => {
  const leaves = array(value, place)
  if (leaves.length !== lengths.length) fail(`${place} must have ${lengths.length} leaves, has ${leaves.length}`)
  return leaves.map((leaf, i) => numbers(leaf, `${place}, leaf ${i}`, lengths[i]))
}

const decodeSteps = (value: unknown, lengths: readonly number[], place: string, count?: number): readonly Flat[] => {
  const steps = array(value, place).map((flat, i) => decodeFlat(flat, lengths, `${place}, step ${i}`))
  if (count !== undefined && steps.length !== count) fail(`${place} must have ${count} steps, has ${steps.length}`)
  return steps.length > 0 ? steps : fail(`${place} is empty`)
}

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

const lengthsOf = (tree: TreeData): readonly number[] => tree.leaves.map(({ shape }) => size(shape))

const decodeTree = (value: Fields): TreeData => {
  const name = text(value.name, 'the name of a tree')
  const leaves = array(value.leaves, name).map((entry) => {
    const leaf = object(entry, name)
    const path = leaf.path
    if (typeof path !== 'string') return fail(`${name}: a path must be text`)
    return { path, shape: numbers(leaf.shape, `${name} ${path}`) }
  })
  const lengths = leaves.map(({ shape }) => size(shape))
  return {
    name,
    structure: value.structure as Structure,
    leaves,
    params: decodeFlat(value.params, lengths, `${name}.params`),
    gradients: new Map(
      Object.entries(object(value.gradients, name)).map(([set, steps]) => [
        set,
        decodeSteps(steps, lengths, `${name}.gradients.${set}`)
      ])
    )
  }
}

const decodeSchedules = (file: Fields, place: string): readonly ScheduleRun[] =>
  array(file.schedules, place).map((value) => {
    const run = object(value, `${place}: schedules`)
    const name = text(run.name, 'name')
    return { name, expression: text(run.expression, name), values: numbers(run.values, name) }
  })

const treeOf = (run: Fields, trees: ReadonlyMap<string, TreeData>, name: string): TreeData =>
  trees.get(text(run.tree, name)) ?? fail(`${name} is on the unknown tree ${run.tree}`)

const decodeTrajectory = (run: Fields, trees: ReadonlyMap<string, TreeData>): Trajectory => {
  const name = text(run.name, 'the name of a case')
  const tree = treeOf(run, trees, name)
  const gradients = tree.gradients.get(text(run.gradients, name)) ?? fail(`${name} uses unknown gradients`)
  const lengths = lengthsOf(tree)
  const scale = run.scale
  if (scale !== 'updates' && scale !== 'params') return fail(`${name} has the unknown scale ${scale}`)
  const extra = run.extra === undefined ? gradients.map(() => ({})) : array(run.extra, name)
  return {
    name,
    expression: text(run.expression, name),
    tree,
    gradients,
    extra: extra.map((args) =>
      Object.fromEntries(Object.entries(object(args, name)).map(([key, value]) => [key, number(value, name)]))
    ),
    scale,
    updates: decodeSteps(run.updates, lengths, `${name}.updates`, gradients.length),
    params: decodeFlat(run.params, lengths, `${name}.params`),
    slow: run.slow === undefined ? undefined : decodeSteps(run.slow, lengths, `${name}.slow`, gradients.length)
  }
}

const decodeFunction = (run: Fields, trees: ReadonlyMap<string, TreeData>): FunctionRun => {
  const name = text(run.name, 'the name of a function')
  const tree = treeOf(run, trees, name)
  const fold = run.fold === true
  const result = run.result
  if (result !== 'tree' && result !== 'number') return fail(`${name} has the unknown result ${result}`)
  return {
    name,
    expression: text(run.expression, name),
    tree,
    fold,
    result,
    results: decodeSteps(run.results, result === 'tree' ? lengthsOf(tree) : [1], `${name}.results`)
  }
}
