import { show } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Dataset, Group, Metadata } from 'h5wasm'
import type { CheckpointError } from '../error.js'
import { isJson, jsonOf } from '../foreign/orbax/zarr.js'
import { attemptAsync, type Refuse } from '../internal/attempt.js'
import { MAX_RANK } from '../internal/limits.js'
import { givenBytes } from '../internal/plainBytes.js'
import { setKey } from '../internal/setKey.js'
import { byteLengthOf, bytesPerElement, tensorOf } from '../internal/tensors.js'
import { readZip, unpackedLimit } from '../internal/zip.js'
import type { TensorDType, TensorTree } from '../tensor.js'

/** What {@link decodeKerasWeights} finds in a file. */
export interface KerasWeights {
  /** The layers by the names of their classes, as the file has them: `dense`, `dense_1`. Each has `name`, its own, and `vars`. */
  readonly layers: TensorTree
  /** The optimizer's `name` and its `vars`, in order, as `fromKeras` takes them; `null` if the file has none. */
  readonly optimizer: { readonly name: string; readonly vars: readonly TensorTree[] } | null
  /** What else the file holds. */
  readonly others: TensorTree
  /** `config.json` of a `.keras` file, with the optimizer's hyperparameters in `compile_config`; `null` for weights alone. */
  readonly config: { readonly [key: string]: unknown } | null
}

/**
 * The weights of a model of Keras 3, and of its optimizer: the bytes of a `.weights.h5`, or of a `.keras`, which holds one.
 *
 * HDF5 is read by `h5wasm`, which must be installed beside. Keras names the layers in its files by their classes and numbers their
 * variables: `vars` is a list in the order of those numbers, and `name` what the layer is really called. What is linked into a file
 * from outside is refused. There are no checksums in these files: a bit that has flipped in an array is not noticed.
 * A file that is damaged can keep h5wasm busy without end: read one that may come from anywhere in a worker, which can be ended.
 *
 * @example
 * const refused = await decodeKerasWeights(new Uint8Array(8))
 * refused._tag === 'Left' && refused.left.message // => 'decodeKerasWeights: the file must be of HDF5, or a zip archive with one, got something else'
 *
 * @throws InvalidOption for what is no Uint8Array.
 * @see {@link https://keras.io/api/models/model_saving_apis/weights_saving_and_loading/}
 */
export const decodeKerasWeights = (given: Uint8Array): Promise<Either<CheckpointError, KerasWeights>> =>
  attemptAsync('decodeKerasWeights', async (refuse) => {
    const bytes = givenBytes('decodeKerasWeights', given)
    if (isHdf5(bytes)) return { ...(await weightsIn(refuse, 'the file', bytes)), config: null }
    if (!(bytes[0] === 0x50 && bytes[1] === 0x4b)) {
      refuse('malformed', 'the file', 'of HDF5, or a zip archive with one', 'something else')
    }
    const files = readZip(refuse, 'the file', bytes, unpackedLimit(bytes.length))
    const read = (name: string): Uint8Array =>
      (files.get(name) ?? refuse('truncated', name, 'in the archive', 'none of that name')).read()
    const config = jsonOf(refuse, 'config.json', read('config.json'))
    const weights = read('model.weights.h5')
    if (!isHdf5(weights)) refuse('malformed', 'model.weights.h5', 'of HDF5', 'something else')
    return { ...(await weightsIn(refuse, 'model.weights.h5', weights)), config }
  })

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
const isHdf5 = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte)

/** Files of HDF5 are opened by a name in a file system of memory; no two at once may have the same. */
let opened = 0

const weightsIn = async (refuse: Refuse, entry: string, bytes: Uint8Array): Promise<Omit<KerasWeights, 'config'>> => {
  const { File, ready } = await import('h5wasm')
  const module = await ready
  const { FS } = module
  const path = `gradchain-${opened++}.h5`
  FS.writeFile(path, bytes)
  // Else HDF5 prints what it does not like.
  module.activate_throwing_error_handler()
  try {
    const file = opening(refuse, entry, () => new File(path, 'r'))
    try {
      const root = opening(refuse, entry, () =>
        groupOf({ refuse, left: unpackedLimit(bytes.length), items: bytes.length }, [], file)
      )
      return partsOf(refuse, entry, root)
    } finally {
      file.close()
    }
  } finally {
    module.deactivate_throwing_error_handler()
    FS.unlink(path)
  }
}

/** HDF5 gives up on damaged files by errors of many kinds. */
const opening = <T>(refuse: Refuse, entry: string, run: () => T): T => {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error && 'kind' in error) throw error
    return refuse('corrupt', entry, 'a file of HDF5 that is whole', 'what HDF5 cannot read')
  }
}

const partsOf = (refuse: Refuse, entry: string, root: TensorTree): Omit<KerasWeights, 'config'> => {
  const { layers = {}, optimizer, ...others } = root as { readonly [key: string]: TensorTree }
  if (optimizer === undefined) return { layers, optimizer: null, others }
  const { name, vars } = isJson(optimizer) ? optimizer : {}
  return typeof name === 'string' && Array.isArray(vars)
    ? { layers, optimizer: { name, vars }, others }
    : refuse('malformed', `optimizer in ${entry}`, 'a name and variables', show(optimizer))
}

/** What is left of the memory that arrays may take, and of how many things a file of its length can hold. */
interface Context {
  readonly refuse: Refuse
  left: number
  items: number
}

/** Groups of Keras are layers in layers: a path much longer goes round in a circle. */
const MAX_DEPTH = 64

const groupOf = (context: Context, keys: readonly string[], group: Group): TensorTree => {
  const { refuse } = context
  const where = keys.join('/') || 'the file'
  if (keys.length > MAX_DEPTH) refuse('tooLarge', where, `at most ${MAX_DEPTH} levels deep`, 'more')
  const out: { [key: string]: TensorTree } = {}
  for (const key of group.keys()) {
    const at = [...keys, key]
    if (isLink(group, at)) refuse('refused', at.join('/'), 'in the file', 'a link')
    // A group that is in itself would never end.
    if (context.items-- === 0) refuse('malformed', where, 'of no more things than it has bytes', 'more')
    const child = group.get(key)
    const value =
      child === null || !('type' in child)
        ? refuse('unsupported', at.join('/'), 'a group or an array', 'something else')
        : child.type === 'Group'
          ? groupOf(context, at, child as Group)
          : child.type === 'Dataset'
            ? arrayOf(context, at.join('/'), child as Dataset)
            : refuse('unsupported', at.join('/'), 'a group or an array', child.type)
    setKey(refuse, where, out, key, value)
  }
  return withVars(refuse, where, group, out)
}

/** Whether something is only a name for something else; of what is none, h5wasm gives no text. */
const isLink = (group: Group, keys: readonly string[]): boolean => {
  const target: unknown = group.get_link(`/${keys.join('/')}`)
  return typeof target === 'string' && target !== ''
}

/** The group `vars` is a list, and has the name of what the variables are of. */
const withVars = (refuse: Refuse, where: string, group: Group, out: { [key: string]: TensorTree }): TensorTree => {
  const vars = group.keys().includes('vars') ? group.get('vars') : null
  const list = out['vars']
  if (vars === null || list === undefined) return out
  const items = Object.entries(list as { readonly [key: string]: TensorTree })
  const numbered = items.map((_, i) => items.find(([key]) => key === String(i))?.[1])
  const name: unknown = 'attrs' in vars ? vars.attrs['name']?.value : undefined
  const ordered = numbered.map(
    (item) => item ?? refuse('malformed', `${where}/vars`, 'numbered from 0 on', items.map(([key]) => key).join(', '))
  )
  return { ...out, ...(typeof name === 'string' ? { name } : {}), vars: ordered }
}

const arrayOf = (context: Context, where: string, dataset: Dataset): TensorTree => {
  const { refuse } = context
  const { shape, metadata, attrs } = dataset
  if (shape === null || shape.length > MAX_RANK)
    return refuse('malformed', where, `an array of at most ${MAX_RANK} axes`, show(shape))
  const named: unknown = attrs['dtype']?.value
  const dtype = dtypeOf(metadata, named)
  if (dtype === undefined) {
    return refuse(
      'unsupported',
      where,
      'of floats of 16 to 64 bits, whole numbers or bool',
      show(named ?? dataset.dtype)
    )
  }
  const size = byteLengthOf(dtype, shape)
  if (size === undefined || size > context.left) {
    return refuse('tooLarge', where, `at most ${context.left} bytes long`, `${dtype}${show(shape)}`)
  }
  context.left -= size
  const bytes = bytesIn(dtype, dataset.value)
  return bytes?.length === size
    ? tensorOf(dtype, shape, bytes)
    : refuse('malformed', where, `${size} bytes long`, show(bytes?.length))
}

/** Of what type a dtype of HDF5 is. */
const [WHOLE, FLOAT, OPAQUE, ENUMERATION] = [0, 1, 5, 8]
const FLOATS: Readonly<Record<number, TensorDType>> = { 2: 'float16', 4: 'float32', 8: 'float64' }
const SIGNED: Readonly<Record<number, TensorDType>> = { 1: 'int8', 2: 'int16', 4: 'int32', 8: 'int64' }
const UNSIGNED: Readonly<Record<number, TensorDType>> = { 1: 'uint8', 2: 'uint16', 4: 'uint32', 8: 'uint64' }

const dtypeOf = ({ type, size, signed, enum_type: choices }: Metadata, named: unknown): TensorDType | undefined => {
  if (type === WHOLE) return (signed ? SIGNED : UNSIGNED)[size]
  if (type === FLOAT) return FLOATS[size]
  if (type === OPAQUE) return named === 'bfloat16' && size === 2 ? 'bfloat16' : undefined
  return type === ENUMERATION && size === 1 && choices?.members['TRUE'] === 1 ? 'bool' : undefined
}

/** What h5wasm gives of an array, which is a single value where there are no axes. */
const bytesIn = (dtype: TensorDType, value: unknown): Uint8Array | undefined => {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  const { data } = tensorOf(dtype, [], new Uint8Array(bytesPerElement(dtype)))
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(value)
  else data[0] = Number(value)
  return new Uint8Array(data.buffer)
}
