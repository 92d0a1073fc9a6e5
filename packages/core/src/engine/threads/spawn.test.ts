import { afterEach, describe, expect, test, vi } from 'vitest'
import { canShare, maySleep, spawn } from './spawn.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** Stands for a page, whose workers are made like this. */
const page = (open: (url: URL | string) => void = () => {}) => {
  vi.stubGlobal('process', undefined)
  const made: FakeWorker[] = []
  class FakeWorker {
    onerror: (event: { message?: string }) => void = () => {}
    readonly got: unknown[] = []
    readonly url: URL | string
    readonly options: object
    isEnded = false
    constructor(url: URL | string, options: object) {
      open(url)
      this.url = url
      this.options = options
      made.push(this)
    }
    postMessage(what: unknown): void {
      this.got.push(what)
    }
    terminate(): void {
      this.isEnded = true
    }
  }
  vi.stubGlobal('Worker', FakeWorker)
  return made
}

describe('in a page', () => {
  test('threads share memory where it is cross-origin isolated', () => {
    page()
    expect(canShare()).toBe(false)
    vi.stubGlobal('crossOriginIsolated', true)
    expect(canShare()).toBe(true)
    vi.stubGlobal('SharedArrayBuffer', undefined)
    expect(canShare()).toBe(false)
  })

  test('a worker is the module beside this one, told what to know', () => {
    const made = page()
    const ends: string[] = []
    const thread = spawn({ index: 7 }, (why) => ends.push(why))
    expect(made.map(({ url, options, got }) => [String(url), options, got])).toStrictEqual([
      [new URL('./worker.js', import.meta.url).href, { type: 'module' }, [{ index: 7 }]]
    ])
    made[0]?.onerror({ message: 'mine' })
    made[0]?.onerror({})
    expect(ends).toEqual(['mine', 'its file cannot be loaded'])
    thread.terminate()
    expect(made[0]?.isEnded).toBe(true)
  })

  test('from another site, it is imported by one of this site', async () => {
    const made = page((url) => {
      if (!String(url).startsWith('blob:')) throw new Error('from another origin')
    })
    const create = vi.spyOn(URL, 'createObjectURL')
    spawn({ index: 7 }, () => {})
    expect(made.map(({ options, got }) => [options, got])).toStrictEqual([[{ type: 'module' }, [{ index: 7 }]]])
    const blob = create.mock.calls[0]?.[0] as Blob
    expect(await blob.text()).toBe(`import ${JSON.stringify(new URL('./worker.js', import.meta.url).href)}`)
    expect(blob.type).toBe('text/javascript')
  })

  test('the main thread must not sleep', () => {
    expect(maySleep()).toBe(true)
    vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      throw new TypeError('Atomics.wait cannot be called in this context')
    })
    expect(maySleep()).toBe(false)
  })
})
