import { show } from '@gradchain/core'
import { crc32c } from '@gradchain/core/bytes'
import type { Refuse } from '../../internal/attempt.js'
import { MAX_DEPTH, MAX_RANK } from '../../internal/limits.js'
import { parseJson } from '../../internal/parseJson.js'
import { Reader, utf8 } from '../../internal/reader.js'
import { inRowMajorOrder, swapped } from '../../internal/reorder.js'
import { byteLengthOf, bytesPerElement, isTensorDType, tensorOf } from '../../internal/tensors.js'
import { type Budget, unzstd } from '../../internal/zstd.js'
import type { Tensor, TensorDType } from '../../tensor.js'
import { dtypeNamed } from '../npy.js'

/** The keys and values of a store. */
export type Store = ReadonlyMap<string, Uint8Array>

/** How the arrays of a store are read. */
export interface ZarrContext {
  readonly refuse: Refuse
  readonly store: Store
  readonly budget: Budget
  /** Whether chunks of nothing but the fill value were written, so that one that is missing was lost. */
  readonly isFull: boolean
}

/** How many chunks an array may have. */
const MAX_CHUNKS = 2 ** 20

/** What the metadata of an array say, of either version. */
interface ArrayLayout {
  readonly dtype: TensorDType
  readonly shape: readonly number[]
  readonly chunks: readonly number[]
  /** What the elements of a chunk are that was not written. */
  readonly fill: unknown
  /** The key of the chunk at a place of the grid. */
  readonly keyOf: (index: readonly number[]) => string
  /** A chunk as little-endian elements in row-major order. */
  readonly unpack: (entry: string, bytes: Uint8Array) => Uint8Array
}

/**
 * The array of that name: Zarr 2 with `.zarray`, or Zarr 3 with `zarr.json`, as TensorStore writes them for Orbax: packed by zstd or
 * not at all, in one chunk or many, in shards or not.
 *
 * @see {@link https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html}
 */
export const readZarr = (context: ZarrContext, name: string): Tensor => {
  const { refuse, store, budget, isFull } = context
  const [second, third] = [store.get(`${name}/.zarray`), store.get(`${name}/zarr.json`)]
  if (second === undefined && third === undefined) {
    return refuse('truncated', name, 'an array, with .zarray or zarr.json', 'none')
  }
  const { dtype, shape, chunks, fill, keyOf, unpack } =
    second === undefined ? layout3(context, name, third as Uint8Array) : layout2(context, name, second)
  const width = bytesPerElement(dtype)
  const size = byteLengthOf(dtype, shape)
  if (size === undefined || size > budget.left) {
    return refuse('tooLarge', name, `at most ${budget.left} bytes long`, `${dtype}${show(shape)}`)
  }
  budget.left -= size
  const out = new Uint8Array(size)
  const grid = shape.map((length, axis) => Math.ceil(length / (chunks[axis] as number)))
  const count = grid.reduce((product, length) => product * length, 1)
  if (isFull && count > store.size) refuse('truncated', name, `of ${count} chunks`, `${store.size} files`)
  if (count > MAX_CHUNKS) refuse('tooLarge', name, `of at most ${MAX_CHUNKS} chunks`, `${count}`)
  for (const index of places(grid)) {
    const key = `${name}/${keyOf(index)}`
    const packed = store.get(key)
    if (packed === undefined && isFull) refuse('truncated', key, 'among the files', 'none of that name')
    if (packed === undefined) checkFill(refuse, key, fill)
    if (packed === undefined) continue
    const origin = index.map((at, axis) => at * (chunks[axis] as number))
    place(out, { shape, chunks, origin, width }, unpack(key, packed))
  }
  return tensorOf(dtype, shape, out)
}

/** Of what was not written, zeros are known. */
const checkFill = (refuse: Refuse, entry: string, fill: unknown): void => {
  const isZero = Object.is(fill, 0) || fill === false || fill === null || fill === undefined
  if (!isZero && !/^0x0+$/.test(String(fill))) {
    refuse('unsupported', entry, 'among the files, or filled with 0', `none of that name, and ${show(fill)}`)
  }
}

/** All places of a grid, the last axis first. */
function* places(grid: readonly number[]): Generator<readonly number[]> {
  const count = grid.reduce((product, length) => product * length, 1)
  const index = grid.map(() => 0)
  for (let i = 0; i < count; i++) {
    yield [...index]
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (grid[axis] as number)) break
      index[axis] = 0
    }
  }
}

/** Where a chunk is in its array. */
interface Placing {
  readonly shape: readonly number[]
  readonly chunks: readonly number[]
  readonly origin: readonly number[]
  readonly width: number
}

/** Copies a chunk into its array, row by row; what is beyond the end of the array is left out. */
const place = (out: Uint8Array, { shape, chunks, origin, width }: Placing, chunk: Uint8Array): void => {
  const extent = chunks.map((length, axis) => Math.min(length, (shape[axis] as number) - (origin[axis] as number)))
  const row = (extent.at(-1) ?? 1) * width
  for (const index of places(extent.slice(0, -1))) {
    let [from, to] = [0, 0]
    for (const [axis, length] of shape.entries()) {
      const at = index[axis] ?? 0
      from = from * (chunks[axis] as number) + at
      to = to * length + (origin[axis] as number) + at
    }
    out.set(chunk.subarray(from * width, from * width + row), to * width)
  }
}

/** An object in JSON. */
export type Json = { readonly [key: string]: unknown }

/** The object in a file of JSON, in which no key is there twice or `__proto__`. */
export const jsonOf = (refuse: Refuse, entry: string, bytes: Uint8Array): Json => {
  const value = parseJson(refuse, entry, utf8(refuse, entry, bytes), MAX_DEPTH)
  return isJson(value) ? value : refuse('malformed', entry, 'an object in JSON', 'something else')
}

/** Whether a value of JSON is an object. */
export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isLengths = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length <= MAX_RANK && value.every((x) => Number.isSafeInteger(x) && x >= 0)

/** The lengths of an array and of its chunks, which fit each other. */
const lengthsOf = (
  { refuse, budget }: ZarrContext,
  entry: string,
  [shape, chunks]: readonly [unknown, unknown],
  dtype: TensorDType
): Pick<ArrayLayout, 'shape' | 'chunks'> => {
  if (!isLengths(shape) || !isLengths(chunks) || shape.length !== chunks.length || chunks.includes(0)) {
    return refuse('malformed', entry, 'of lengths and of lengths of chunks', `${show(shape)} and ${show(chunks)}`)
  }
  const size = byteLengthOf(dtype, chunks)
  if (size === undefined || size > budget.left)
    refuse('tooLarge', entry, `of chunks of ${budget.left} bytes`, show(chunks))
  return { shape, chunks }
}

const layout2 = (context: ZarrContext, name: string, bytes: Uint8Array): ArrayLayout => {
  const { refuse, budget } = context
  const entry = `${name}/.zarray`
  const json = jsonOf(refuse, entry, bytes)
  const { zarr_format: version, dtype: named, compressor, filters, order, dimension_separator: separator = '.' } = json
  if (version !== 2) refuse('unsupported', entry, 'of version 2', show(version))
  const { dtype, isBig } = dtypeNamed(refuse, entry, named === 'bfloat16' ? '<V2' : named)
  if (filters !== null && filters !== undefined) refuse('unsupported', entry, 'without filters', show(filters))
  const id: unknown = isJson(compressor) ? compressor['id'] : compressor
  if (id !== null && id !== 'zstd') refuse('unsupported', entry, 'packed by zstd or not at all', show(id))
  if (order !== 'C' && order !== 'F') refuse('malformed', entry, 'of the order C or F', show(order))
  if (separator !== '.' && separator !== '/') refuse('malformed', entry, 'separated by . or /', show(separator))
  const { shape, chunks } = lengthsOf(context, entry, [json['shape'], json['chunks']], dtype)
  const width = bytesPerElement(dtype)
  return {
    dtype,
    shape,
    chunks,
    fill: json['fill_value'],
    keyOf: (index) => (index.length === 0 ? '0' : index.join(String(separator))),
    unpack: (key, packed) => {
      const raw = id === null ? packed : unzstd(refuse, key, packed, budget)
      const elements = exact(refuse, key, raw, byteLengthOf(dtype, chunks) as number)
      const little = isBig ? swapped(elements, width) : elements
      return order === 'F' ? inRowMajorOrder(little, chunks, width) : little
    }
  }
}

const exact = (refuse: Refuse, entry: string, bytes: Uint8Array, length: number): Uint8Array =>
  bytes.length === length ? bytes : refuse('malformed', entry, `${length} bytes when unpacked`, `${bytes.length}`)

const layout3 = (context: ZarrContext, name: string, bytes: Uint8Array): ArrayLayout => {
  const { refuse } = context
  const entry = `${name}/zarr.json`
  const json = jsonOf(refuse, entry, bytes)
  if (json['zarr_format'] !== 3 || json['node_type'] !== 'array')
    refuse('unsupported', entry, 'an array of version 3', 'another')
  const dtype = dtypeNamed3(refuse, entry, json['data_type'])
  const [grid, gridOptions] = named(json['chunk_grid'])
  if (grid !== 'regular') refuse('unsupported', entry, 'of a regular grid', show(grid))
  const [keys, keyOptions] = named(json['chunk_key_encoding'])
  if (keys !== 'default' && keys !== 'v2')
    refuse('unsupported', entry, 'with keys of the kind default or v2', show(keys))
  const { separator = keys === 'default' ? '/' : '.' } = keyOptions
  const { shape, chunks } = lengthsOf(context, entry, [json['shape'], gridOptions['chunk_shape']], dtype)
  const codecs = json['codecs']
  const fill = json['fill_value']
  return {
    dtype,
    shape,
    chunks,
    fill,
    keyOf: (index) =>
      keys === 'default'
        ? ['c', ...index].join(String(separator))
        : index.length === 0
          ? '0'
          : index.join(String(separator)),
    unpack: (key, packed) => unpackChunk(context, { entry: key, dtype, shape: chunks, codecs, fill, depth: 0 }, packed)
  }
}

const dtypeNamed3 = (refuse: Refuse, entry: string, value: unknown): TensorDType => {
  const dtype = isTensorDType(value) ? value : undefined
  return dtype ?? refuse('unsupported', entry, 'of floats of 16 to 64 bits, whole numbers or bool', show(value))
}

/** A name with options, which may be left out: `"bytes"` or `{ "name": "bytes", "configuration": { … } }`. */
const named = (value: unknown): readonly [string, Json] => {
  if (typeof value === 'string') return [value, {}]
  const { name, configuration } = isJson(value) ? value : {}
  return [typeof name === 'string' ? name : '', isJson(configuration) ? configuration : {}]
}

/** A chunk or a part of a shard, and what was done to it. */
interface Packed {
  readonly entry: string
  readonly dtype: TensorDType
  readonly shape: readonly number[]
  readonly codecs: unknown
  /** What the parts of a shard are that were not written. */
  readonly fill: unknown
  readonly depth: number
}

const unpackChunk = (
  context: ZarrContext,
  { entry, dtype, shape, codecs, fill, depth }: Packed,
  packed: Uint8Array
): Uint8Array => {
  const { refuse, budget } = context
  const list = Array.isArray(codecs) && codecs.length > 0 && codecs.length < 10 ? codecs.map(named) : []
  const [[first, options] = ['', {}], ...rest] = list
  let bytes = packed
  for (const [codec] of rest.reverse()) {
    if (codec === 'zstd') bytes = unzstd(refuse, entry, bytes, budget)
    else if (codec === 'crc32c') bytes = checked(refuse, entry, bytes)
    else refuse('unsupported', entry, 'packed by zstd, with a checksum crc32c or without', show(codec))
  }
  if (first === 'sharding_indexed' && depth === 0)
    return unpackShard(context, { entry, dtype, shape, codecs: options, fill, depth }, bytes)
  if (first !== 'bytes') refuse('unsupported', entry, 'of bytes, or of shards of them', show(first))
  const elements = exact(refuse, entry, bytes, byteLengthOf(dtype, shape) as number)
  return options['endian'] === 'big' ? swapped(elements, bytesPerElement(dtype)) : elements
}

const checked = (refuse: Refuse, entry: string, bytes: Uint8Array): Uint8Array => {
  const reader = new Reader(refuse, entry, bytes)
  const body = reader.bytes(Math.max(0, bytes.length - 4))
  return reader.u32() === crc32c(body) ? body : refuse('corrupt', entry, 'what its checksum says', 'other bytes')
}

/** A chunk that is a grid of smaller ones, with an index of where they are at its end or its beginning. */
const unpackShard = (context: ZarrContext, shard: Packed, bytes: Uint8Array): Uint8Array => {
  const { refuse, isFull } = context
  const { entry, dtype, shape, codecs, fill } = shard
  const options = codecs as Json
  const inner = options['chunk_shape']
  if (
    !isLengths(inner) ||
    inner.length !== shape.length ||
    inner.some((x, i) => x === 0 || (shape[i] as number) % x !== 0)
  ) {
    return refuse('malformed', entry, 'of shards that fit their chunks', show(inner))
  }
  const grid = shape.map((length, axis) => length / (inner[axis] as number))
  const count = grid.reduce((product, length) => product * length, 1)
  const indexCodecs = Array.isArray(options['index_codecs']) ? options['index_codecs'].map(named) : []
  const isChecked = indexCodecs.some(([name]) => name === 'crc32c')
  const length = 16 * count + (isChecked ? 4 : 0)
  const reader = new Reader(refuse, `the index of ${entry}`, bytes)
  if (options['index_location'] !== 'start') reader.seek(Math.max(0, bytes.length - length))
  const packed = reader.bytes(length)
  const index = new Reader(refuse, `the index of ${entry}`, isChecked ? checked(refuse, entry, packed) : packed)
  const out = new Uint8Array(byteLengthOf(dtype, shape) as number)
  const width = bytesPerElement(dtype)
  for (const at of places(grid)) {
    const [offset, size] = [index.bigU64(), index.bigU64()]
    const isAbsent = offset === 0xffff_ffff_ffff_ffffn && size === offset
    if (isAbsent && isFull) refuse('truncated', entry, 'of all its chunks', 'one that is missing')
    if (isAbsent) checkFill(refuse, `a part of ${entry}`, fill)
    if (isAbsent) continue
    const piece = new Reader(refuse, entry, bytes)
    piece.seek(Number(offset))
    const chunk = unpackChunk(
      context,
      { entry, dtype, shape: inner, codecs: options['codecs'], fill, depth: 1 },
      piece.bytes(Number(size))
    )
    place(out, { shape, chunks: inner, origin: at.map((i, axis) => i * (inner[axis] as number)), width }, chunk)
  }
  return out
}
