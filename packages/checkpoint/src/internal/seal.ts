// The one text of our own in the metadata of a file: the form of the tree, and checksums of the tensors and of the header itself.
//
// It stands first, and begins with the checksum of the header, which is taken with zeros in its place. One text alone, as Python's
// safetensors would write several in an order of chance.
import { show } from '@gradchain/core'
import type { Refuse } from './attempt.js'
import { checksumOf } from './checksum.js'
import { MAX_DEPTH } from './limits.js'
import { parseJson } from './parseJson.js'
import type { Form, Plan } from './plan.js'
import { type Header, PREFIX, writeHeader } from './safetensorsHeader.js'

/** The name of our text. */
const KEY = 'gradchain'
/** What is written is of this version. */
const VERSION = 1
const ZEROS = '00000000'
const TEXT_START = '{"header":"'
/** What our text has; a file with any of it was ours, and is damaged where it has not all. */
const MARKS: readonly string[] = [TEXT_START, '"checksums":"', '"tree":']
/** How the header of a file of ours begins, up to its checksum. */
const START = /* @__PURE__ */ new TextEncoder().encode(
  `{"__metadata__":{"${KEY}":${JSON.stringify(TEXT_START).slice(0, -1)}`
)
const SUM_LENGTH = ZEROS.length

/** The beginning of the file of a tree, up to its data, by the checksums of its tensors in the order of the tree. */
export const sealed = ({ owner, form, bare, inFile }: Plan, sums: readonly string[]): Uint8Array => {
  const text = JSON.stringify({
    header: ZEROS,
    version: VERSION,
    checksums: sums.join(''),
    ...(bare.length === 0 ? {} : { bare }),
    tree: form
  })
  const header = writeHeader(owner, { [KEY]: text }, inFile)
  const sum = checksumOf(header.subarray(PREFIX))
  header.set(new TextEncoder().encode(sum), PREFIX + START.length)
  return header
}

/** What a file of ours says about its tree. */
export interface Seal {
  readonly form: Form
  readonly bare: ReadonlySet<number>
  /** The checksum of a tensor, by its number in the order of the tree. */
  readonly sumOf: (index: number) => string
  /** How many there are. */
  readonly sums: number
}

/** What a file says about its tree, once its header is found whole; `undefined` for a file that others wrote. */
export const readSeal = (refuse: Refuse, bytes: Uint8Array, { metadata }: Header): Seal | undefined => {
  const texts = Object.values(metadata)
  if (!Object.hasOwn(metadata, KEY) && !texts.some((text) => MARKS.some((mark) => text.includes(mark))))
    return undefined
  checkHeader(refuse, bytes)
  const entry = `__metadata__ ${show(KEY)}`
  const said = parseJson(refuse, entry, metadata[KEY] ?? '', MAX_DEPTH + 2)
  const {
    version,
    checksums,
    bare = [],
    tree
  } = (typeof said === 'object' && said !== null ? said : {}) as {
    readonly [key: string]: unknown
  }
  if (version !== VERSION) return refuse('unsupported', entry, `of version ${VERSION}`, `version ${show(version)}`)
  if (typeof checksums !== 'string' || checksums.length % SUM_LENGTH !== 0) {
    return refuse('malformed', entry, 'with checksums of eight digits each', show(checksums))
  }
  if (!Array.isArray(bare) || tree === undefined) return refuse('malformed', entry, 'with a tree', 'none')
  return {
    form: tree as Form,
    bare: new Set(bare),
    sumOf: (index) => checksums.slice(index * SUM_LENGTH, (index + 1) * SUM_LENGTH),
    sums: checksums.length / SUM_LENGTH
  }
}

const checkHeader = (refuse: Refuse, bytes: Uint8Array): void => {
  if (!START.every((byte, i) => bytes[i] === byte)) {
    refuse('corrupt', 'the header', 'as it was written, with the tree first', 'another order')
  }
  const end = START.length + SUM_LENGTH
  const written = String.fromCharCode(...bytes.subarray(START.length, end))
  const zeroed = bytes.slice()
  zeroed.set(new TextEncoder().encode(ZEROS), START.length)
  const sum = checksumOf(zeroed)
  if (sum !== written) refuse('corrupt', 'the header', `of checksum ${written}`, sum)
}
