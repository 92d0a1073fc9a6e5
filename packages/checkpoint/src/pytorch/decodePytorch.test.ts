import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { fixture, rightOf, sentenceOf } from '../foreign/fixtureTesting.js'
import { refuseFor } from '../internal/attempt.js'
import { readBeginnings, survivors } from '../internal/mutateTesting.js'
import { readZip } from '../internal/zip.js'
import type { Tensor, TensorTree } from '../tensor.js'
import { decodePytorch } from './decodePytorch.js'
import { encodePytorch } from './encodePytorch.js'

const float32 = (shape: readonly number[], ...values: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values)
})

const ofFile = (name: string): TensorTree => rightOf(decodePytorch(fixture(`pytorch/${name}.pt`)))

describe('what PyTorch wrote', () => {
  const { plain, ...tensors } = ofFile('values') as Readonly<Record<string, TensorTree>>

  test.each<[string, Tensor]>([
    ['shared', float32([3, 4], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)],
    ['offset', float32([4], 4, 5, 6, 7)],
    ['transposed', float32([4, 3], 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11)],
    ['strided', float32([3, 2], 0, 2, 4, 6, 8, 10)],
    ['expanded', float32([3], 5, 5, 5)],
    ['parameter', float32([2], 1, 1)],
    ['scalar', float32([], 2.5)],
    ['empty', float32([0, 3])],
    ['float64', { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) }],
    ['bfloat16', { dtype: 'bfloat16', shape: [2], data: Uint16Array.of(0x3f80, 0xc000) }],
    ['float16', { dtype: 'float16', shape: [1], data: Uint16Array.of(0x3800) }],
    ['int64', { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n ** 53n + 1n, -1n) }],
    ['int32', { dtype: 'int32', shape: [1], data: Int32Array.of(-5) }],
    ['int16', { dtype: 'int16', shape: [1], data: Int16Array.of(-5) }],
    ['int8', { dtype: 'int8', shape: [1], data: Int8Array.of(-5) }],
    ['uint8', { dtype: 'uint8', shape: [2], data: Uint8Array.of(1, 255) }],
    ['uint16', { dtype: 'uint16', shape: [1], data: Uint16Array.of(65535) }],
    ['uint32', { dtype: 'uint32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) }],
    ['bool', { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) }]
  ])('a tensor: %s', (name, wanted) => {
    expect(tensors[name]).toStrictEqual(wanted)
  })

  test('there are no other tensors', () => {
    expect(Object.keys(tensors)).toHaveLength(19)
  })

  test('plain values', () => {
    expect(plain).toStrictEqual({
      float: 0.1,
      whole: 3,
      int: 3,
      byte: 256,
      negative: -1,
      large: 2 ** 40,
      huge: 2n ** 70n,
      hugeNegative: -(2n ** 70n),
      nan: Number.NaN,
      infinity: Infinity,
      none: null,
      true: true,
      tuple: [0.9, 0.999],
      four: [1, 2, 3, 4],
      list: [1, 'x', []],
      text: 'ü😀',
      bytes: Uint8Array.of(0, 255),
      ordered: { a: 1 },
      set: [1],
      size: [2, 3],
      dtype: 'float32',
      device: 'cpu',
      cuda: 'cuda:1',
      numbers: { 0: 'a', 2: 'c', 10: 'b' },
      counter: { 3: 2, 5: 1 }
    })
  })

  test('what views share is theirs alone', () => {
    const { shared, offset } = tensors as { readonly shared: Tensor; readonly offset: Tensor }
    expect(shared.data.buffer).not.toBe(offset.data.buffer)
    expect(offset.data.buffer.byteLength).toBe(16)
  })

  test('a state of an optimizer: `step` is a tensor, params are numbers', () => {
    expect(ofFile('adamw_named')).toMatchObject({
      optimizer: {
        state: { 0: { step: float32([], 3) }, 3: { step: float32([], 3) } },
        param_groups: [{ lr: 0.05, betas: [0.9, 0.999], params: [0, 1, 2, 3], decoupled_weight_decay: true }]
      }
    })
  })
})

describe('what is refused by name', () => {
  test.each([
    ['complex', '.w.z must be a tensor of a dtype that is held here, got one of ComplexFloatStorage'],
    ['float8', '.w must be a tensor of a dtype that is held here, got one of float8_e4m3fn'],
    ['sparse', 'a name that a file of tensors needs'],
    ['sparse', 'got "torch._utils _rebuild_sparse_tensor"'],
    ['model', 'got "torch.nn.modules.linear Linear"'],
    ['storage', '.w must be a tensor, got a storage without one'],
    ['conjugated', 'a tensor that is neither conjugated nor negated'],
    ['protocol4', 'data.pkl must be a pickle of protocol 2, as `torch.save` writes it, got protocol 4'],
    ['legacy', 'the file must be a zip archive, as PyTorch writes it since 1.6, got the format before that']
  ])('%s: %s', (name, sentence) => {
    expect(sentenceOf(decodePytorch(fixture(`pytorch/refused_${name}.pt`)))).toContain(sentence)
  })
})

/** A file of PyTorch with this pickle; opcodes as bytes and texts. */
const fileOf = (
  pickle: readonly (number | string | readonly number[])[],
  entries: Readonly<Record<string, Uint8Array>> = {}
): Uint8Array => {
  const bytes = pickle.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part))
  return zipSync(
    {
      'a/data.pkl': Uint8Array.from(bytes),
      'a/version': Uint8Array.of(0x33, 0x0a),
      ...Object.fromEntries(Object.entries(entries).map(([name, content]) => [`a/${name}`, content]))
    },
    { level: 0 }
  )
}

const PROTO = [0x80, 2]
const text = (value: string): number[] => [0x58, value.length, 0, 0, 0, ...Buffer.from(value)]
const global = (name: string): string => `c${name.replace(' ', '\n')}\n`
const tuple = (...items: (number | string | readonly number[])[]) => ['(', ...items, 't']
const storage = (length: number, type = 'torch FloatStorage') =>
  [...tuple(text('storage'), global(type), text('0'), text('cpu'), [0x4a, length, 0, 0, 0]), 'Q'] as const
const ints = (...values: number[]) => tuple(...values.map((value) => [0x4b, value]))
const tensorOf = (offset: number, shape: number[], strides: number[], length = 2) => [
  PROTO,
  global('torch._utils _rebuild_tensor_v2'),
  ...tuple(...storage(length), [0x4b, offset], ...ints(...shape), ...ints(...strides), [0x89], 'N'),
  'R.'
]
const floats = { 'data/0': new Uint8Array(Float32Array.of(1, 2).buffer) }

describe('pickles that are made by hand', () => {
  test('the smallest is read', () => {
    expect(rightOf(decodePytorch(fileOf([PROTO, 'N.'])))).toBeNull()
    expect(rightOf(decodePytorch(fileOf(tensorOf(0, [2], [1]), floats)))).toStrictEqual(float32([2], 1, 2))
    expect(rightOf(decodePytorch(fileOf(tensorOf(1, [3, 1], [0, 9]), floats)))).toStrictEqual(float32([3, 1], 2, 2, 2))
  })

  test('elements with the highest byte first are turned around', () => {
    const big = {
      'data/0': Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0),
      byteorder: new Uint8Array(Buffer.from('big'))
    }
    expect(rightOf(decodePytorch(fileOf(tensorOf(0, [2], [1]), big)))).toStrictEqual(float32([2], 1, 2))
  })

  test('what is there twice is made twice', () => {
    const made = rightOf(decodePytorch(fileOf([PROTO, ']', [0x71, 0], '(]', [0x71, 1, 0x68, 1], 'e.'])))
    expect(made).toStrictEqual([[], []])
    expect((made as unknown[])[0]).not.toBe((made as unknown[])[1])
  })

  test.each<[string, (number | string | readonly number[])[], string]>([
    ['a call of anything', [PROTO, global('os system'), ...tuple(text('ls')), 'R.'], 'got "os system"'],
    ['a name of PyTorch that runs', [PROTO, global('torch load'), '.'], 'got "torch load"'],
    ['an opcode for objects', [PROTO, global('torch Size'), ')', [0x81], '.'], 'got 0x81'],
    ['an opcode for instances', [PROTO, '(', 'ios\nsystem\n', '.'], 'got 0x69'],
    ['a call of no function', [PROTO, 'N)R.'], 'a call of a function, got null'],
    ['a function as a value', [PROTO, global('torch Size'), '.'], 'must be a value, got the function torch Size'],
    ['a size of texts', [PROTO, global('torch Size'), ...tuple(...tuple(text('a'))), 'R.'], 'must be a size'],
    ['a device of a number', [PROTO, global('torch device'), ...ints(1), 'R.'], 'must be a device'],
    [
      'bytes beyond latin1',
      [PROTO, global('_codecs encode'), ...tuple(text('a'), text('utf8')), 'R.'],
      'must be bytes'
    ],
    ['a set of nothing', [PROTO, global('__builtin__ set'), ')R.'], 'must be a set of a list'],
    ['a parameter of nothing', [PROTO, global('torch._utils _rebuild_parameter'), ')R.'], 'must be a parameter'],
    ['a dict of a number', [PROTO, global('collections OrderedDict'), ...ints(1), 'R.'], 'must be a dict'],
    ['no pickle', ['N.'], 'a pickle, which begins with a protocol, got 0x4e'],
    ['nothing', [PROTO, '.'], 'an opcode with operands before it, got none'],
    ['two values', [PROTO, 'NN.'], 'a pickle of one value, got 2'],
    ['something after the end', [PROTO, 'N.N'], 'the end of the pickle, got 1 more bytes'],
    ['no end', [PROTO, 'N'], 'data.pkl must be 4 bytes long at the least, got 3 bytes'],
    ['a text without its end', [PROTO, [0x58, 255, 255, 255, 255], 'a.'], 'bytes long at the least'],
    ['a reference to nothing', [PROTO, [0x68, 7], '.'], 'a reference to something before it, got number 7'],
    ['an item for no list', [PROTO, 'NNa.'], 'an opcode after a list, got null'],
    ['items without a mark', [PROTO, 'e.'], 'an opcode with a mark before it, got none'],
    ['a field of no dict', [PROTO, 'NNNs.'], 'an opcode after a dict, got null'],
    ['half a pair', [PROTO, '}(Nu.'], 'pairs of keys and values, got 1 items'],
    ['a dict by pairs', [PROTO, '})Ns.'], 'a dict whose keys are texts and whole numbers, got a tuple'],
    ['attributes of a list', [PROTO, ']}b.'], 'attributes of a dict, got a list'],
    ['a key __proto__', [PROTO, '}', text('__proto__'), 'Ns.'], 'the value must be without a key __proto__, got one'],
    ['a number and its text as keys', [PROTO, '}', [0x4b, 1], 'Ns', text('1'), 'Ns.'], '"1" twice'],
    ['a key twice', [PROTO, '}', text('a'), 'Ns', text('a'), 'Ns.'], 'a dict without a key twice, got "a" twice'],
    ['a list that holds itself', [PROTO, ']', [0x71, 0, 0x68, 0], 'a.'], 'got much that is there many times'],
    [
      'a list in a thousand lists',
      [PROTO, ']'.repeat(1002), 'a'.repeat(1001), '.'],
      'nested at most 1000 deep, got more'
    ],
    ['a reference that is no storage', [PROTO, ')Q.'], 'a reference to a storage, got a tuple'],
    [
      'a storage of another class',
      [PROTO, ...storage(1, 'torch Size'), '.'],
      'a reference to a storage, got torch Size'
    ],
    ['a storage alone', [PROTO, ...storage(1), '.'], 'must be a tensor, got a storage without one'],
    ['a tensor of nothing', [PROTO, global('torch._utils _rebuild_tensor_v2'), ')R.'], 'a tensor of a storage'],
    ['a tensor beyond its memory', tensorOf(0, [3], [1]), 'a tensor within the 8 bytes of data/0'],
    ['an offset beyond its memory', tensorOf(2, [1], [1]), 'a tensor within the 8 bytes of data/0'],
    ['a stride beyond its memory', tensorOf(0, [2], [2]), 'a tensor within the 8 bytes of data/0'],
    ['more axes than strides', tensorOf(0, [2, 1], [1]), 'as many strides'],
    ['memory of another size', tensorOf(0, [1], [1], 3), 'data/0 must be 12 bytes long, got 8'],
    ['more memory than there is', tensorOf(0, [200, 200], [0, 0]), 'that take at most 8 times the bytes of the file'],
    [
      'a size without bound',
      tensorOf(0, [...new Array(10).fill(255)], [...new Array(10).fill(0)]),
      'a tensor with a size'
    ],
    [
      'a conjugated tensor without a storage of its class',
      [
        PROTO,
        global('torch._utils _rebuild_tensor_v3'),
        ...tuple(
          ...storage(8, 'torch.storage UntypedStorage'),
          [0x4b, 0],
          ...ints(1),
          ...ints(1),
          [0x89],
          'N',
          global('torch float32'),
          '}',
          text('conj'),
          [0x88],
          's'
        ),
        'R.'
      ],
      'a tensor that is neither conjugated nor negated'
    ],
    ['too many axes', tensorOf(0, new Array(40).fill(1), new Array(40).fill(1)), 'a tensor of at most 32 axes, got 40'],
    [
      'an untyped storage without a dtype',
      [
        PROTO,
        global('torch._utils _rebuild_tensor_v2'),
        ...tuple(...storage(8, 'torch.storage UntypedStorage'), [0x4b, 0], ...ints(1), ...ints(1), [0x89], 'N'),
        'R.'
      ],
      'a tensor with a dtype'
    ]
  ])('%s is refused', (_, pickle, sentence) => {
    expect(sentenceOf(decodePytorch(fileOf(pickle, floats)))).toContain(sentence)
  })

  test('a list of lists of lists, each there twice, is refused before it fills the memory', () => {
    const twice = Array.from({ length: 40 }, (_, i) => [0x5d, 0x28, 0x68, i, 0x68, i, 0x65, 0x71, i + 1]).flat()
    const sentence = sentenceOf(decodePytorch(fileOf([PROTO, '(]', [0x71, 0], twice, 't.'])))
    expect(sentence).toContain('of a size that fits its pickle, got much that is there many times')
  })

  test.each<[string, Readonly<Record<string, Uint8Array>>, string]>([
    ['a version that is none', { version: Uint8Array.of(0x61) }, 'version must be a version from 1 to 10, got "a"'],
    ['a version to come', { version: new Uint8Array(Buffer.from('11')) }, 'got "11"'],
    ['a strange order of bytes', { byteorder: new Uint8Array(3) }, 'byteorder must be little or big'],
    ['a folder beside', { '../b/data.pkl': new Uint8Array(1) }, '']
  ])('%s', (_, entries, sentence) => {
    const { '../b/data.pkl': beside, ...rest } = entries
    const file =
      beside === undefined
        ? fileOf([PROTO, 'N.'], rest)
        : zipSync({ 'a/data.pkl': beside, 'b/data.pkl': beside }, { level: 0 })
    expect(sentenceOf(decodePytorch(file))).toContain(sentence || 'an archive of one folder, got one of several')
  })

  test('an archive of something else is refused', () => {
    const file = zipSync({ 'a/other': new Uint8Array(1), 'a/version': Uint8Array.of(0x33) }, { level: 0 })
    expect(sentenceOf(decodePytorch(file))).toContain('an archive of PyTorch, with data.pkl in it, got one without')
  })
})

describe('files that are damaged', () => {
  const file = fixture('pytorch/sgd_momentum.pt')

  test('no beginning of a file is read', () => {
    expect(readBeginnings(decodePytorch, file)).toStrictEqual([])
  })

  test('a bit that flips in the pickle or in a tensor is found', () => {
    const files = readZip(refuseFor('test'), 'the file', file, 0)
    const parts = [...files].filter(([name]) => /data/.test(name) && !/serialization/.test(name))
    for (const [, { read }] of parts) {
      const part = read()
      for (const at of [0, part.length >> 1, part.length - 1]) {
        const flipped = file.slice()
        const place = part.byteOffset - file.byteOffset + at
        flipped[place] = (flipped[place] as number) ^ 4
        expect(sentenceOf(decodePytorch(flipped))).toContain('must be what its checksum says')
      }
    }
    expect(parts.length).toBeGreaterThan(4)
  })

  test('mutations are read or refused, and what is read is what was written', () => {
    for (const { original, value } of survivors(
      decodePytorch,
      [file, encodePytorch({ w: new Float32Array(3), n: [1, 'a'] })],
      { runs: 400, seed: 1 }
    )) {
      expect(value).toStrictEqual(rightOf(decodePytorch(original)))
    }
  })

  test('mutations of a pickle, with a checksum that fits, are read or refused', () => {
    const entries = [...readZip(refuseFor('test'), 'the file', file, 0)].map(
      ([name, { read }]) => [name, read()] as const
    )
    const pickle = entries.find(([name]) => name.endsWith('/data.pkl'))?.[1] as Uint8Array
    const read = (bytes: Uint8Array) => {
      const changed = entries.map(([name, content]) => [name, content === pickle ? bytes : content] as const)
      return decodePytorch(zipSync(Object.fromEntries(changed), { level: 0 }))
    }
    for (const { value } of survivors(read, [pickle], { runs: 300, seed: 1 })) encodePytorch(value)
  })
})
