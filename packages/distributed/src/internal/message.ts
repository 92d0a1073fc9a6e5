import { dequantize, force, type Leaf, type NdArray, quantize, type Tree } from '@gradchain/core'

type Elements = NdArray['data']

/** An array in fewer bytes, to the bit: what `decoded` makes the array of again. */
export type Message =
  | { readonly all: Leaf }
  /** The elements that are not 0, and where they stand. */
  | { readonly places: Uint32Array; readonly elements: Elements }
  /** One of two values for each element, a bit each. */
  | { readonly bits: Uint8Array; readonly values: Elements }
  /** The codes of `quantize`. */
  | { readonly codes: Uint16Array }

/** The smallest message for an array, whatever has made it small: elements that are 0, only two values, or the values of eight bits. */
export const encoded = (leaf: Leaf): Message => {
  if (typeof leaf === 'number') return { all: leaf }
  const elements = elementsOf(leaf)
  let count = 0
  for (const x of elements) if (!Object.is(x, 0)) count += 1
  const width = elements.BYTES_PER_ELEMENT
  const few = twoValued(elements)
  if (few !== null) return few
  if (count * (4 + width) <= elements.length) return sparse(elements, count)
  const eight = inEightBits(leaf, elements)
  if (eight !== null) return eight
  return count * (4 + width) < elements.length * width ? sparse(elements, count) : { all: leaf }
}

/** The array of a message, for a leaf of the same form. */
export const decoded = (message: Message, like: Leaf): Leaf => {
  if ('all' in message) return message.all
  if (typeof like === 'number') return like
  if ('codes' in message) {
    const words = { dtype: 'bfloat16', shape: [message.codes.length / ROW, ROW], data: message.codes } as const
    return (force({ x: dequantize(words, 'dynamic8', like) }) as { readonly x: Leaf }).x
  }
  const elements = elementsOf(like).slice().fill(0)
  if ('places' in message) {
    message.places.forEach((place, i) => {
      elements[place] = message.elements[i] as number
    })
  } else {
    for (let i = 0; i < elements.length; i++) {
      elements[i] = message.values[((message.bits[i >> 3] as number) >> (i & 7)) & 1] as number
    }
  }
  return ('data' in like ? { ...like, data: elements } : elements) as Leaf
}

/** How many words a row of `quantize` has: a scale in two, and the codes of 256 elements. */
const ROW = 130

const elementsOf = (leaf: Exclude<Leaf, number>): Elements => ('data' in leaf ? leaf.data : leaf) as Elements

const sparse = (elements: Elements, count: number): Message => {
  const places = new Uint32Array(count)
  let at = 0
  for (let i = 0; i < elements.length; i++) if (!Object.is(elements[i], 0)) places[at++] = i
  const kept = elements.slice(0, count)
  for (let i = 0; i < count; i++) kept[i] = elements[places[i] as number] as number
  return { places, elements: kept }
}

const twoValued = (elements: Elements): Message | null => {
  if (elements.length < LEAST) return null
  const first = elements[0] as number
  const second = elements.find((x: number) => !Object.is(x, first)) ?? first
  const bits = new Uint8Array((elements.length + 7) >> 3)
  for (let i = 0; i < elements.length; i++) {
    const x = elements[i]
    if (Object.is(x, first)) continue
    if (!Object.is(x, second)) return null
    bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7))
  }
  const values = elements.slice(0, 2)
  values[1] = second
  return { bits, values }
}

/** Arrays of fewer elements are sent as they are. */
const LEAST = 16

const inEightBits = (leaf: Leaf, elements: Elements): Message | null => {
  if (!(elements instanceof Float32Array) || elements.length < LEAST) return null
  const { codes } = force({ codes: quantize(leaf, 'dynamic8') }) as { readonly codes: NdArray }
  const message: Message = { codes: codes.data as Uint16Array }
  const again = elementsOf(decoded(message, leaf) as Exclude<Leaf, number>)
  return elements.every((x, i) => Object.is(x, again[i])) ? message : null
}

/** How many bytes a message has, for tests and plans; texts are sent but once. */
export const bytesIn = (message: Message | Tree): number =>
  Object.values(message as object).reduce((sum: number, part: unknown) => {
    if (typeof part === 'string') return sum
    return sum + (ArrayBuffer.isView(part) ? part.byteLength : typeof part === 'number' ? 8 : bytesIn(part as Tree))
  }, 0)
