import { check, positiveInteger, show, withDefaults } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../../error.js'
import { attempt, type Refuse } from '../../internal/attempt.js'
import { MAX_DEPTH } from '../../internal/limits.js'
import { setKey } from '../../internal/setKey.js'
import { unpackedLimit } from '../../internal/zip.js'
import type { Tensor, TensorTree } from '../../tensor.js'
import { type Files, readOcdbt } from './ocdbt.js'
import { isJson, type Json, jsonOf, readZarr, type ZarrContext } from './zarr.js'

/** The files of a folder by their paths in it, with `/` between folders: what `readFolder` of `@gradchain/checkpoint/node` gives. */
export type OrbaxFiles = ReadonlyMap<string, Uint8Array> | { readonly [path: string]: Uint8Array }

/** Options of {@link decodeOrbax}. */
export interface DecodeOrbaxOptions {
  /**
   * How many bytes everything may take in all once it is unpacked, so that small files cannot fill the memory; a whole number ≥ 1.
   * @defaultValue 256 MiB, or 64 times the files if that is more
   */
  readonly maxBytes?: number
}

/**
 * The tree in a checkpoint of Orbax: the files of a folder that holds `_METADATA`, or of a step of its `CheckpointManager`.
 *
 * The arrays are in OCDBT, TensorStore's database in files, as Orbax writes by default, or in a folder each, of Zarr 2 or 3. Their
 * places in the tree come from `_METADATA`: a tuple or a list is an array of ours, a named tuple an object of its fields, and
 * `optax.EmptyState` is `null`, as it is for Orbax. Single numbers of Python are numbers, or bigints beyond 2⁵³.
 *
 * There is no `encodeOrbax`: Optax reads what `encodeFlaxMsgpack` writes.
 *
 * @example
 * const refused = decodeOrbax({ 'readme.txt': new Uint8Array() })
 * refused._tag === 'Left' && refused.left.message // => 'decodeOrbax: the folder must be a checkpoint with a file _METADATA, got none of that name'
 *
 * @throws InvalidOption when maxBytes is no whole number ≥ 1.
 * @see {@link https://orbax.readthedocs.io/en/latest/guides/checkpoint/checkpoint_format.html}
 */
export const decodeOrbax = (
  files: OrbaxFiles,
  options: DecodeOrbaxOptions = {}
): Either<CheckpointError, TensorTree> => {
  const given: Files = files instanceof Map ? files : new Map(Object.entries(files))
  const total = [...given.values()].reduce((sum, { length }) => sum + length, 0)
  const { maxBytes } = withDefaults('decodeOrbax', options, { maxBytes: unpackedLimit(total) })
  check('decodeOrbax', { maxBytes }, positiveInteger)
  return attempt('decodeOrbax', (refuse) => {
    const folder = checkpointIn(refuse, given)
    const metadata = jsonOf(refuse, '_METADATA', folder.get('_METADATA') as Uint8Array)
    const budget = { left: maxBytes }
    const store = metadata['use_ocdbt'] === false ? folder : readOcdbt(refuse, folder, budget)
    const isFull = metadata['store_array_data_equal_to_fill_value'] === true
    return treeOf({ refuse, store, budget, isFull }, folder, metadata)
  })
}

/** The files of the one checkpoint there is, by their paths in it. */
const checkpointIn = (refuse: Refuse, files: Files): Files => {
  if (files.has('_METADATA')) return files
  const found = [...files.keys()].filter((path) => path.endsWith('/_METADATA'))
  if (found.length !== 1) {
    const got = found.length === 0 ? 'none of that name' : found.join(', ')
    refuse('malformed', 'the folder', 'a checkpoint with a file _METADATA', got)
  }
  const prefix = (found[0] as string).slice(0, -'_METADATA'.length)
  return new Map(
    [...files].flatMap(([path, bytes]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length), bytes] as const] : []
    )
  )
}

/** Of what kind a key is, by the number that Orbax gives it. */
const SEQUENCE = 1
const DICTIONARY = 2

/** A key on the way to a value. */
interface Key {
  readonly key: string
  readonly isIndex: boolean
}

type Building = Map<string, Building | Leaf>

/** A value at its place. */
interface Leaf {
  readonly value: TensorTree
}

const treeOf = (context: ZarrContext, folder: Files, metadata: Json): TensorTree => {
  const { refuse } = context
  const items = metadata['tree_metadata']
  if (!isJson(items)) return refuse('malformed', '_METADATA', 'with tree_metadata, a tree', show(items))
  const texts = folder.get('_strings.json')
  const strings = texts === undefined ? {} : jsonOf(refuse, '_strings.json', texts)
  const root: Building = new Map()
  // Which of the nodes are lists.
  const lists = new Map<Building, boolean>()
  let alone: TensorTree | undefined
  for (const [label, item] of Object.entries(items)) {
    const { keys, value } = itemOf(refuse, label, item)
    const name = keys.map(({ key }) => key).join('.')
    const leaf = { value: leafOf(context, strings, name, value) }
    if (keys.length === 0) alone = leaf.value
    else put(refuse, name, { root, lists, keys }, leaf)
  }
  return alone === undefined ? built(refuse, root, lists) : alone
}

const itemOf = (
  refuse: Refuse,
  label: string,
  item: unknown
): { readonly keys: readonly Key[]; readonly value: Json } => {
  const entry = `${label} in _METADATA`
  const { key_metadata: list, value_metadata: value } = isJson(item) ? item : {}
  if (!Array.isArray(list) || !isJson(value)) return refuse('malformed', entry, 'with keys and a value', 'other things')
  if (list.length > MAX_DEPTH) refuse('tooLarge', entry, `at most ${MAX_DEPTH} levels deep`, `${list.length}`)
  const keys = list.map((part: unknown) => {
    const { key, key_type: type } = isJson(part) ? part : {}
    const isKnown = (typeof key === 'string' || typeof key === 'number') && (type === SEQUENCE || type === DICTIONARY)
    if (!isKnown) return refuse('malformed', entry, 'with keys of sequences or dictionaries', show(part))
    return { key: String(key), isIndex: type === SEQUENCE }
  })
  return { keys, value }
}

const leafOf = (
  context: ZarrContext,
  strings: Json,
  name: string,
  { value_type: type, skip_deserialize: isEmpty }: Json
): TensorTree => {
  const { refuse } = context
  if (type === 'None') return null
  if (isEmpty === true) return type === 'List' || type === 'Tuple' ? [] : {}
  if (type === 'string') {
    const text = Object.hasOwn(strings, name) ? strings[name] : undefined
    return typeof text === 'string' ? text : refuse('truncated', name, 'a text in _strings.json', 'none')
  }
  const tensor = readZarr(context, name)
  return type === 'scalar' ? single(tensor) : tensor
}

/** A number of Python, which Orbax writes as an array of one. */
const single = (tensor: Tensor): TensorTree => {
  const [value] = tensor.data
  if (value === undefined || tensor.data.length > 1) return tensor
  if (tensor.dtype === 'bool') return value === 1
  if (tensor.dtype === 'bfloat16' || tensor.dtype === 'float16') return tensor
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

const put = (
  refuse: Refuse,
  name: string,
  {
    root,
    lists,
    keys
  }: { readonly root: Building; readonly lists: Map<Building, boolean>; readonly keys: readonly Key[] },
  leaf: Leaf
): void => {
  let at = root
  for (const [i, { key, isIndex }] of keys.entries()) {
    if ((lists.get(at) ?? isIndex) !== isIndex) refuse('malformed', name, 'in a list or in a dictionary', 'in both')
    lists.set(at, isIndex)
    const next = at.get(key)
    if (i === keys.length - 1) {
      if (next !== undefined) refuse('malformed', name, 'without another of its name', 'two')
      at.set(key, leaf)
    } else if (next === undefined) {
      const made: Building = new Map()
      at.set(key, made)
      at = made
    } else if (next instanceof Map) at = next
    else refuse('malformed', name, 'beside the others', 'one below a value')
  }
}

const built = (refuse: Refuse, node: Building, lists: ReadonlyMap<Building, boolean>): TensorTree => {
  const valueOf = (child: Building | Leaf): TensorTree =>
    child instanceof Map ? built(refuse, child, lists) : child.value
  if (lists.get(node) === true) {
    return Array.from({ length: node.size }, (_, i) => {
      const child = node.get(String(i))
      return child === undefined
        ? refuse('malformed', '_METADATA', 'of lists with all of their items', show([...node.keys()]))
        : valueOf(child)
    })
  }
  const out: { [key: string]: TensorTree } = {}
  for (const [key, child] of node) setKey(refuse, '_METADATA', out, key, valueOf(child))
  return out
}
