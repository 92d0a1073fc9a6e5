import { type Zippable, zipSync } from 'fflate'
import { bytesOf } from '../internal/tensors.js'
import { checkFits } from '../internal/zip.js'
import { pickle } from './internal/pickle.js'

/**
 * A file that PyTorch reads with `torch.load(file, weights_only=True)`: the way back from {@link decodePytorch}.
 *
 *     an object, a Map          dict; an object whose keys are all whole numbers, such as `state` of an optimizer, has ints for keys
 *     an array                  list
 *     a tensor, a typed array   Tensor, contiguous and on the CPU; a Uint8Array is bytes
 *     a number, a bigint        int where it is whole, otherwise float
 *     a boolean, a text, null   bool, str, None
 *
 * The same tree gives the same bytes. The memory of each tensor begins at a multiple of 64 bytes, so that PyTorch can map it. It is
 * copied into the file once.
 *
 * Laws: decoding gives the tree back, its typed arrays as tensors.
 *
 * @param tree - The tree, made of the above, such as {@link toPytorch} gives it. A Map is a dict with the keys that it
 * has, where an object with keys such as `'0'` would have ints.
 *
 * @example
 * const model = { 'body.weight': ndarray([1, 2, 3, 4], [2, 2]), 'body.bias': new Float32Array(2) }
 * const file = encodePytorch({ model, epoch: 3 })
 * file.length // => 1262
 *
 * @throws InvalidTree with the path, for what has no place in such a file, for a tree that contains itself, and beyond 4 GiB or some 65,000 tensors.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.load.html}
 */
export const encodePytorch = (tree: unknown): Uint8Array => {
  const { bytes, tensors } = pickle('encodePytorch', tree)
  const files: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ['data.pkl', bytes],
    ['.format_version', text('1')],
    ['.storage_alignment', text(String(ALIGNMENT))],
    ['byteorder', text('little')],
    ...tensors.map((tensor, i) => [`data/${i}`, bytesOf(tensor)] as const),
    ['version', text('3\n')]
  ]
  const archive: Zippable = {}
  let end = 0
  for (const [name, content] of files) {
    const path = `archive/${name}`
    const header = end + HEADER + path.length + EXTRA
    const padding = (ALIGNMENT - (header % ALIGNMENT)) % ALIGNMENT
    archive[path] = [content, { extra: { [FILLER]: new Uint8Array(padding).fill(0x5a) } }]
    end = header + padding + content.length
  }
  checkFits('encodePytorch', files.length, end)
  // What a zip archive can say of time begins in 1980.
  return zipSync(archive, { level: 0, mtime: new Date(1980, 0, 1) })
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content)

/** Where the contents of a file begin: at a multiple of this. */
const ALIGNMENT = 64

/** The bytes before the contents of a file, without its name and its padding: its header, and that of the padding. */
const HEADER = 30
const EXTRA = 4

/** The kind of padding, `FB`, as PyTorch has it; it is filled with `Z`. */
const FILLER = 0x4246
