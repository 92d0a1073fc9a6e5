import { type Same, show } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt, type Refuse } from '../internal/attempt.js'
import { fromBase64 } from '../internal/base64.js'
import { conformed } from '../internal/conform.js'
import { bareOf } from '../internal/leaves.js'
import { MAX_DEPTH, MAX_DIGITS, MAX_RANK } from '../internal/limits.js'
import { parseJson } from '../internal/parseJson.js'
import { type Keys, pathOf } from '../internal/pathOf.js'
import { byteLengthOf, isTensorDType, tensorOf } from '../internal/tensors.js'
import type { SavedTree } from '../own/savedTree.js'
import type { Tensor } from '../tensor.js'

/**
 * The tree that {@link toJson} wrote, to the bit, or why there is none. With `like` it is checked as {@link load} does, and has its type.
 *
 * @example
 * fromJson(toJson({ count: 1, best: Infinity })) // => { _tag: 'Right', right: { count: 1, best: Infinity } }
 * const read = fromJson('{"gradchain":1,"tree":{"w":{"$array":"float32","base64":"AAA="}}}')
 * read._tag === 'Left' && read.left.message // => 'fromJson: tree.w must be float32 of 4 bytes each, got 2 bytes'
 */
export function fromJson(text: string): Either<CheckpointError, SavedTree>
export function fromJson<T>(text: string, like: T): Either<CheckpointError, Same<T>>
export function fromJson(text: string, ...like: readonly [like?: unknown]): Either<CheckpointError, unknown> {
  return attempt('fromJson', (refuse) => {
    // A level of the tree may be two of the text, and a leaf two more.
    const json = parseJson(refuse, 'the text', text, 2 * MAX_DEPTH + 4)
    if (!isRecord(json) || !Object.hasOwn(json, 'tree')) {
      return refuse('malformed', 'the text', 'an object with gradchain and tree', show(json))
    }
    if (json['gradchain'] !== 1) refuse('unsupported', 'the text', 'of version 1', `version ${show(json['gradchain'])}`)
    const tree = treeOf(refuse, json['tree'], [])
    return like.length === 0 ? tree : conformed(refuse, tree, like[0])
  })
}

type Fields = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const treeOf = (refuse: Refuse, json: unknown, keys: Keys): unknown => {
  if (keys.length > MAX_DEPTH) refuse('tooLarge', 'the tree', `nested at most ${MAX_DEPTH} deep`, 'more')
  if (Array.isArray(json)) return json.map((item, i) => treeOf(refuse, item, [...keys, i]))
  if (!isRecord(json)) return json
  const mark = Object.keys(json).find((key) => /^\$(?!\$)/.test(key))
  return mark === undefined ? fieldsOf(refuse, json, keys, {}) : marked(refuse, mark, json, keys)
}

const fieldsOf = (refuse: Refuse, json: Fields, keys: Keys, out: Record<string, unknown>): unknown => {
  for (const [written, item] of Object.entries(json)) {
    const key = written.startsWith('$$') ? written.slice(1) : written
    out[key] = treeOf(refuse, item, [...keys, key])
  }
  return out
}

const NUMBERS: ReadonlyMap<unknown, number> = /* @__PURE__ */ new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0]
])

const marked = (refuse: Refuse, mark: string, json: Fields, keys: Keys): unknown => {
  const value = json[mark]
  const no = (wanted: string): never => refuse('malformed', pathOf(keys), wanted, show(value))
  if (mark === '$array' || mark === '$tensor') {
    const tensor = readTensor(refuse, value, json, mark === '$array', pathOf(keys))
    return mark === '$array' ? bareOf(tensor) : tensor
  }
  if (Object.keys(json).length > 1) refuse('malformed', pathOf(keys), `${mark} alone`, 'more fields')
  switch (mark) {
    case '$number':
      return NUMBERS.get(value) ?? no('one of the numbers "NaN", "Infinity", "-Infinity", "-0"')
    case '$bigint':
      return isDigits(value) ? BigInt(value) : no(`a bigint of at most ${MAX_DIGITS} digits`)
    case '$undefined':
      return undefined
    case '$bare':
      return isRecord(value) ? fieldsOf(refuse, value, keys, Object.create(null)) : no('an object')
    default:
      return refuse('unsupported', pathOf(keys), 'a leaf that is known', show(mark))
  }
}

const isDigits = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_DIGITS && /^-?\d+$/.test(value)

const readTensor = (refuse: Refuse, dtype: unknown, json: Fields, isBare: boolean, path: string): Tensor => {
  const { base64, shape } = json
  if (!isTensorDType(dtype)) return refuse('unsupported', path, 'of a dtype that is known', show(dtype))
  const bytes = typeof base64 === 'string' ? fromBase64(base64) : undefined
  if (bytes === undefined) return refuse('malformed', path, 'in base64', show(base64))
  const each = byteLengthOf(dtype, []) as number
  if (bytes.length % each > 0) refuse('malformed', path, `${dtype} of ${each} bytes each`, `${bytes.length} bytes`)
  const lengths = isBare ? [bytes.length / each] : shape
  if (!Array.isArray(lengths) || lengths.length > MAX_RANK || byteLengthOf(dtype, lengths) !== bytes.length) {
    return refuse('malformed', path, `of a shape that holds ${bytes.length / each} elements`, show(shape))
  }
  return tensorOf(dtype, lengths, bytes)
}
