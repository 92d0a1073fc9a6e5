import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidTree, ndarray } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CheckpointError } from '../error.js'
import { dice, mutated } from '../internal/mutateTesting.js'
import { load } from '../own/load.js'
import { save } from '../own/save.js'
import { encodeSafetensors } from '../safetensors/encodeSafetensors.js'
import { type CheckpointManagerOptions, checkpointManager } from './checkpointManager.js'
import { ENDLESS, killedAfter, programIn, saidBy } from './internal/childTesting.js'
import { loadFile } from './loadFile.js'
import { saveFile } from './saveFile.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradchain-checkpoint-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const right = <T>(result: Either<CheckpointError, T>): T => {
  if (result._tag === 'Left') throw result.left
  return result.right
}
const failure = (result: Either<CheckpointError, unknown>): CheckpointError | undefined =>
  result._tag === 'Left' ? result.left : undefined

/** Whether two trees are one to the bit; element by element a comparison of so many takes minutes. */
const isSame = (a: unknown, b: unknown): boolean => Buffer.from(save(a)).equals(save(b))
const isFileOf = (path: string, value: unknown): boolean => readFileSync(path).equals(save(value))

/** Small arrays between large ones, of odd lengths, and empty ones. */
const tree = () => ({
  large: Float32Array.from({ length: 700_001 }, (_, i) => i),
  small: Array.from({ length: 40 }, (_, i) => ({ w: ndarray([i, -i], [2, 1], 'float64'), n: i })),
  wide: new Float64Array(9000).fill(0.1),
  bytes: Uint8Array.from({ length: 66_000 }, (_, i) => i),
  more: Array.from({ length: 30 }, (_, i) => new Uint8Array(60_000).fill(i)),
  none: new Float32Array(0),
  shared: new Float32Array(new SharedArrayBuffer(400_000)).fill(2),
  text: 'text'
})
/** The same, as it comes back: memory that is shared is not. */
const plain = () => ({ ...tree(), shared: Float32Array.from(tree().shared) })

describe('saveFile and loadFile', () => {
  test('the file is what save makes, and comes back to the bit', async () => {
    const path = join(folder, 'run.safetensors')
    await saveFile(path, tree())
    expect(isFileOf(path, tree())).toBe(true)
    expect(isSame(right(await loadFile(path)), plain())).toBe(true)
    expect(isSame(right(await loadFile(path, plain())), plain())).toBe(true)
    expect(readdirSync(folder)).toEqual(['run.safetensors'])
  })

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a number', -0],
    ['an empty array', new Float32Array(0)],
    ['a piece and a little', new Uint8Array(2 ** 20 + 1).fill(3)],
    ['more pieces than are read at once', Uint32Array.from({ length: 3 * 2 ** 20 + 5 }, (_, i) => i)]
  ])('%s comes back', async (_, value) => {
    const path = join(folder, 'one')
    await saveFile(path, value)
    expect(isFileOf(path, value)).toBe(true)
    expect(isSame(right(await loadFile(path)), value)).toBe(true)
  })

  test('what cannot be written leaves the old file, and nothing else', async () => {
    const path = join(folder, 'run')
    await saveFile(path, { w: 1 })
    await expect(saveFile(path, { w: () => 1 })).rejects.toThrow(InvalidTree)
    await expect(saveFile(path, { w: () => 1 })).rejects.toThrow('saveFile: tree.w is a function')
    await expect(saveFile(join(folder, 'no/such/run'), { w: 1 })).rejects.toThrow('ENOENT')
    mkdirSync(join(folder, 'taken'))
    await expect(saveFile(join(folder, 'taken'), { w: 1 })).rejects.toThrow()
    expect(readdirSync(folder).sort()).toEqual(['run', 'taken'])
    expect(right(await loadFile(path))).toStrictEqual({ w: 1 })
  })

  test('an array that is handed on while it is to be written leaves the old file', async () => {
    const path = join(folder, 'run')
    await saveFile(path, { w: 1 })
    const w = new Float32Array(300_000)
    const saving = saveFile(path, { w })
    structuredClone(w, { transfer: [w.buffer] })
    await expect(saving).rejects.toThrow(
      'saveFile: tensor "w" must stay in its memory until it is saved, got 0 of 1200000 bytes'
    )
    expect(readdirSync(folder)).toEqual(['run'])
    expect(right(await loadFile(path))).toStrictEqual({ w: 1 })
  })

  test('an array that changes while it is written makes a file that is found damaged', async () => {
    const path = join(folder, 'run')
    const w = new Float32Array(3_000_000)
    const saving = saveFile(path, { w })
    let isSaved = false
    const saved = saving.then(() => {
      isSaved = true
    })
    while (!isSaved) {
      for (let i = 0; i < w.length; i += 1000) w[i] = (w[i] as number) + 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    await saved
    const read = await loadFile(path)
    // Whatever was written was looked at: it is found damaged, or it is what stands in the file.
    expect(failure(read)?.kind ?? 'whole').toMatch(/^(corrupt|whole)$/)
  })

  test('a file that is not there, or is none, is an error that names it', async () => {
    const path = join(folder, 'nothing')
    expect(failure(await loadFile(path))).toMatchObject({ kind: 'unreadable', entry: path })
    expect(failure(await loadFile(folder))?.message).toBe(
      `loadFile: ${folder} must be a file that can be read, got none`
    )
  })

  test('reads what others wrote, by the names of a form', async () => {
    const path = join(folder, 'theirs')
    writeFileSync(path, encodeSafetensors({ 'a.b': ndarray([1], [1]), c: ndarray([2], [1, 1]) }))
    expect(right(await loadFile(path, { a: { b: new Float32Array(1) }, c: ndarray([0], [1, 1]) }))).toStrictEqual({
      a: { b: Float32Array.of(1) },
      c: ndarray([2], [1, 1])
    })
    expect(failure(await loadFile(path, { c: 1 }))?.kind).toBe('mismatch')
  })

  test('says of damaged files what load says', async () => {
    const file = save({ w: Float32Array.of(1, 2), layers: [{ n: 1 }, { n: ndarray([1], [1, 1], 'float16') }] })
    const roll = dice(5)
    const path = join(folder, 'run')
    for (let run = 0; run < 120; run++) {
      const bytes = mutated(file, roll)
      writeFileSync(path, bytes)
      const [here, there] = [failure(load(bytes)), failure(await loadFile(path))]
      expect([there?.kind, there?.entry, there?.got]).toEqual([here?.kind, here?.entry, here?.got])
    }
  })

  test('two that write to one place at once leave one of both', async () => {
    const path = join(folder, 'run')
    const trees = Array.from({ length: 8 }, (_, i) => ({ n: i, w: new Float32Array(100_000).fill(i) }))
    await Promise.all(trees.map((one) => saveFile(path, one)))
    const { n, w } = right(await loadFile(path, { n: 0, w: new Float32Array(100_000) }))
    expect(w.every((x) => x === n)).toBe(true)
    expect(readdirSync(folder)).toEqual(['run'])
  })

  test('neither saving nor loading takes more memory than the tree and one more of its largest array', async () => {
    const program = await programIn(
      folder,
      `import { loadFile, saveFile } from './node.mjs'
      const most = async (act) => {
        globalThis.gc()
        const before = process.memoryUsage().arrayBuffers
        let peak = before
        let isOver = false
        const look = () => {
          peak = Math.max(peak, process.memoryUsage().arrayBuffers)
          if (!isOver) setImmediate(look)
        }
        look()
        const result = await act()
        look()
        isOver = true
        return [peak - before, result]
      }
      const tree = Array.from({ length: 6 }, (_, i) => new Float32Array(4_000_000).fill(i))
      const path = process.argv[2]
      const [saving] = await most(() => saveFile(path, tree))
      const [loading, loaded] = await most(() => loadFile(path))
      console.log(JSON.stringify({ saving, loading, _tag: loaded._tag }))`
    )
    const { saving, loading, _tag } = JSON.parse(await saidBy(program, [join(folder, 'run')])) as {
      readonly saving: number
      readonly loading: number
      readonly _tag: string
    }
    expect(_tag).toBe('Right')
    // An array has 16 million bytes, the tree six times as many.
    expect(saving).toBeLessThan(16e6)
    expect(loading).toBeGreaterThan(95e6)
    expect(loading).toBeLessThan((6 + 1) * 16e6)
  })

  test('a process that is killed at any instant leaves the last file or the one before, and it is whole', async () => {
    const program = await programIn(folder, ENDLESS)
    const path = join(folder, 'run')
    const roll = dice(1)
    let first = 1
    for (let kill = 0; kill < 4; kill++) {
      const last = await killedAfter(program, [path, String(first)], 1 + roll(60))
      const { n, w, v } = right(await loadFile(path, { n: 0, w: new Float64Array(40_000), v: new Float32Array(3) }))
      expect(n === last || n === last + 1).toBe(true)
      expect(w.every((x) => x === n) && v.every((x) => x === n)).toBe(true)
      first = n + 1
    }
  })
})

describe('checkpointManager', () => {
  const managed = (options?: CheckpointManagerOptions) => checkpointManager(join(folder, 'run'), options)
  const fileOf = (step: number) => join(folder, 'run', `step-${String(step).padStart(12, '0')}.safetensors`)

  test('keeps the newest, every so many steps', async () => {
    const checkpoints = managed({ keep: 2, every: 5 })
    const turns = []
    for (let step = 0; step <= 21; step++) turns.push(await checkpoints.save(step, { w: step }))
    expect(turns.map((turn, step) => (turn ? step : -1)).filter((step) => step >= 0)).toStrictEqual([0, 5, 10, 15, 20])
    expect(await checkpoints.steps()).toStrictEqual([15, 20])
    expect(right(await checkpoints.resume({ w: 0 }))).toStrictEqual({
      step: 20,
      metrics: {},
      tree: { w: 20 },
      damaged: []
    })
  })

  test.each([
    ['min', [3, 4, 9, 10]],
    ['max', [5, 7, 9, 10]]
  ] as const)('keeps the best besides, by %s, also those of a process before', async (mode, kept) => {
    const losses = [5, 6, 4, 1, 2, 9, Number.NaN, 9, 3, 3, 3]
    for (const [step, loss] of losses.entries()) {
      // Each time a new one, as after a restart.
      await managed({ keep: 2, best: { of: 'loss', keep: 2, mode } }).save(
        step,
        { w: step },
        step === 8 ? {} : { loss }
      )
    }
    expect(await managed().steps()).toStrictEqual(kept)
  })

  test('an empty folder has nothing to go on from', async () => {
    expect(right(await managed().resume())).toBe(null)
    expect(await managed().steps()).toStrictEqual([])
  })

  test('saves that are not waited for are written one after the other', async () => {
    const checkpoints = managed({ keep: 2 })
    const saves = Array.from({ length: 6 }, (_, step) =>
      checkpoints.save(step, { w: new Float32Array(50_000).fill(step) })
    )
    expect(await Promise.all(saves)).toStrictEqual(saves.map(() => true))
    expect(await checkpoints.steps()).toStrictEqual([4, 5])
  })

  test('goes on from the newest that is whole, and tells which were not', async () => {
    const checkpoints = managed({ keep: 5 })
    for (let step = 0; step < 5; step++) await checkpoints.save(step, { w: step }, { loss: -step })
    writeFileSync(fileOf(4), readFileSync(fileOf(4)).subarray(0, -1))
    const bytes = readFileSync(fileOf(3))
    writeFileSync(fileOf(3), bytes.fill(1, bytes.length - 1))
    const resumed = right(await checkpoints.resume({ w: 0 }))
    expect(resumed).toMatchObject({ step: 2, metrics: { loss: -2 }, tree: { w: 2 } })
    expect(resumed?.damaged.map(({ path, error }) => [path, error.kind])).toStrictEqual([
      [fileOf(4), 'truncated'],
      [fileOf(3), 'corrupt']
    ])
    // What is saved next neither counts nor touches what comes after it.
    await managed({ keep: 1 }).save(2, { w: 7 })
    expect(await checkpoints.steps()).toStrictEqual([2, 3, 4])
    expect(right(await checkpoints.resume())).toMatchObject({ step: 2, tree: { w: 7 } })
  })

  test('with none that is whole there is an error, and so for a tree of another form', async () => {
    const checkpoints = managed()
    await checkpoints.save(1, { w: 1 })
    expect(failure(await checkpoints.resume({ v: 0 }))?.message).toBe(
      'resume: tree must be an object with "v", got one with "w"'
    )
    writeFileSync(fileOf(1), 'x')
    expect(failure(await checkpoints.resume())?.kind).toBe('truncated')
    writeFileSync(fileOf(1), save({ w: 1 }))
    expect(failure(await checkpoints.resume())?.message).toBe(
      `resume: ${fileOf(1)} must be a checkpoint of checkpointManager, got another file`
    )
    writeFileSync(fileOf(1), encodeSafetensors({ w: ndarray([1], [1]) }))
    await managed({ best: { of: 'loss' } }).save(2, { w: 2 })
    expect(right(await checkpoints.resume())).toMatchObject({ step: 2 })
  })

  test('what was in the way of a save may be gone for the next one', async () => {
    const checkpoints = managed()
    writeFileSync(join(folder, 'run'), '')
    await expect(checkpoints.save(1, { w: 1 })).rejects.toThrow('EEXIST')
    rmSync(join(folder, 'run'))
    expect(await checkpoints.save(2, { w: 2 })).toBe(true)
    expect(await checkpoints.steps()).toStrictEqual([2])
  })

  test('folders, and files of other names, are none of its checkpoints', async () => {
    const run = join(folder, 'run')
    const others = ['step-0000000000001.safetensors', 'step-1.safetensors', 'step-000000000NaN.safetensors', 'notes']
    mkdirSync(fileOf(1), { recursive: true })
    for (const file of others) writeFileSync(join(run, file), '')
    const checkpoints = managed({ keep: 1 })
    for (const step of [2, 3]) await checkpoints.save(step, { w: step })
    expect(await checkpoints.steps()).toStrictEqual([3])
    expect(right(await checkpoints.resume())).toMatchObject({ step: 3, damaged: [] })
    expect(readdirSync(run)).toHaveLength(6)
  })

  test('one that cannot be read now is not taken away: it may be the best', async () => {
    mkdirSync(join(folder, 'run'))
    symlinkSync(join(folder, 'elsewhere'), fileOf(0))
    const checkpoints = managed({ keep: 1, best: { of: 'loss' } })
    await checkpoints.save(1, { w: 1 }, { loss: 2 })
    await checkpoints.save(2, { w: 2 }, { loss: 3 })
    expect(await checkpoints.steps()).toStrictEqual([0, 1, 2])
    // It is there again, and was the best all along.
    await saveFile(join(folder, 'elsewhere'), { step: 0, metrics: { loss: 1 }, tree: { w: 0 } })
    await checkpoints.save(3, { w: 3 }, { loss: 4 })
    expect(await checkpoints.steps()).toStrictEqual([0, 3])
  })

  test('of equally good ones the newest is the best', async () => {
    const checkpoints = managed({ keep: 1, best: { of: 'loss' } })
    for (const [step, loss] of [1, 1, 2, 2].entries()) await checkpoints.save(step, { w: step }, { loss })
    expect(await checkpoints.steps()).toStrictEqual([1, 3])
  })

  test('one that is not damaged but of a kind that is not known is not passed over', async () => {
    const checkpoints = managed()
    await checkpoints.save(1, { w: 1 })
    const header = '{"w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}'
    writeFileSync(fileOf(2), Buffer.concat([Buffer.of(header.length, 0, 0, 0, 0, 0, 0, 0), Buffer.from(`${header}x`)]))
    expect(failure(await checkpoints.resume())?.kind).toBe('unsupported')
  })

  test('metrics are those that were given, whatever becomes of the object', async () => {
    const checkpoints = managed({ keep: 1, best: { of: 'loss' } })
    const metrics = { loss: 1 }
    const first = checkpoints.save(1, { w: 1 }, metrics)
    metrics.loss = 9
    await first
    for (const step of [2, 3]) await checkpoints.save(step, { w: step }, { loss: 2 })
    expect(await checkpoints.steps()).toStrictEqual([1, 3])
  })

  test('what is left of a process before with the number of this one is cleared away', async () => {
    const run = join(folder, 'run')
    mkdirSync(run)
    const host = hostname().replaceAll(/[^\w-]/g, '')
    const [old, young] = ['0', '1'].map((digit) =>
      join(run, `.step-000000000001.safetensors.${host}.${process.pid}.${digit.repeat(12)}.tmp`)
    ) as [string, string]
    for (const file of [old, young]) writeFileSync(file, '')
    utimesSync(old, 1e9, 1e9)
    await managed().steps()
    expect(readdirSync(run).map((name) => join(run, name))).toStrictEqual([young])
  })

  test('what is left of a process that is gone is cleared away, and nothing else', async () => {
    const run = join(folder, 'run')
    mkdirSync(run)
    const host = hostname().replaceAll(/[^\w-]/g, '')
    const name = (machine: string, pid: number) => `.step-000000000001.safetensors.${machine}.${pid}.0123456789ab.tmp`
    const alive = [name(host, process.pid), name('elsewhere', 999_999_999), 'notes.tmp', 'step-1.safetensors']
    for (const file of [...alive, name(host, 999_999_999)]) writeFileSync(join(run, file), '')
    expect(await managed().steps()).toStrictEqual([])
    expect(readdirSync(run).sort()).toEqual([...alive].sort())
  })

  test('the thread is not held while a large tree is written', async () => {
    const checkpoints = managed()
    let turns = 0
    let isSaved = false
    const saving = checkpoints.save(1, { w: new Float32Array(8_000_000).fill(1) }).then(() => {
      isSaved = true
    })
    while (!isSaved) {
      await new Promise((resolve) => setImmediate(resolve))
      turns++
    }
    await saving
    // 31 pieces, after each of which others have their turn at the least.
    expect(turns).toBeGreaterThan(20)
    expect(statSync(fileOf(1)).size).toBeGreaterThan(32_000_000)
  })

  test('a save that fails is told, and the next one is not kept from its turn', async () => {
    const checkpoints = managed()
    await checkpoints.save(1, { w: 1 })
    mkdirSync(fileOf(2))
    const [second, third] = [checkpoints.save(2, { w: 2 }), checkpoints.save(3, { w: 3 })]
    await expect(second).rejects.toThrow()
    expect(await third).toBe(true)
    rmSync(fileOf(2), { recursive: true })
    expect(right(await checkpoints.resume())).toMatchObject({ step: 3, damaged: [] })
  })

  test('two processes that share a folder lose nothing, and resume from the newest of both at any time', async () => {
    const program = await programIn(
      folder,
      `import { checkpointManager } from './node.mjs'
      const [run, first] = process.argv.slice(2)
      const checkpoints = checkpointManager(run, { keep: 1, best: { of: 'loss' } })
      for (let step = Number(first); step < 40; step += 2) {
        await checkpoints.save(step, { n: step, w: new Float64Array(2000).fill(step) }, { loss: Math.abs(step - 11) })
        const { _tag, left, right } = await checkpoints.resume({ n: 0, w: new Float64Array(2000) })
        if (_tag === 'Left') throw left
        const { damaged, tree } = right
        if (right.step < step || tree.n !== right.step || tree.w.some((x) => x !== right.step)) throw new Error('not ' + step)
        if (damaged.length > 0) throw damaged[0].error
      }`
    )
    const run = join(folder, 'run')
    await Promise.all(['0', '1'].map((first) => saidBy(program, [run, first])))
    // Of the best and the newest, one is left when the last of both has rotated; and nothing else.
    const steps = await managed().steps()
    expect(steps).toStrictEqual(expect.arrayContaining([11, 39]))
    expect(readdirSync(run)).toHaveLength(steps.length)
    expect(steps.filter((step) => step !== 11 && step < 38)).toStrictEqual([])
  })

  test('of a step that another process saved since, its metrics count', async () => {
    const [here, there] = [managed({ keep: 1, best: { of: 'loss' } }), managed({ keep: 9 })]
    await here.save(1, { w: 1 }, { loss: 1 })
    await here.save(2, { w: 2 }, { loss: 2 })
    await there.save(1, { w: 9 }, { loss: 9 })
    await there.save(2, { w: 8 }, { loss: 8 })
    await here.save(3, { w: 3 }, { loss: 20 })
    expect(await here.steps()).toStrictEqual([2, 3])
  })

  test('works through a link to a folder', async () => {
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'run'))
    await managed().save(1, { w: 1 })
    expect(readdirSync(join(folder, 'real'))).toHaveLength(1)
  })

  test.each<[string, () => unknown, string]>([
    ['keep 0', () => managed({ keep: 0 }), 'checkpointManager: keep must be a whole number ≥ 1, got 0'],
    ['every 1.5', () => managed({ every: 1.5 }), 'checkpointManager: every must be a whole number ≥ 1, got 1.5'],
    [
      'a best of nothing',
      () => managed({ best: {} as never }),
      'checkpointManager: of must be the name of a metric, got undefined'
    ],
    [
      'no best at all',
      () => managed({ best: { of: 'a', keep: 0 } }),
      'checkpointManager: keep must be a whole number ≥ 1, got 0'
    ],
    [
      'another mode',
      () => managed({ best: { of: 'a', mode: 'mean' as never } }),
      'checkpointManager: mode must be one of "min", "max", got "mean"'
    ],
    ['an option that is none', () => managed({ kept: 1 } as never), 'there is no option kept']
  ])('refuses %s', (_, make, sentence) => {
    expect(make).toThrow(sentence)
  })

  test.each<[string, readonly [number, unknown, object?], string]>([
    ['a step that is none', [-1, {}], 'save: step must be a whole number ≥ 0, got -1'],
    ['metrics that are none', [1, {}, { loss: 'low' }], 'save: metrics must be an object of numbers, got an object'],
    ['a tree that is none', [1, { w: () => 1 }], 'save: tree.tree.w is a function']
  ])('does not save %s', async (_, [step, value, metrics], sentence) => {
    await expect(managed().save(step, value, metrics as never)).rejects.toThrow(sentence)
  })
})
