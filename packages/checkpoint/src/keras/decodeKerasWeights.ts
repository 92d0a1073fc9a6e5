import { check, positive, show, withDefaults } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { isJson, jsonOf } from '../foreign/orbax/zarr.js'
import { attemptAsync, type Refuse } from '../internal/attempt.js'
import { MAX_RANK } from '../internal/limits.js'
import { givenBytes } from '../internal/plainBytes.js'
import { setKey } from '../internal/setKey.js'
import { byteLengthOf, bytesPerElement, tensorOf } from '../internal/tensors.js'
import { readZip, unpackedLimit } from '../internal/zip.js'
import type { TensorDType, TensorTree } from '../tensor.js'
import { openWorker, workersFrom } from './askWorker.js'
import type { Found, FoundArray, FoundGroup } from './found.js'
import { usualTimeLimit } from './usualTimeLimit.js'

/** Options of {@link decodeKerasWeights}. */
export interface DecodeKerasWeightsOptions {
  /**
   * How many milliseconds h5wasm may take, finite and > 0: a damaged file can keep it busy without end.
   * @defaultValue ten seconds, and one more for each ten megabytes
   */
  readonly timeLimit?: number | undefined
}

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
 * HDF5 is read by `h5wasm`, which must be installed beside, in a worker that is ended when it takes too long. Keras names the layers in its files by their classes and numbers their
 * variables: `vars` is a list in the order of those numbers, and `name` what the layer is really called. What is linked into a file
 * from outside is refused. There are no checksums in these files: a bit that has flipped in an array is not noticed.
 * In a page, a bundler that knows `new Worker(new URL(…))` has to bring the worker along, as `vite build` does without being told to.
 *
 * @example
 * const refused = await decodeKerasWeights(new Uint8Array(8))
 * refused._tag === 'Left' && refused.left.message // => 'decodeKerasWeights: the file must be of HDF5, or a zip archive with one, got something else'
 *
 * @throws InvalidOption for what is no Uint8Array, and for a timeLimit out of range; an Error where h5wasm is missing.
 * @see {@link https://keras.io/api/models/model_saving_apis/weights_saving_and_loading/}
 */
export const decodeKerasWeights = (
  given: Uint8Array,
  options: DecodeKerasWeightsOptions = {}
): Promise<Either<CheckpointError, KerasWeights>> =>
  attemptAsync('decodeKerasWeights', async (refuse) => {
    const bytes = givenBytes('decodeKerasWeights', given)
    const { timeLimit } = withDefaults('decodeKerasWeights', options, {
      timeLimit: usualTimeLimit(bytes.length)
    })
    check('decodeKerasWeights', { timeLimit }, positive)
    if (isHdf5(bytes)) return { ...(await weightsIn(refuse, 'the file', bytes, timeLimit)), config: null }
    if (!(bytes[0] === 0x50 && bytes[1] === 0x4b)) {
      refuse('malformed', 'the file', 'of HDF5, or a zip archive with one', 'something else')
    }
    const files = readZip(refuse, 'the file', bytes, unpackedLimit(bytes.length))
    const read = (name: string): Uint8Array =>
      (files.get(name) ?? refuse('truncated', name, 'in the archive', 'none of that name')).read()
    const config = jsonOf(refuse, 'config.json', read('config.json'))
    const weights = read('model.weights.h5')
    if (!isHdf5(weights)) refuse('malformed', 'model.weights.h5', 'of HDF5', 'something else')
    return { ...(await weightsIn(refuse, 'model.weights.h5', weights, timeLimit)), config }
  })

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
const isHdf5 = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte)

const ask = /* @__PURE__ */ workersFrom(openWorker)

/** Groups of Keras are layers in layers: a path much longer goes round in a circle. */
const MAX_DEPTH = 64

const weightsIn = async (
  refuse: Refuse,
  entry: string,
  bytes: Uint8Array,
  timeLimit: number
): Promise<Omit<KerasWeights, 'config'>> => {
  const limit = unpackedLimit(bytes.length)
  const limits = { bytes: limit, items: bytes.length, depth: MAX_DEPTH }
  const said = await ask({ bytes: Uint8Array.from(bytes), limits }, timeLimit)
  if (said.kind === 'late') return refuse('tooLarge', entry, `read within ${timeLimit} milliseconds`, 'no end of it')
  if (said.kind !== 'found') return refuse('corrupt', entry, 'a file of HDF5 that is whole', 'what HDF5 cannot read')
  return partsOf(refuse, entry, groupOf({ refuse, left: limit }, [], said.root))
}

const partsOf = (refuse: Refuse, entry: string, root: TensorTree): Omit<KerasWeights, 'config'> => {
  const { layers = {}, optimizer, ...others } = root as { readonly [key: string]: TensorTree }
  if (optimizer === undefined) return { layers, optimizer: null, others }
  const { name, vars } = isJson(optimizer) ? optimizer : {}
  return typeof name === 'string' && Array.isArray(vars)
    ? { layers, optimizer: { name, vars }, others }
    : refuse('malformed', `optimizer in ${entry}`, 'a name and variables', show(optimizer))
}

/** What is left of the memory that arrays may take. */
interface Context {
  readonly refuse: Refuse
  left: number
}

const groupOf = (context: Context, keys: readonly string[], group: FoundGroup): TensorTree => {
  const { refuse } = context
  const where = keys.join('/') || 'the file'
  const out: { [key: string]: TensorTree } = {}
  for (const [key, found] of group.entries) {
    setKey(refuse, where, out, key, valueOf(context, where, [...keys, key], found))
  }
  return withVars(refuse, where, group, out)
}

const valueOf = (context: Context, where: string, keys: readonly string[], found: Found): TensorTree => {
  const { refuse } = context
  const at = keys.join('/')
  switch (found.kind) {
    case 'group':
      return groupOf(context, keys, found)
    case 'array':
      return arrayOf(context, at, found)
    case 'link':
      return refuse('refused', at, 'in the file', 'a link')
    case 'many':
      return refuse('malformed', where, 'of no more things than it has bytes', 'more')
    case 'deep':
      return refuse('tooLarge', at, `at most ${MAX_DEPTH} levels deep`, 'more')
    case 'other':
      return refuse('unsupported', at, 'a group or an array', found.type ?? 'something else')
  }
}

/** The group `vars` is a list, and has the name of what the variables are of. */
const withVars = (refuse: Refuse, where: string, group: FoundGroup, out: { [key: string]: TensorTree }): TensorTree => {
  const list = out['vars']
  if (list === undefined) return out
  const vars = group.entries.find(([key]) => key === 'vars')?.[1]
  const name = vars?.kind === 'group' ? vars.name : undefined
  const items = Object.entries(list as { readonly [key: string]: TensorTree })
  const numbered = items.map((_, i) => items.find(([key]) => key === String(i))?.[1])
  const ordered = numbered.map(
    (item) => item ?? refuse('malformed', `${where}/vars`, 'numbered from 0 on', items.map(([key]) => key).join(', '))
  )
  return { ...out, ...(typeof name === 'string' ? { name } : {}), vars: ordered }
}

const arrayOf = (context: Context, where: string, found: FoundArray): TensorTree => {
  const { refuse } = context
  const { shape, named } = found
  if (shape === null || shape.length > MAX_RANK)
    return refuse('malformed', where, `an array of at most ${MAX_RANK} axes`, show(shape))
  const dtype = dtypeOf(found.metadata, named)
  if (dtype === undefined) {
    return refuse('unsupported', where, 'of floats of 16 to 64 bits, whole numbers or bool', show(named ?? found.dtype))
  }
  const size = byteLengthOf(dtype, shape)
  if (size === undefined || size > context.left) {
    return refuse('tooLarge', where, `at most ${context.left} bytes long`, `${dtype}${show(shape)}`)
  }
  context.left -= size
  const bytes = bytesIn(dtype, found.value)
  return bytes?.length === size
    ? tensorOf(dtype, shape, bytes)
    : refuse('malformed', where, `${size} bytes long`, show(bytes?.length))
}

/** Of what type a dtype of HDF5 is. */
const [WHOLE, FLOAT, OPAQUE, ENUMERATION] = [0, 1, 5, 8]
const FLOATS: Readonly<Record<number, TensorDType>> = { 2: 'float16', 4: 'float32', 8: 'float64' }
const SIGNED: Readonly<Record<number, TensorDType>> = { 1: 'int8', 2: 'int16', 4: 'int32', 8: 'int64' }
const UNSIGNED: Readonly<Record<number, TensorDType>> = { 1: 'uint8', 2: 'uint16', 4: 'uint32', 8: 'uint64' }

const dtypeOf = (
  { type, size, signed, enum_type: choices }: FoundArray['metadata'],
  named: unknown
): TensorDType | undefined => {
  if (type === WHOLE) return (signed ? SIGNED : UNSIGNED)[size]
  if (type === FLOAT) return FLOATS[size]
  if (type === OPAQUE) return named === 'bfloat16' && size === 2 ? 'bfloat16' : undefined
  return type === ENUMERATION && size === 1 && choices?.members['TRUE'] === 1 ? 'bool' : undefined
}

/** What h5wasm gives of an array, which is a single value where there are no axes. */
const bytesIn = (dtype: TensorDType, value: FoundArray['value']): Uint8Array | undefined => {
  if (value === undefined || typeof value === 'object') return value
  const { data } = tensorOf(dtype, [], new Uint8Array(bytesPerElement(dtype)))
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(value)
  else data[0] = Number(value)
  return new Uint8Array(data.buffer)
}
