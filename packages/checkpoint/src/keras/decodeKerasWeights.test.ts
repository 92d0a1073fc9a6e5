import { ndarray } from '@gradchain/core'
import { unzipSync, zipSync } from 'fflate'
import { File, ready } from 'h5wasm'
import { describe, expect, test, vi } from 'vitest'
import { fixture, rightOf, sentenceOf } from '../foreign/fixtureTesting.js'
import { dice, mutated } from '../internal/mutateTesting.js'
import { decodeKerasWeights } from './decodeKerasWeights.js'

const archive = unzipSync(fixture('keras/resume.zip'))
const adam = archive['adam.weights.h5'] as Uint8Array

/** A file of HDF5 of our own. */
const written = async (write: (file: File) => void): Promise<Uint8Array> => {
  const { FS } = await ready
  const file = new File('test.h5', 'w')
  write(file)
  file.close()
  const bytes = FS.readFile('test.h5')
  FS.unlink('test.h5')
  return new Uint8Array(bytes)
}

describe('what Keras wrote', () => {
  test('weights: layers with their own names, and variables in order', async () => {
    const { layers, optimizer, config, others } = rightOf(await decodeKerasWeights(fixture('keras/adam.weights.h5')))
    expect(layers).toMatchObject({
      dense: { name: 'body', vars: [{ shape: [3, 4] }, { shape: [4] }] },
      dense_1: { name: 'head' }
    })
    expect(optimizer?.name).toBe('adam')
    expect(optimizer?.vars.slice(0, 3)).toMatchObject([
      { dtype: 'int64', shape: [], data: BigInt64Array.of(3n) },
      { dtype: 'float32', shape: [], data: Float32Array.of(0.01) },
      { dtype: 'float32', shape: [3, 4] }
    ])
    expect(optimizer?.vars).toHaveLength(10)
    expect(config).toBeNull()
    expect(others).toStrictEqual({ name: 'sequential', vars: [] })
  })

  test('a whole model, with the config', async () => {
    const small = rightOf(await decodeKerasWeights(fixture('keras/small.keras')))
    expect(small.config).toMatchObject({ compile_config: { optimizer: { class_name: 'AdamW' } } })
    expect(small.optimizer?.vars).toHaveLength(6)
    const scheduled = rightOf(await decodeKerasWeights(archive['schedule.keras'] as Uint8Array))
    expect(scheduled.config).toMatchObject({
      compile_config: { optimizer: { config: { learning_rate: { class_name: 'PolynomialDecay' } } } }
    })
    // Without the learning rate there is one variable less, and eleven come in the order of their numbers.
    expect(scheduled.optimizer?.vars.map((item) => (item as { shape: unknown }).shape)).toStrictEqual([
      [],
      [2, 3],
      [2, 3],
      [3],
      [3],
      [3, 2],
      [3, 2],
      [2],
      [2]
    ])
  })
})

describe('kinds of arrays', () => {
  test('whole numbers, floats and empty arrays are read as they are', async () => {
    const bytes = await written((file) => {
      file.create_dataset({ name: 'f64', data: Float64Array.of(0.5, -0), shape: [2, 1] })
      file.create_dataset({ name: 'u8', data: Uint8Array.of(7), shape: [1] })
      file.create_dataset({ name: 'i16', data: Int16Array.of(-7), shape: [1] })
    })
    expect(rightOf(await decodeKerasWeights(bytes)).others).toStrictEqual({
      f64: ndarray(Float64Array.of(0.5, -0), [2, 1]),
      i16: { dtype: 'int16', shape: [1], data: Int16Array.of(-7) },
      u8: { dtype: 'uint8', shape: [1], data: Uint8Array.of(7) }
    })
  })

  test.each<[string, (file: File) => void, string]>([
    ['links', (file) => file.create_soft_link('/', 'loop'), 'loop must be in the file, got a link'],
    [
      'what lies in other files',
      (file) => file.create_external_link('/etc/passwd', 'x', 'out'),
      'out must be a group or an array, got ExternalLink'
    ],
    [
      'groups that are in themselves',
      (file) => {
        file.create_group('a')
        file.create_hard_link('/a', '/a/b')
      },
      'must be at most 64 levels deep, got more'
    ],
    [
      'variables that are not numbered',
      (file) => file.create_group('vars').create_dataset({ name: '1', data: Float32Array.of(1) }),
      'the file/vars must be numbered from 0 on, got 1'
    ],
    ['__proto__', (file) => file.create_group('__proto__'), 'the file must be without a key __proto__, got one']
  ])('%s are refused', async (_, write, sentence) => {
    expect(sentenceOf(await decodeKerasWeights(await written(write)))).toContain(sentence)
  })
})

describe('bad files', () => {
  test.each<[string, Uint8Array, string]>([
    [
      'another kind of file',
      new Uint8Array(100),
      'the file must be of HDF5, or a zip archive with one, got something else'
    ],
    ['an archive without a config', zipSync({ a: adam }), 'config.json must be in the archive, got none of that name'],
    [
      'an archive without weights',
      zipSync({ 'config.json': Uint8Array.of(0x7b, 0x7d) }),
      'model.weights.h5 must be in the archive'
    ],
    [
      'other weights',
      zipSync({ 'config.json': Uint8Array.of(0x7b, 0x7d), 'model.weights.h5': new Uint8Array(9) }),
      'model.weights.h5 must be of HDF5'
    ],
    ['half a file', adam.slice(0, 5000), 'the file must be a file of HDF5 that is whole']
  ])('%s', async (_, bytes, sentence) => {
    expect(sentenceOf(await decodeKerasWeights(bytes))).toContain(`decodeKerasWeights: ${sentence}`)
  })

  test('what is damaged is read or refused, within a time', async () => {
    const roll = dice(5)
    const files = Array.from({ length: 60 }, () => mutated(adam, roll))
    const results = await Promise.all(files.map((file) => decodeKerasWeights(file, { timeLimit: 2000 })))
    for (const { _tag } of results) expect(_tag).toMatch(/Left|Right/)
    expect(results.some(({ _tag }) => _tag === 'Right')).toBe(true)
  })

  test('what takes too long is refused', async () => {
    // No time passes until the timers say that it is over.
    vi.stubGlobal('setTimeout', (run: () => void) => queueMicrotask(run))
    try {
      expect(sentenceOf(await decodeKerasWeights(adam, { timeLimit: 7 }))).toBe(
        'decodeKerasWeights: the file must be read within 7 milliseconds, got no end of it'
      )
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test.each([0, -1, Number.NaN, Infinity])('a time limit of %s is refused', async (timeLimit) => {
    await expect(decodeKerasWeights(adam, { timeLimit })).rejects.toThrow(
      'decodeKerasWeights: timeLimit must be a finite number > 0, got'
    )
  })
})
