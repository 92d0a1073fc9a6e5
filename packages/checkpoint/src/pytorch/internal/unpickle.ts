import { show } from '@gradchain/core'
import type { Refuse } from '../../internal/attempt.js'
import { Reader } from '../../internal/reader.js'
import { isTensorDType } from '../../internal/tensors.js'
import type { TensorDType } from '../../tensor.js'
import { dtypeOfStorage } from './storages.js'

/** What a pickle of `torch.save` holds, before its tensors are filled: references to one thing are one object. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | PickledItems<'list'>
  | PickledItems<'tuple'>
  | PickledItems<'set'>
  | PickledDict
  | PickledTensor
  | { readonly kind: 'storage'; readonly storage: PickledStorage }
  | { readonly kind: 'global'; readonly name: string }

/** A list, a tuple or a set. */
export interface PickledItems<K extends 'list' | 'tuple' | 'set'> {
  readonly kind: K
  readonly items: Pickled[]
}

/** A dict, or one of the classes that are dicts. */
export interface PickledDict {
  readonly kind: 'dict'
  readonly entries: Map<string | number, Pickled>
}

/** Memory that tensors look into: an entry of the archive. */
export interface PickledStorage {
  /** The name of the entry below `data/`. */
  readonly key: string
  /** The dtype of its elements; `null` for bytes, whose tensors say theirs, and the name of a dtype that is not held here. */
  readonly dtype: TensorDType | null | { readonly unknown: string }
  /** How many elements there are. */
  readonly length: number
}

/** A view into a storage. */
export interface PickledTensor {
  readonly kind: 'tensor'
  readonly storage: PickledStorage
  readonly dtype: TensorDType | { readonly unknown: string }
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** What is on the stack of the machine; a mark is where a list of items begins. */
const MARK: unique symbol = Symbol('mark')

/**
 * What `torch.save` has pickled. Nothing is run: opcodes and names outside the lists below are refused by name.
 *
 * It takes as much memory as the pickle has bytes, up to a factor: nothing is copied, and no opcode makes more than one thing.
 */
export const unpickle = (refuse: Refuse, entry: string, pickle: Uint8Array): Pickled => {
  const reader = new Reader(refuse, entry, pickle)
  const stack: (Pickled | typeof MARK)[] = []
  const memo = new Map<number, Pickled>()

  const malformed: (wanted: string, got: string) => never = (wanted, got) => refuse('malformed', at(), wanted, got)
  const at = (): string => `${entry} at byte ${reader.position - 1}`

  const pop = (): Pickled => {
    const top = stack.pop()
    return top === undefined || top === MARK ? malformed('an opcode with operands before it', 'none') : top
  }
  const top = (): Pickled => {
    const value = stack[stack.length - 1]
    return value === undefined || value === MARK ? malformed('an opcode with operands before it', 'none') : value
  }
  const popToMark = (): Pickled[] => {
    const start = stack.lastIndexOf(MARK)
    if (start < 0) malformed('an opcode with a mark before it', 'none')
    const items = stack.splice(start).slice(1)
    return items as Pickled[]
  }

  const append = (items: readonly Pickled[]): void => {
    const list = top()
    if (!isOf(list, 'list')) malformed('an opcode after a list', said(list))
    for (const item of items) list.items.push(item)
  }
  const setItems = (items: readonly Pickled[]): void => {
    const dict = top()
    if (!isOf(dict, 'dict')) malformed('an opcode after a dict', said(dict))
    if (items.length % 2 !== 0) malformed('pairs of keys and values', `${items.length} items`)
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]
      if (typeof key !== 'string' && !Number.isSafeInteger(key)) {
        refuse('unsupported', at(), 'a dict whose keys are texts and whole numbers', said(key))
      }
      if (dict.entries.has(key as string | number)) malformed('a dict without a key twice', `${said(key)} twice`)
      dict.entries.set(key as string | number, items[i + 1] as Pickled)
    }
  }
  const memoized = (index: number): Pickled => {
    const value = memo.get(index)
    return value === undefined ? malformed('a reference to something before it', `number ${index}`) : value
  }

  const global = (): Pickled => {
    const name = `${line(reader)} ${line(reader)}`
    if (name === 'torch.storage UntypedStorage') return { kind: 'global', name }
    const [module = '', attribute = ''] = name.split(' ')
    if (module === 'torch' && (attribute.endsWith('Storage') || isDTypeName(attribute))) return { kind: 'global', name }
    if (CALLS.has(name)) return { kind: 'global', name }
    return refuse('refused', at(), `a name that a file of tensors needs (${[...CALLS.keys()].join(', ')})`, show(name))
  }
  const reduce = (): Pickled => {
    const given = pop()
    const called = pop()
    if (!isOf(given, 'tuple')) return malformed('a call with a tuple of arguments', said(given))
    const call = isOf(called, 'global') ? CALLS.get(called.name) : undefined
    return call === undefined
      ? refuse('refused', at(), 'a call of a function', said(called))
      : call(
          given.items,
          (wanted) => malformed(wanted, `${said(called)} of ${given.items.map(said).join(', ')}`),
          refuse
        )
  }
  const persistent = (): Pickled => {
    const id = pop()
    const [tag, type, key, , length] = isOf(id, 'tuple') ? id.items : []
    if (tag !== 'storage' || !isOf(type, 'global') || typeof key !== 'string' || !isLength(length)) {
      return malformed('a reference to a storage', said(id))
    }
    const name = type.name.split(' ')[1] as string
    if (!name.endsWith('Storage')) malformed('a reference to a storage', said(type))
    const dtype = name === 'UntypedStorage' ? null : (dtypeOfStorage(name) ?? { unknown: name })
    return { kind: 'storage', storage: { key, dtype, length } }
  }
  const build = (): void => {
    // The attributes of an OrderedDict: `_metadata`, the versions of modules.
    pop()
    const built = top()
    if (!isOf(built, 'dict')) malformed('attributes of a dict', said(built))
  }

  const put = (index: number): void => {
    memo.set(index, top())
  }

  for (let first = true; ; first = false) {
    const opcode = reader.u8()
    if (first && opcode !== PROTO) malformed('a pickle, which begins with a protocol', hex(opcode))
    switch (opcode) {
      case PROTO: {
        const protocol = reader.u8()
        if (protocol !== 2) {
          refuse('unsupported', entry, 'a pickle of protocol 2, as `torch.save` writes it', `protocol ${protocol}`)
        }
        break
      }
      case 0x2e: {
        // STOP
        const result = pop()
        if (stack.length > 0) malformed('a pickle of one value', `${stack.length + 1}`)
        if (reader.remaining > 0) malformed('the end of the pickle', `${reader.remaining} more bytes`)
        return result
      }
      case 0x28:
        stack.push(MARK)
        break
      case 0x4e:
        stack.push(null)
        break
      case 0x88:
        stack.push(true)
        break
      case 0x89:
        stack.push(false)
        break
      case 0x4b: // BININT1
        stack.push(reader.u8())
        break
      case 0x4d: // BININT2
        stack.push(reader.u16())
        break
      case 0x4a: // BININT
        stack.push(reader.i32())
        break
      case 0x8a: // LONG1
        stack.push(whole(reader.bytes(reader.u8())))
        break
      case 0x47: // BINFLOAT, the one thing that is big-endian
        stack.push(reader.f64(false))
        break
      case 0x58: // BINUNICODE
        stack.push(reader.text(reader.u32()))
        break
      case 0x7d:
        stack.push({ kind: 'dict', entries: new Map() })
        break
      case 0x5d:
        stack.push({ kind: 'list', items: [] })
        break
      case 0x29: // EMPTY_TUPLE
        stack.push({ kind: 'tuple', items: [] })
        break
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87: {
        const items = Array.from({ length: opcode - 0x84 }, pop)
        stack.push({ kind: 'tuple', items: items.reverse() })
        break
      }
      case 0x74: // TUPLE
        stack.push({ kind: 'tuple', items: popToMark() })
        break
      case 0x61: // APPEND
        append([pop()])
        break
      case 0x65: // APPENDS
        append(popToMark())
        break
      case 0x73: {
        // SETITEM
        const value = pop()
        setItems([pop(), value])
        break
      }
      case 0x75: // SETITEMS
        setItems(popToMark())
        break
      case 0x71: // BINPUT
        put(reader.u8())
        break
      case 0x72: // LONG_BINPUT
        put(reader.u32())
        break
      case 0x68: // BINGET
        stack.push(memoized(reader.u8()))
        break
      case 0x6a: // LONG_BINGET
        stack.push(memoized(reader.u32()))
        break
      case 0x63:
        stack.push(global())
        break
      case 0x51:
        stack.push(persistent())
        break
      case 0x52:
        stack.push(reduce())
        break
      case 0x62:
        build()
        break
      default:
        refuse('refused', at(), 'an opcode that a file of tensors needs', hex(opcode))
    }
  }
}

const PROTO = 0x80

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`

/** The text up to the end of the line. */
const line = (reader: Reader): string => {
  let text = ''
  for (let byte = reader.u8(); byte !== 0x0a; byte = reader.u8()) {
    text += String.fromCharCode(byte)
    if (text.length > 200) return text
  }
  return text
}

/** A whole number in two's complement, the lowest byte first: a bigint where a number would not be exact. */
const whole = (bytes: Uint8Array): number | bigint => {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  const exact = BigInt.asIntN(8 * bytes.length, value)
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
}

type Kind = Extract<Pickled, { readonly kind: string }>['kind']

const isOf = <K extends Kind>(value: Pickled | undefined, kind: K): value is Extract<Pickled, { readonly kind: K }> =>
  typeof value === 'object' && value !== null && value.kind === kind

/** How a value reads in an error. */
const said = (value: Pickled | undefined): string => {
  if (typeof value !== 'object' || value === null) return show(value)
  if (value.kind === 'global') return value.name
  return `a ${value.kind}`
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const lengthsOf = (value: Pickled | undefined): readonly number[] | undefined =>
  isOf(value, 'tuple') && value.items.every(isLength) ? (value.items as number[]) : undefined

/** A dtype of PyTorch, by its name. */
const isDTypeName = (name: string): boolean => /^(?:q?u?int|b?float|complex)\d+(?:x\d)?(?:_\w+)?$|^bool$/.test(name)

type Call = (given: readonly Pickled[], wanted: (what: string) => never, refuse: Refuse) => Pickled

const tensorOver = (given: readonly Pickled[], wanted: (what: string) => never, dtype?: Pickled): Pickled => {
  const [source, offset, size, stride] = given
  const shape = lengthsOf(size)
  const strides = lengthsOf(stride)
  if (!isOf(source, 'storage') || !isLength(offset) || shape === undefined || strides?.length !== shape.length) {
    return wanted('a tensor of a storage, an offset, lengths and as many strides')
  }
  const { storage } = source
  if (storage.dtype !== null) return { kind: 'tensor', storage, dtype: storage.dtype, offset, shape, strides }
  const name = isOf(dtype, 'global') ? (dtype.name.split(' ')[1] as string) : undefined
  if (name === undefined) return wanted('a tensor with a dtype')
  const known = isTensorDType(name) ? name : { unknown: name }
  return { kind: 'tensor', storage, dtype: known, offset, shape, strides }
}

const withoutMetadata = (metadata: Pickled | undefined, wanted: (what: string) => never): void => {
  if (metadata === undefined || metadata === null) return
  if (!isOf(metadata, 'dict') || metadata.entries.size > 0) wanted('a tensor that is neither conjugated nor negated')
}

const dict: Call = ([from], wanted) => {
  if (from === undefined) return { kind: 'dict', entries: new Map() }
  return isOf(from, 'dict') ? from : wanted('a dict')
}

const set: Call = ([from], wanted) =>
  isOf(from, 'list') ? { kind: 'set', items: from.items } : wanted('a set of a list')

/** What may be called, and what becomes of it. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  [
    'torch._utils _rebuild_tensor_v2',
    (given, wanted) => {
      withoutMetadata(given[6], wanted)
      return tensorOver(given, wanted)
    }
  ],
  [
    'torch._utils _rebuild_tensor_v3',
    (given, wanted) => {
      withoutMetadata(given[7], wanted)
      return tensorOver(given, wanted, given[6])
    }
  ],
  ['torch._utils _rebuild_parameter', ([data], wanted) => (isOf(data, 'tensor') ? data : wanted('a parameter'))],
  ['torch Size', ([size], wanted) => (lengthsOf(size) === undefined ? wanted('a size') : (size as Pickled))],
  [
    'torch device',
    ([type, index], wanted) => {
      if (typeof type !== 'string') return wanted('a device')
      return index === undefined ? type : `${type}:${said(index)}`
    }
  ],
  [
    '_codecs encode',
    ([text, encoding], wanted) => {
      if (typeof text !== 'string' || encoding !== 'latin1' || /[^\0-\xff]/.test(text)) return wanted('bytes')
      return { kind: 'bytes', bytes: Uint8Array.from(text, (letter) => letter.charCodeAt(0)) }
    }
  ],
  ['collections OrderedDict', dict],
  ['collections Counter', dict],
  ['__builtin__ set', set],
  ['builtins set', set]
])
