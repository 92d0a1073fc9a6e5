import { show } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../../error.js'
import { attempt, type Refuse } from '../../internal/attempt.js'
import { MAX_RANK } from '../../internal/limits.js'
import { type Nested, nested } from '../../internal/names.js'
import { byteLengthOf, tensorOf } from '../../internal/tensors.js'
import type { Tensor, TensorDType } from '../../tensor.js'
import { isJson, type Json, jsonOf } from '../orbax/zarr.js'

/** The files of a model by their names, such as `model.json` and `weights.bin`. */
export type TfjsFiles = ReadonlyMap<string, Uint8Array> | { readonly [name: string]: Uint8Array }

/** A variable of an optimizer of TensorFlow.js: what its `getWeights` gives and its `setWeights` takes, with the values for a tensor. */
export interface TfjsWeight {
  /** Its name, such as `body/kernel/m`. */
  readonly name: string
  /** Its values. */
  readonly tensor: Tensor
}

/** What {@link decodeTfjsModel} finds in a model. */
export interface TfjsModel {
  /** The weights, in objects where their names have a `/`: `body/kernel` is `body.kernel`. */
  readonly weights: Nested<Tensor>
  /** The variables of the optimizer in their order; none if the model was saved without. */
  readonly optimizer: readonly TfjsWeight[]
  /** The class of the optimizer and its hyperparameters, under the names that TensorFlow.js has for them; `null` if there are none. */
  readonly optimizerConfig: { readonly className: string; readonly config: { readonly [name: string]: unknown } } | null
}

/**
 * A model of TensorFlow.js: the weights in `model.json` and the files that it names, and the optimizer's, where it was saved with
 * `includeOptimizer: true`.
 *
 * Weights that were quantized, texts and complex numbers are refused. Every byte of the files must belong to a weight.
 *
 * @example
 * const weight = { name: 'body/bias', shape: [2], dtype: 'float32' }
 * const json = { weightsManifest: [{ paths: ['./weights.bin'], weights: [weight] }] }
 * const files = { 'model.json': new TextEncoder().encode(JSON.stringify(json)), 'weights.bin': new Uint8Array(8) }
 * const model = decodeTfjsModel(files)
 * model._tag === 'Right' && model.right.weights // => { body: { bias: { dtype: 'float32', shape: [2], data: Float32Array [0, 0] } } }
 * const refused = decodeTfjsModel({ ...files, 'weights.bin': new Uint8Array(7) })
 * refused._tag === 'Left' && refused.left.message // => 'decodeTfjsModel: body/bias must be 8 bytes of the files, got 7 that are left'
 *
 * @see {@link https://www.tensorflow.org/js/guide/save_load}
 */
export const decodeTfjsModel = (files: TfjsFiles): Either<CheckpointError, TfjsModel> =>
  attempt('decodeTfjsModel', (refuse) => {
    const given: ReadonlyMap<string, Uint8Array> = files instanceof Map ? files : new Map(Object.entries(files))
    const bytes = given.get('model.json') ?? refuse('truncated', 'model.json', 'among the files', 'none of that name')
    const json = jsonOf(refuse, 'model.json', bytes)
    const groups = json['weightsManifest']
    if (!Array.isArray(groups)) return refuse('malformed', 'model.json', 'with weightsManifest, a list', show(groups))
    const all = groups.flatMap((group: unknown) => groupOf(refuse, given, group))
    const isOf = (which: string | undefined) => all.filter(({ group }) => group === which)
    const odd = all.find(({ group }) => group !== undefined && group !== 'optimizer')
    if (odd !== undefined) refuse('unsupported', odd.name, 'a weight of the model or of the optimizer', show(odd.group))
    return {
      weights: nested(
        refuse,
        'model.json',
        isOf(undefined).map(({ name, tensor }) => [name, tensor] as const)
      ),
      optimizer: isOf('optimizer').map(({ name, tensor }) => ({ name, tensor })),
      optimizerConfig: configOf(json)
    }
  })

/** A weight, and whose it is. */
interface Grouped extends TfjsWeight {
  readonly group: unknown
}

const DTYPES: Readonly<Record<string, TensorDType>> = { float32: 'float32', int32: 'int32', bool: 'bool' }

/** The weights of a group lie one after the other in its files. */
const groupOf = (refuse: Refuse, files: ReadonlyMap<string, Uint8Array>, group: unknown): readonly Grouped[] => {
  const { paths, weights } = isJson(group) ? group : {}
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string') || !Array.isArray(weights)) {
    return refuse('malformed', 'model.json', 'of groups of paths and weights', show(group))
  }
  const parts = paths.map((path: string) => {
    const name = path.replace(/^\.\//, '')
    return files.get(name) ?? refuse('truncated', name, 'among the files', 'none of that name')
  })
  const data = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length
  }
  at = 0
  const read = weights.map((weight: unknown) => {
    const { name, dtype, shape, group: whose } = specOf(refuse, weight)
    const size = byteLengthOf(dtype, shape)
    if (size === undefined || size > data.length - at) {
      return refuse(
        'truncated',
        name,
        `${size ?? 'a number of'} bytes of the files`,
        `${data.length - at} that are left`
      )
    }
    const tensor = tensorOf(dtype, shape, data.subarray(at, at + size))
    at += size
    return { name, tensor, group: whose }
  })
  if (at !== data.length)
    refuse('malformed', paths.join(', '), `${at} bytes long, as the weights are`, `${data.length}`)
  return read
}

const specOf = (
  refuse: Refuse,
  weight: unknown
): {
  readonly name: string
  readonly dtype: TensorDType
  readonly shape: readonly number[]
  readonly group: unknown
} => {
  const { name, dtype: named, shape, quantization, group } = isJson(weight) ? weight : {}
  if (typeof name !== 'string') return refuse('malformed', 'model.json', 'of weights with names', show(weight))
  if (quantization !== undefined) refuse('unsupported', name, 'a weight that is not quantized', show(quantization))
  const dtype = Object.hasOwn(DTYPES, String(named)) ? DTYPES[String(named)] : undefined
  if (dtype === undefined) return refuse('unsupported', name, 'of float32, int32 or bool', show(named))
  const isShape =
    Array.isArray(shape) && shape.length <= MAX_RANK && shape.every((x) => Number.isSafeInteger(x) && x >= 0)
  return isShape ? { name, dtype, shape, group } : refuse('malformed', name, 'of a shape', show(shape))
}

const configOf = ({ trainingConfig }: Json): TfjsModel['optimizerConfig'] => {
  const optimizer = isJson(trainingConfig) ? trainingConfig['optimizer_config'] : undefined
  const { class_name: className, config } = isJson(optimizer) ? optimizer : {}
  return typeof className === 'string' && isJson(config) ? { className, config } : null
}
