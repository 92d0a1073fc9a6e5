import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt, type Refuse } from '../internal/attempt.js'
import { MAX_DEPTH, MAX_RANK } from '../internal/limits.js'
import { placeOf } from '../internal/placeOf.js'
import { givenBytes } from '../internal/plainBytes.js'
import { gathered, swapped } from '../internal/reorder.js'
import { setKey } from '../internal/setKey.js'
import { byteLengthOf, bytesPerElement, tensorOf } from '../internal/tensors.js'
import { readZip, type ZipEntry } from '../internal/zip.js'
import type { Tensor, TensorTree } from '../tensor.js'
import { isContiguous, reachOf } from './internal/strided.js'
import { type Pickled, type PickledTensor, unpickle } from './internal/unpickle.js'

/**
 * What a file of PyTorch's `torch.save` holds, as a tree: the state of a model, of an optimizer, or a checkpoint of both.
 *
 *     dict, OrderedDict, Counter     an object; the keys are texts or whole numbers: `state[0].exp_avg`
 *     list, tuple, set, Size         an array
 *     Tensor, Parameter              a tensor of its own, in row-major order, whatever it was a view of
 *     int, float, bool, str, None    a number (a bigint where no number is exact), a boolean, a text, null
 *     bytes, dtype, device           a Uint8Array, a name, a name
 *
 * The file is the zip archive that PyTorch writes since 1.6. The pickle in it is read and never run: names and opcodes
 * beyond what tensors, dicts and lists need are refused by name. So are a model that was saved whole, in place of its
 * `state_dict()`, and quantized, sparse and complex tensors. The checksum of every entry is compared.
 *
 * Views that share memory become arrays of their own. All of them together take at most eight times as many bytes as the file, so that a
 * small file cannot fill the memory.
 *
 * @example
 * const file = encodePytorch({ weight: new Float32Array([1, 2]), epoch: 3 })
 * const decoded = decodePytorch(file)
 * decoded._tag === 'Right' && decoded.right
 * // => { weight: { dtype: 'float32', shape: [2], data: Float32Array [1, 2] }, epoch: 3 }
 *
 * @example
 * const none = decodePytorch(new Uint8Array(4))
 * none._tag === 'Left' && none.left.message // => 'decodePytorch: the file must be a zip archive, got something else'
 *
 * @throws InvalidOption for what is no Uint8Array.
 * @see fromPytorch for what becomes of it, encodePytorch for the way back.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.save.html}
 */
export const decodePytorch = (file: Uint8Array): Either<CheckpointError, TensorTree> => {
  const bytes = givenBytes('decodePytorch', file)
  return attempt('decodePytorch', (refuse) => {
    const archive = archiveOf(refuse, bytes)
    const pickle = archive.entry('data.pkl')
    const root = unpickle(refuse, 'data.pkl', pickle)
    return treeOf(refuse, root, archive, { nodes: 8 * pickle.length, bytes: LARGEST * bytes.length })
  })
}

/** How many times as many bytes as the file its tensors may take. */
const LARGEST = 8

/** The entries of an archive, without the folder that they are all in. */
interface Archive {
  readonly entry: (name: string) => Uint8Array
  readonly isBigEndian: boolean
}

const archiveOf = (refuse: Refuse, bytes: Uint8Array): Archive => {
  if (LEGACY.every((byte, i) => bytes[i] === byte)) {
    refuse('unsupported', 'the file', 'a zip archive, as PyTorch writes it since 1.6', 'the format before that')
  }
  const files = readZip(refuse, 'the file', bytes, LARGEST * bytes.length)
  const names = [...files.keys()]
  const root = names[0]?.split('/')[0] ?? ''
  if (!names.every((name) => name.startsWith(`${root}/`))) {
    refuse('malformed', 'the file', 'an archive of one folder', 'one of several')
  }
  const find = (name: string): ZipEntry | undefined => files.get(`${root}/${name}`)
  // Many tensors may look into one entry.
  const unpacked = new Map<string, Uint8Array>()
  const entry = (name: string): Uint8Array => {
    const known = unpacked.get(name)
    if (known !== undefined) return known
    const file =
      find(name) ?? refuse('malformed', 'the file', `an archive of PyTorch, with ${name} in it`, 'one without')
    const made = file.read()
    unpacked.set(name, made)
    return made
  }
  const text = (name: string): string => String.fromCharCode(...entry(name).subarray(0, 32))

  const version = text('version').trim()
  if (!/^\d+$/.test(version) || Number(version) < 1 || Number(version) > NEWEST) {
    refuse('unsupported', 'version', `a version from 1 to ${NEWEST}`, JSON.stringify(version))
  }
  const order = find('byteorder') === undefined ? 'little' : text('byteorder').trim()
  if (order !== 'little' && order !== 'big') {
    refuse('unsupported', 'byteorder', 'little or big', JSON.stringify(order))
  }
  return { entry, isBigEndian: order === 'big' }
}

/** How a file in the format before 1.6 begins: a pickle of its magic number. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]

/** The newest version of archives that PyTorch 2.13 reads; it writes version 3. */
const NEWEST = 10

/** How much more may be made: a pickle that holds a thing twice says so in two bytes. */
interface Left {
  nodes: number
  bytes: number
}

const treeOf = (refuse: Refuse, root: Pickled, archive: Archive, left: Left): TensorTree => {
  const path: (string | number)[] = []
  const here = (): string => (path.length === 0 ? 'the value' : placeOf(path))

  const below = (key: string | number, value: Pickled): TensorTree => {
    path.push(key)
    if (path.length > MAX_DEPTH) refuse('tooLarge', 'the value', `nested at most ${MAX_DEPTH} deep`, 'more')
    const made = visit(value)
    path.pop()
    return made
  }

  const visit = (value: Pickled): TensorTree => {
    left.nodes -= 1
    if (left.nodes < 0)
      refuse('tooLarge', 'the value', 'of a size that fits its pickle', 'much that is there many times')
    if (typeof value !== 'object' || value === null) return value
    switch (value.kind) {
      case 'dict': {
        const object: Record<string, TensorTree> = {}
        for (const [key, item] of value.entries) setKey(refuse, here(), object, String(key), below(key, item))
        return object
      }
      case 'list':
      case 'tuple':
      case 'set':
        return value.items.map((item, i) => below(i, item))
      case 'bytes':
        spend(value.bytes.length)
        return value.bytes.slice()
      case 'tensor':
        return tensor(value)
      case 'global':
        return /^torch \w*\d|^torch bool$/.test(value.name)
          ? value.name.slice('torch '.length)
          : refuse('refused', here(), 'a value', `the function ${value.name}`)
      case 'storage':
        return refuse('unsupported', here(), 'a tensor', 'a storage without one')
    }
  }

  const spend = (bytes: number): void => {
    left.bytes -= bytes
    if (left.bytes < 0) {
      refuse('tooLarge', here(), `of tensors that take at most ${LARGEST} times the bytes of the file`, 'larger ones')
    }
  }

  const tensor = (view: PickledTensor): Tensor => {
    const { storage, dtype, shape, strides } = view
    if (typeof dtype === 'object') {
      return refuse('unsupported', here(), 'a tensor of a dtype that is held here', `one of ${dtype.unknown}`)
    }
    if (shape.length > MAX_RANK) refuse('tooLarge', here(), `a tensor of at most ${MAX_RANK} axes`, `${shape.length}`)
    const size = byteLengthOf(dtype, shape)
    if (size === undefined) return refuse('tooLarge', here(), 'a tensor with a size', `the shape [${shape.join(', ')}]`)
    spend(size)

    const width = bytesPerElement(dtype)
    const entry = `data/${storage.key}`
    const bytes = archive.entry(entry)
    const wanted = storage.length * (storage.dtype === null ? 1 : width)
    if (bytes.length !== wanted) refuse('malformed', entry, `${wanted} bytes long`, `${bytes.length}`)
    if (reachOf(view) * width > bytes.length) {
      refuse('malformed', here(), `a tensor within the ${bytes.length} bytes of ${entry}`, 'one that goes beyond them')
    }
    const start = view.offset * width
    const elements = isContiguous(view)
      ? bytes.subarray(start, start + size)
      : gathered(
          bytes.subarray(start),
          shape,
          strides.map((stride) => stride * width),
          width
        )
    return tensorOf(dtype, shape, archive.isBigEndian && width > 1 ? swapped(elements, width) : elements)
  }

  return visit(root)
}
