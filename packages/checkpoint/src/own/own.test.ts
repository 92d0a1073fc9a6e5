import { readFileSync, writeFileSync } from 'node:fs'
import { InvalidTree, ndarray } from '@gradchain/core'
import * as random from '@gradchain/core/random'
import fc from 'fast-check'
import type { Either } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import type { CheckpointError } from '../error.js'
import { readBeginnings, survivors } from '../internal/mutateTesting.js'
import { decodeSafetensors } from '../safetensors/decodeSafetensors.js'
import { encodeSafetensors } from '../safetensors/encodeSafetensors.js'
import { load } from './load.js'
import { save } from './save.js'

/** One tree with all that a state may hold. */
const all = () => ({
  params: {
    layers: [
      { kernel: ndarray([1, 2, 3, 4, 5, 6], [2, 3]), bias: Float32Array.of(0.1, -0, Infinity, Number.NaN) },
      null
    ],
    'a.b': ndarray([1.5], [], 'float64'),
    a: { b: Float64Array.of(5e-324, Number.NaN) },
    half: ndarray([1, 2], [2], 'float16'),
    brain: ndarray([1, 2], [1, 2], 'bfloat16'),
    none: new Float32Array(0),
    hollow: ndarray([], [0, 3])
  },
  state: [
    { count: 3, rate: -0, worst: -Infinity, unknown: Number.NaN, tiny: 5e-324, mu: {}, nu: [], pair: [1, [2]] },
    {
      key: random.key(7),
      on: true,
      off: false,
      big: -(2n ** 70n),
      nothing: undefined,
      empty: null,
      text: 'tëxt "\n\ud800'
    },
    [
      Int8Array.of(-1),
      Int16Array.of(-2),
      Int32Array.of(-3),
      BigInt64Array.of(-4n),
      Uint8Array.of(1),
      Uint16Array.of(2),
      Uint32Array.of(3),
      BigUint64Array.of(4n),
      { dtype: 'bool' as const, shape: [2], data: Uint8Array.of(1, 0) },
      { dtype: 'int32' as const, shape: [1, 2], data: Int32Array.of(1, 0) }
    ]
  ],
  '': 1,
  __metadata__: 2,
  '\u007f "\\': { toString: 3, 7: 4, constructor: 5 },
  bare: Object.assign(Object.create(null) as object, { x: 1 })
})

const right = <T>(result: Either<CheckpointError, T>): T => {
  if (result._tag === 'Left') throw result.left
  return result.right
}
const loaded = (bytes: Uint8Array): unknown => right(load(bytes))
const failure = (result: { readonly _tag: string }) =>
  result._tag === 'Left' ? (result as unknown as { left: { kind: string; message: string } }).left : undefined

describe('save and load', () => {
  test('loading gives what was saved, to the bit', () => {
    const tree = all()
    const bytes = save(tree)
    expect(loaded(bytes)).toStrictEqual(tree)
    expect(right(load(bytes, all()))).toStrictEqual(tree)
    expect(save(loaded(bytes))).toStrictEqual(bytes)
    expect(Object.getPrototypeOf((loaded(bytes) as { bare: object }).bare)).toBe(null)
  })

  test.each<[string, unknown]>([
    ['a number', -0],
    ['an array', Float32Array.of(1)],
    ['a tensor', ndarray([1, 2], [2, 1])],
    ['nothing', null],
    ['undefined', undefined],
    ['a text', 'text'],
    ['an empty object', {}],
    ['an empty list', []]
  ])('%s alone is a tree', (_, tree) => {
    expect(loaded(save(tree))).toStrictEqual(tree)
  })

  test('so it is with any tree', () => {
    const leaf = fc.oneof(
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.bigInt(),
      fc.constant(null),
      fc.constant(undefined),
      fc.float32Array({ maxLength: 4 }),
      fc.float64Array({ maxLength: 4 }),
      fc.bigInt64Array({ maxLength: 3 }),
      fc.uint8Array({ maxLength: 3 }),
      fc
        .float32Array({ minLength: 2, maxLength: 2 })
        .map((data) => ({ dtype: 'float32' as const, shape: [2, 1], data }))
    )
    const key = fc
      .oneof(fc.string(), fc.constantFrom('a', 'b', 'a.b', '0', '', 'valueOf'))
      .filter((k) => k !== '__proto__')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 })
      )
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = save(value)
        expect(loaded(bytes)).toStrictEqual(value)
        expect(right(load(bytes, value))).toStrictEqual(value)
      })
    )
  })

  test('arrays are named by their place, and no two alike', () => {
    const file = decodeSafetensors(save(all()))
    const names = file._tag === 'Right' ? Object.keys(file.right.tensors) : []
    expect(names).toEqual(
      expect.arrayContaining(['params.layers.0.kernel', 'params.a.b', 'params.a.b_', 'state.0.count', ''])
    )
    expect(names).toContain('__metadata___')
  })

  test('what is loaded shares no memory with the file, nor the file with the tree', () => {
    const w = Float32Array.of(1)
    const bytes = save({ w })
    w[0] = 2
    const tree = loaded(bytes)
    bytes.fill(0)
    expect(tree).toStrictEqual({ w: Float32Array.of(1) })
  })

  test('a Buffer is as good as any bytes, wherever it lies, and is left as it was', () => {
    const bytes = save(all())
    const odd = Buffer.concat([Buffer.of(1), bytes]).subarray(1)
    expect(loaded(odd)).toStrictEqual(all())
    expect(odd.equals(bytes)).toBe(true)
    expect(loaded(save({ b: Buffer.of(1, 2, 3, 4, 5).subarray(1) }))).toStrictEqual({ b: Uint8Array.of(2, 3, 4, 5) })
  })

  test('arrays that lie within others, or in shared memory, are saved as what they show', () => {
    const shared = new Float32Array(new SharedArrayBuffer(16)).subarray(1, 3).fill(3)
    const odd = new Uint8Array(Uint8Array.of(0, 1, 2, 3, 4).buffer, 1, 3)
    expect(loaded(save({ shared, odd }))).toStrictEqual({ shared: Float32Array.of(3, 3), odd: Uint8Array.of(1, 2, 3) })
  })

  test('a Float16Array comes back as one, where there is such a thing', () => {
    class Float16Array extends Uint16Array {
      override get [Symbol.toStringTag](): 'Uint16Array' {
        return 'Float16Array' as 'Uint16Array'
      }
    }
    const world = globalThis as { Float16Array?: unknown }
    const before = Object.getOwnPropertyDescriptor(world, 'Float16Array')
    const bytes = save({ w: Float16Array.of(0x3c00, 1) })
    try {
      world.Float16Array = Float16Array
      expect(loaded(bytes)).toStrictEqual({ w: Float16Array.of(0x3c00, 1) })
      expect(right(load(bytes, { w: ndarray([0, 0], [2], 'float16') })).w).toStrictEqual(
        ndarray(Uint16Array.of(0x3c00, 1), [2], 'float16')
      )
      delete world.Float16Array
      expect(loaded(bytes)).toStrictEqual({ w: ndarray(Uint16Array.of(0x3c00, 1), [2], 'float16') })
    } finally {
      if (before !== undefined) Object.defineProperty(world, 'Float16Array', before)
    }
  })

  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
  const round: unknown[] = []
  round.push(round)
  const gone = Float32Array.of(1)
  structuredClone(gone, { transfer: [gone.buffer] })
  test.each<[string, unknown, string]>([
    [
      'a function',
      { a: [() => 1] },
      'save: tree.a[0] is a function; what is saved is numbers, texts, truth values, arrays and null'
    ],
    ['a symbol', Symbol('s'), 'save: tree is Symbol(s); what is saved'],
    ['an instance of a class', { 'a b': new Date(0) }, 'save: tree["a b"] is a Date; what is saved'],
    ['a map', { m: new Map() }, 'save: tree.m is a Map; what is saved'],
    ['a DataView', { m: new DataView(new ArrayBuffer(1)) }, 'save: tree.m is a DataView; what is saved'],
    ['a key __proto__', { a: JSON.parse('{"__proto__":1}') }, 'save: tree.a has a key __proto__, which is refused'],
    ['half a character in a key', { '\ud800': 1 }, 'has a name with half a character'],
    ['what contains itself', round, 'is nested more than 1000 deep'],
    ['what was handed on', { gone }, 'save: tree.gone has data whose memory was transferred to someone else'],
    [
      'an array with more to it, which would be lost',
      { w: { ...ndarray([1], [1]), name: 'w' } },
      'save: tree.w is an array with "name" besides, which would be lost'
    ],
    ['endless digits', { big: 10n ** 10_000n }, 'save: tree.big is a bigint of more than 10000 digits']
  ])('does not save %s', (_, tree, sentence) => {
    expect(() => save(tree)).toThrow(InvalidTree)
    expect(() => save(tree)).toThrow(sentence)
  })

  test('what could not be read for the length of its header is not written', () => {
    const text = 'x'.repeat(99_999_000)
    expect(() => save({ text, w: Array.from({ length: 20 }, () => 1) })).toThrow(
      /^save: the names, shapes and texts of the tree must take at most 100000000 bytes, got 10000/
    )
  })

  test('a thousand levels are saved and loaded, one more is refused', () => {
    expect(loaded(save(nested(1000)))).toStrictEqual(nested(1000))
    expect(() => save(nested(1001))).toThrow('nested more than 1000 deep')
  })
})

describe('load with a form', () => {
  const tree = {
    mu: { w: ndarray([1, 2], [2, 1]), b: Float32Array.of(1, 2) },
    count: 3,
    key: random.key(1),
    pair: [1, null],
    on: true
  }
  const bytes = save(tree)

  test.each<[string, unknown, string]>([
    [
      'a field that is missing',
      { ...tree, nu: {} },
      'tree must be an object with "nu", got one with "mu", "count", "key", "pair", "on"'
    ],
    ['a field too many', { mu: tree.mu }, 'tree must be an object without "count", got one with'],
    [
      'another shape',
      { ...tree, mu: { ...tree.mu, w: ndarray([1, 2], [1, 2]) } },
      'tree.mu.w must be float32 of shape [1, 2], got float32 of shape [2, 1]'
    ],
    [
      'another dtype',
      { ...tree, mu: { ...tree.mu, b: new Float64Array(2) } },
      'tree.mu.b must be float64 of shape [2], got float32 of shape [2]'
    ],
    ['another length', { ...tree, pair: [1] }, 'tree.pair must be an array of 1, got an array of 2'],
    ['a number for an array', { ...tree, mu: 1 }, 'tree.mu must be a number, got an object with "w", "b"'],
    [
      'an array for a number',
      { ...tree, count: Float32Array.of(1) },
      'tree.count must be float32 of shape [1], got a number'
    ],
    ['something for nothing', { ...tree, pair: [1, {}] }, 'tree.pair[1] must be an object with nothing, got null'],
    ['nothing for something', { ...tree, pair: [null, null] }, 'tree.pair[0] must be null, got a number'],
    ['a list for an object', { ...tree, mu: [] }, 'tree.mu must be an array of 0, got an object with "w", "b"'],
    ['an object for a list', { ...tree, pair: {} }, 'tree.pair must be an object with nothing, got an array of 2'],
    ['a number for a truth value', { ...tree, on: 1 }, 'tree.on must be a number, got true'],
    ['a truth value for a number', { ...tree, count: true }, 'tree.count must be a boolean, got a number'],
    ['a text for a number', { ...tree, count: 'a' }, 'tree.count must be a text, got a number'],
    ['a map', { ...tree, mu: new Map() }, 'tree.mu must be a Map, got an object with "w", "b"'],
    ['a function', { ...tree, pair: [1, () => 1] }, 'tree.pair[1] must be a function, got null'],
    ['a hole in a list', { ...tree, pair: new Array(2) }, 'tree.pair[0] must be undefined, got a number'],
    ['one array for a tree', Float32Array.of(1), 'tree must be float32 of shape [1], got an object with']
  ])('refuses %s', (_, like, sentence) => {
    const { kind, message } = failure(load(bytes, like)) ?? {}
    expect(kind).toBe('mismatch')
    expect(message).toContain(`load: ${sentence}`)
  })

  test('axes beyond the eighth count, too', () => {
    const like = ndarray([1, 2], [2, 1, 1, 1, 1, 1, 1, 1, 1])
    const result = load(save(ndarray([1, 2], [1, 1, 1, 1, 1, 1, 1, 1, 2])), like)
    expect(failure(result)?.message).toBe(
      'load: tree must be float32 of shape [2, 1, 1, 1, 1, 1, 1, 1, 1], got float32 of shape [1, 1, 1, 1, 1, 1, 1, 1, 2]'
    )
    expect(right(load(save(like), like))).toStrictEqual(like)
  })

  test('a text is no key of random numbers', () => {
    const result = load(save({ key: 'text' }), { key: random.key(0) })
    expect(failure(result)?.message).toBe('load: tree.key must be a key of random numbers, got "text"')
    expect(right(load(save({ key: 'text' }), { key: '' }))).toStrictEqual({ key: 'text' })
  })

  test('a vector may be bare or not, and fields stand in the order of the form', () => {
    const like = {
      mu: { b: ndarray([0, 0], [2]), w: tree.mu.w },
      on: false,
      key: random.key(0),
      pair: [0, null],
      count: 0
    }
    const found = right(load(bytes, like))
    expect(found.mu.b).toStrictEqual(ndarray([1, 2], [2]))
    expect(Object.keys(found)).toEqual(Object.keys(like))
    const bare = right(load(save({ b: ndarray([1, 2], [2]) }), { b: new Float32Array(2) }))
    expect(bare).toStrictEqual({ b: Float32Array.of(1, 2) })
  })
})

describe('load of what others wrote', () => {
  const file = encodeSafetensors({
    'layers.0.kernel': ndarray([1, 2], [1, 2]),
    'layers.0.bias': ndarray([3], [1]),
    step: { dtype: 'int64', shape: [], data: BigInt64Array.of(5n) }
  })

  test('without a form it is an object of tensors', () => {
    expect(loaded(file)).toStrictEqual({
      step: { dtype: 'int64', shape: [], data: BigInt64Array.of(5n) },
      'layers.0.bias': ndarray([3], [1]),
      'layers.0.kernel': ndarray([1, 2], [1, 2])
    })
  })

  test('with a form each array is found by its name', () => {
    const like = { layers: [{ kernel: ndarray([0, 0], [1, 2]), bias: new Float32Array(1) }], step: 0, rest: null }
    expect(right(load(file, like))).toStrictEqual({
      layers: [{ kernel: ndarray([1, 2], [1, 2]), bias: Float32Array.of(3) }],
      step: 5,
      rest: null
    })
  })

  const layer = { kernel: ndarray([0, 0], [1, 2]), bias: new Float32Array(1) }
  test.each<[string, unknown, string]>([
    [
      'a tensor that is missing',
      { layers: [layer, layer], step: 0 },
      'load: tensor "layers.1.kernel" must be there, for tree.layers[1].kernel, got none'
    ],
    ['a tensor too many', { layers: [layer] }, 'load: the file must be of 2 tensors, as many as are wanted, got 3'],
    [
      'another shape',
      { layers: [{ ...layer, bias: new Float32Array(2) }], step: 0 },
      'load: tree.layers[0].bias must be float32 of shape [2], got float32 of shape [1]'
    ],
    ['a text', { layers: [layer], step: 0, text: 'x' }, 'load: tree.text must be a text, got undefined']
  ])('refuses %s', (_, like, sentence) => {
    expect(failure(load(file, like))?.message).toBe(sentence)
  })

  test.each([
    [2n ** 53n, undefined],
    [-(2n ** 53n) + 1n, -(2 ** 53) + 1]
  ])('%s is a number only where none is rounded', (whole, number) => {
    const result = load(encodeSafetensors({ n: { dtype: 'int64', shape: [], data: BigInt64Array.of(whole) } }), {
      n: 0
    })
    expect(result._tag === 'Right' ? result.right.n : undefined).toBe(number)
  })
})

test.each(['bfloat16', 'float16'] as const)('the bits of a single %s are no number', (dtype) => {
  const result = load(encodeSafetensors({ n: ndarray([1], [], dtype) }), { n: 0 })
  expect(failure(result)?.message).toBe(`load: tree.n must be a number, got ${dtype} of shape []`)
})

describe('files that are damaged', () => {
  const tree = { count: 3, mu: { w: Float32Array.of(1, 2), b: ndarray([1], [1, 1], 'bfloat16') }, key: random.key(1) }
  const file = save(tree)

  test('are refused at every length', () => {
    expect(readBeginnings(load, file)).toEqual([])
  })

  test('are refused for any bit that flipped, and the tensor is named', () => {
    const dataStart = 8 + Number(new DataView(file.buffer).getBigUint64(0, true))
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const bytes = file.slice()
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      const failed = failure(load(bytes))
      expect(failed, `bit ${bit}`).toBeDefined()
      if (bit >> 3 < dataStart) continue
      expect(failed?.kind).toBe('corrupt')
      const places = [/^load: tensor "count", tree\.count, must/, /^load: tensor "mu\.w", /, /^load: tensor "mu\.b", /]
      expect(failed?.message).toMatch(
        places[(bit >> 3) - dataStart < 8 ? 0 : (bit >> 3) - dataStart < 16 ? 1 : 2] as RegExp
      )
    }
  })

  test('are never read as something else', () => {
    for (const { bytes, value } of survivors((bytes) => load(bytes), [file, save(all())], { runs: 600, seed: 2 })) {
      // Nothing but what mended itself, or data that nobody reads.
      expect(save(value)).toStrictEqual(bytes)
    }
  })

  /** The file with another text of ours, sealed as ours are: what a checksum does not find. */
  const resealed = async (change: (text: string) => string, given = file): Promise<Uint8Array> => {
    const { checksumOf } = await import('../internal/checksum.js')
    const decoded = decodeSafetensors(given)
    if (decoded._tag === 'Left') throw decoded.left
    const { tensors, metadata } = decoded.right
    const text = change((metadata['gradchain'] as string).replace(/"header":"\w{8}"/, '"header":"00000000"'))
    const bytes = encodeSafetensors(tensors, { metadata: { gradchain: text } })
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const sum = checksumOf(bytes.subarray(8, 8 + length))
    bytes.set(new TextEncoder().encode(sum), 8 + new TextDecoder().decode(bytes.subarray(8)).indexOf('00000000'))
    return bytes
  }

  test('a header that is sealed anew is read', async () => {
    expect(loaded(await resealed((text) => text))).toStrictEqual(tree)
  })

  test.each<[string, (text: string) => string, string, string]>([
    [
      'another version',
      (text) => text.replace('"version":1', '"version":2'),
      'unsupported',
      '__metadata__ "gradchain" must be of version 1, got version 2'
    ],
    [
      'no version',
      (text) => text.replace('"version":1,', ''),
      'unsupported',
      '__metadata__ "gradchain" must be of version 1, got version undefined'
    ],
    [
      'no tree',
      (text) => text.replace('"tree"', '"trea"'),
      'malformed',
      '__metadata__ "gradchain" must be with a tree, got none'
    ],
    [
      'no checksums',
      (text) => text.replace(/"checksums":"\w+"/, '"checksums":1'),
      'malformed',
      'must be with checksums of eight digits each, got 1'
    ],
    [
      'a checksum too few',
      (text) => text.replace(/"checksums":"\w{8}/, '"checksums":"'),
      'malformed',
      'the file must be of 3 tensors, as its tree says, got 3 and 2 checksums'
    ],
    [
      'a tensor that is not there',
      (text) => text.replace('"count"', '"coumt"'),
      'malformed',
      'tensor "coumt" must be there, for tree.coumt, got none'
    ],
    [
      'a tensor that nobody wants',
      (text) => text.replace('"b":"tensor"', '"b":null'),
      'malformed',
      'the file must be of 2 tensors, as its tree says, got 3 and 3 checksums'
    ],
    [
      'a number that is an array',
      (text) => text.replace('"w":"array"', '"w":"number"'),
      'malformed',
      'tensor "mu.w" must be of float64 and shape [], for a number, got float32 and [2]'
    ],
    [
      'a bare array of two axes',
      (text) => text.replace('"b":"tensor"', '"b":"array"'),
      'malformed',
      'tensor "mu.b" must be of one axis, for a bare array, got shape [1, 1]'
    ],
    [
      'a leaf that is none',
      (text) => text.replace('"text:', '"test:'),
      'unsupported',
      'tree.key must be a leaf that is known, got "test:threefry'
    ],
    [
      'a number in the tree',
      (text) => text.replace(/"text:[^"]*"/, '7'),
      'unsupported',
      'tree.key must be a leaf that is known, got 7'
    ],
    [
      'a bigint that is none',
      (text) => text.replace(/"text:[^"]*"/, '"bigint:0x"'),
      'unsupported',
      'tree.key must be a leaf that is known'
    ],
    [
      'a key twice',
      (text) => text.replace('"count"', '"mu"'),
      'malformed',
      '__metadata__ "gradchain" must be without a key twice, got "mu" twice'
    ],
    [
      'a key __proto__',
      (text) => text.replace('"mu"', '"__proto__"'),
      'refused',
      '__metadata__ "gradchain" must be without a key __proto__, got one'
    ],
    [
      'endless nesting',
      (text) => text.replace(/"text:[^"]*"/, `${'['.repeat(1002)}${']'.repeat(1002)}`),
      'tooLarge',
      '__metadata__ "gradchain" must be nested at most 1002 deep, got more'
    ],
    ['no JSON', (text) => text.slice(0, -1), 'malformed', '__metadata__ "gradchain" must be JSON'],
    ['no object', () => '{"header":"00000000"}', 'unsupported', 'must be of version 1']
  ])('refuses %s', async (_, change, kind, sentence) => {
    const failed = failure(load(await resealed(change)))
    expect(failed?.kind).toBe(kind)
    expect(failed?.message).toContain(sentence)
  })

  test('a vector of one float64 is no number', async () => {
    const bytes = await resealed((text) => text.replace('"array"', '"number"'), save({ w: Float64Array.of(1) }))
    expect(failure(load(bytes))?.message).toBe(
      'load: tensor "w" must be of float64 and shape [], for a number, got float64 and [1]'
    )
  })

  test('our text under another name, or after another one, is no file of others', () => {
    const decoded = decodeSafetensors(file)
    const { tensors, metadata } = decoded._tag === 'Right' ? decoded.right : { tensors: {}, metadata: {} }
    const text = metadata['gradchain'] as string
    for (const moved of [{ gradchaim: text }, { a: 'first', gradchain: text }, { gradchain: 'other' }]) {
      const failed = failure(load(encodeSafetensors(tensors, { metadata: moved })))
      expect(failed?.message).toBe('load: the header must be as it was written, with the tree first, got another order')
    }
  })

  test('is known by each thing that its text has: a damaged name and beginning do not make it a file of others', () => {
    const text = Buffer.from(save(-0)).toString('latin1')
    const damaged = Buffer.from(
      text.replace('"gradchain"', '"gradchain"'.toUpperCase()).replace('header', 'heAder'),
      'latin1'
    )
    const loaded = load(damaged)
    expect(loaded._tag === 'Left' && loaded.left.kind).toBe('corrupt')
  })
})

describe("Python's safetensors", () => {
  const fixture = (name: string) => new URL(`../safetensors/fixtures/${name}`, import.meta.url)

  test('reads what is saved, and writes it again to the byte', () => {
    const bytes = save(all())
    // For generate.py, which says what Python makes of it.
    if (process.env['WRITE_FIXTURES'] === '1') writeFileSync(fixture('ours.safetensors'), bytes)
    expect(new Uint8Array(readFileSync(fixture('ours.safetensors')))).toStrictEqual(bytes)
    const { tensors, sameBytesAgain } = JSON.parse(readFileSync(fixture('ours.json'), 'utf8')) as {
      readonly tensors: unknown
      readonly sameBytesAgain: boolean
    }
    expect(sameBytesAgain).toBe(true)
    const decoded = decodeSafetensors(bytes)
    const ours = decoded._tag === 'Right' ? decoded.right.tensors : {}
    const seen = Object.entries(ours).map(([name, { dtype, shape, data }]) => {
      const bits = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
      return [name, { dtype: `torch.${dtype}`, shape, bits }]
    })
    expect(tensors).toStrictEqual(Object.fromEntries(seen))
  })
})
