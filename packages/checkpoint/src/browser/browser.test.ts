// On a file system of the page that is played by a map; tests/browser has the real one.
import type { Either } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CheckpointError } from '../error.js'
import { load } from '../own/load.js'
import { save } from '../own/save.js'
import { download } from './download.js'
import { loadOpfs } from './loadOpfs.js'
import { saveOpfs } from './saveOpfs.js'
import { upload } from './upload.js'

type Files = Map<string, Uint8Array<ArrayBuffer>>

/** A folder of the files whose paths begin so. */
const folderOf = (files: Files, path: string, onWrite: () => void): unknown => ({
  getDirectoryHandle: async (name: string, { create = false } = {}) => {
    const inside = `${path}${name}/`
    const isThere = [...files.keys()].some((key) => key.startsWith(inside))
    if (!create && !isThere) throw new DOMException('none', 'NotFoundError')
    return folderOf(files, inside, onWrite)
  },
  removeEntry: async (name: string) => {
    if (!files.delete(path + name)) throw new DOMException('none', 'NotFoundError')
  },
  getFileHandle: async (name: string, { create = false } = {}) => {
    const key = path + name
    if (!create && !files.has(key)) throw new DOMException('none', 'NotFoundError')
    if (!files.has(key)) files.set(key, new Uint8Array(0))
    return {
      getFile: async () => new Blob([files.get(key) ?? new Uint8Array(0)]),
      createWritable: async () => {
        let written = new Uint8Array(0)
        return {
          write: async ({ position, data }: { position: number; data: Uint8Array }) => {
            onWrite()
            const longer = new Uint8Array(Math.max(written.length, position + data.length))
            longer.set(written)
            longer.set(data, position)
            written = longer
          },
          close: async () => files.set(key, written),
          abort: async () => {}
        }
      }
    }
  }
})

let files: Files
let onWrite: () => void
beforeEach(() => {
  files = new Map()
  onWrite = () => {}
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => folderOf(files, '', () => onWrite()) } })
})
afterEach(() => vi.unstubAllGlobals())

const right = <T>(result: Either<CheckpointError, T>): T => {
  if (result._tag === 'Left') throw result.left
  return result.right
}
const failure = (result: Either<CheckpointError, unknown>) => (result._tag === 'Left' ? result.left : undefined)

const tree = () => ({
  epoch: 3,
  w: Float32Array.from({ length: 300_000 }, (_, i) => i),
  shared: new Float64Array(new SharedArrayBuffer(80_000)).fill(2),
  small: [Float32Array.of(1), null, 'text']
})

test('a tree is written as save makes it, and comes back', async () => {
  await saveOpfs('runs/a.safetensors', tree())
  expect([...files.keys()]).toEqual(['runs/a.safetensors'])
  expect(Buffer.from(files.get('runs/a.safetensors') as Uint8Array).equals(save(tree()))).toBe(true)
  const read = right(await loadOpfs('runs/a.safetensors', tree()))
  expect(Buffer.from(save(read)).equals(save(tree()))).toBe(true)
  expect(Buffer.from(save(right(await loadOpfs('runs/a.safetensors')))).equals(save(tree()))).toBe(true)
})

test('what fails leaves the old file', async () => {
  await saveOpfs('a', { w: 1 })
  onWrite = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  await expect(saveOpfs('a', tree())).rejects.toThrow('full')
  await expect(saveOpfs('a', { w: () => 1 })).rejects.toThrow('saveOpfs: tree.w is a function')
  expect(right(await loadOpfs('a'))).toStrictEqual({ w: 1 })
})

test('what fails where there was no file leaves none', async () => {
  onWrite = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  await expect(saveOpfs('runs/a', tree())).rejects.toThrow('full')
  expect([...files.keys()]).toStrictEqual([])
  files.set('runs/a', new Uint8Array(0))
  await expect(saveOpfs('runs/a', tree())).rejects.toThrow('full')
  // It was there before, and empty.
  expect([...files.keys()]).toStrictEqual(['runs/a'])
  // Another page has written it meanwhile.
  onWrite = () => {
    files.set('runs/b', Uint8Array.from(save(1)))
    throw new DOMException('full', 'QuotaExceededError')
  }
  await expect(saveOpfs('runs/b', tree())).rejects.toThrow('full')
  expect(right(await loadOpfs('runs/b'))).toBe(1)
})

test('a file that is not there is an error, a path that is none a mistake', async () => {
  expect(failure(await loadOpfs('runs/b'))?.message).toBe(
    'loadOpfs: runs/b must be a file that can be read, got NotFoundError'
  )
  for (const path of ['', '/a', 'a/', 'a/../b', './a', 3 as never]) {
    await expect(loadOpfs(path)).rejects.toThrow('loadOpfs: path must be names with slashes between')
    await expect(saveOpfs(path, 1)).rejects.toThrow('saveOpfs: path must be names with slashes between')
  }
})

test('a Blob is loaded, or refused as load refuses it', async () => {
  const bytes = Uint8Array.from(save(tree()))
  expect(Buffer.from(save(right(await upload(new Blob([bytes]), tree())))).equals(save(tree()))).toBe(true)
  for (const cut of [0, 7, 100, bytes.length - 1]) {
    const [here, there] = [failure(load(bytes.slice(0, cut))), failure(await upload(new Blob([bytes.slice(0, cut)])))]
    expect([there?.kind, there?.entry]).toEqual([here?.kind, here?.entry])
    expect(there?.message).toMatch(/^upload: /)
  }
  expect(failure(await upload(new Blob([bytes]), { w: 1 }))?.kind).toBe('mismatch')
})

test('a file that cannot be read any more is an error', async () => {
  const gone = new DOMException('changed', 'NotReadableError')
  const blob = Object.assign(new Blob([new Uint8Array(100)]), {
    slice: () => ({ arrayBuffer: () => Promise.reject(gone) })
  })
  const error = failure(await upload(blob as unknown as Blob))
  expect(error?.kind).toBe('unreadable')
  expect(error?.message).toBe('upload: the file must be a file that can be read, got NotReadableError')
})

test('a download is a link to the bytes, which is clicked', async () => {
  const link = { href: '', download: '', click: vi.fn() }
  let blob: Blob | undefined
  vi.useFakeTimers()
  vi.stubGlobal('document', { createElement: () => link })
  const create = vi.spyOn(URL, 'createObjectURL').mockImplementation((given) => {
    blob = given as Blob
    return 'blob:here'
  })
  const revoke = vi.spyOn(URL, 'revokeObjectURL').mockImplementation(() => {})
  try {
    download('model.safetensors', { w: 1 })
    expect([link.href, link.download]).toEqual(['blob:here', 'model.safetensors'])
    expect(link.click).toHaveBeenCalledOnce()
    vi.runAllTimers()
    expect(revoke).toHaveBeenCalledWith('blob:here')
    expect(right(await upload(blob as Blob))).toStrictEqual({ w: 1 })
  } finally {
    create.mockRestore()
    revoke.mockRestore()
    vi.useRealTimers()
  }
})
