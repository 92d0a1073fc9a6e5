import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Open, openWorker, workersFrom } from './askWorker.js'
import type { Asked, Said } from './found.js'

const asked = (first = 0): Asked => ({
  bytes: Uint8Array.of(first),
  limits: { bytes: 100, items: 100, depth: 4 }
})
const HALF_AN_HOUR = 1_800_000

/** A real thread that is ready, and then runs this at every question. */
const running = (code: string, onEnd: () => void = () => {}): Open => {
  const source = `import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ bytes: [first] }) => { ${code} })
    parentPort.postMessage({ kind: 'ready' })`
  return (onSaid, ended) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
    worker.on('message', onSaid)
    worker.on('error', (error) => ended(String(error)))
    worker.on('exit', (exit) => {
      onEnd()
      ended(`exit code ${exit}`)
    })
    return { post: (question) => worker.postMessage(question), terminate: () => void worker.terminate() }
  }
}

/** A worker that is played: it answers by the first byte, and says what was done with it. */
const played = (log: string[], answers: readonly (Said | 'end')[]): Open => {
  let made = 0
  return (onSaid, onEnd) => {
    const name = `worker ${++made}`
    log.push(name)
    queueMicrotask(() => onSaid({ kind: 'ready' }))
    return {
      post: ({ bytes: [first = 0] }) => {
        log.push(`${name} asked ${first}`)
        const answer = answers[first] as Said | 'end'
        queueMicrotask(() => (answer === 'end' ? onEnd('a fall') : onSaid(answer)))
      },
      terminate: () => log.push(`${name} ended`)
    }
  }
}

const found: Said = { kind: 'found', root: { kind: 'group', entries: [] } }

describe('workersFrom', () => {
  test(
    'a worker that is busy without end is ended, and the next question goes to another',
    async () => {
      const ended: string[] = []
      const ask = workersFrom(
        running('if (first === 1) for (;;) {} parentPort.postMessage({ kind: "failed", isBroken: false })', () =>
          ended.push('ended')
        )
      )
      const [busy, next] = [ask(asked(1), 50), ask(asked(0), HALF_AN_HOUR)]
      expect(await busy).toStrictEqual({ kind: 'late' })
      expect(await next).toStrictEqual({ kind: 'failed', isBroken: false })
      await vi.waitFor(() => expect(ended).toHaveLength(2), { timeout: HALF_AN_HOUR })
    },
    HALF_AN_HOUR
  )

  test(
    'what came while this thread was busy is not late',
    async () => {
      const ask = workersFrom(running('parentPort.postMessage({ kind: "failed", isBroken: false })'))
      // So that it is ready.
      const before = ask(asked(), HALF_AN_HOUR)
      const answer = ask(asked(), 20)
      await before
      // Let the question be put.
      await Promise.resolve()
      const since = performance.now()
      while (performance.now() - since < 300) {}
      expect((await answer).kind).toBe('failed')
    },
    HALF_AN_HOUR
  )

  test('one worker answers for as long as there are questions, one at a time', async () => {
    const log: string[] = []
    const ask = workersFrom(played(log, [found, { kind: 'failed', isBroken: false }]))
    expect(await Promise.all([0, 1, 0].map((first) => ask(asked(first), HALF_AN_HOUR)))).toStrictEqual([
      found,
      { kind: 'failed', isBroken: false },
      found
    ])
    await ask(asked(), HALF_AN_HOUR)
    expect(log).toStrictEqual([
      ...['worker 1', 'worker 1 asked 0', 'worker 1 asked 1', 'worker 1 asked 0', 'worker 1 ended'],
      ...['worker 2', 'worker 2 asked 0', 'worker 2 ended']
    ])
  })

  test('after one that broke, or fell, there is another', async () => {
    const log: string[] = []
    const ask = workersFrom(played(log, [{ kind: 'failed', isBroken: true }, 'end', found]))
    const [broken, fallen, next] = [0, 1, 2].map((first) => ask(asked(first), HALF_AN_HOUR))
    expect(await broken).toStrictEqual({ kind: 'failed', isBroken: true })
    await expect(fallen).rejects.toThrow(
      'decodeKerasWeights: the worker that reads HDF5 by h5wasm must be there, got a fall'
    )
    expect(await next).toStrictEqual(found)
    expect(log.filter((line) => /^worker \d$/.test(line))).toHaveLength(3)
  })

  test('where h5wasm is missing, it is said', async () => {
    const ask = workersFrom((onSaid) => {
      queueMicrotask(() => onSaid({ kind: 'absent', why: 'Cannot find package h5wasm' }))
      return { post: () => {}, terminate: () => {} }
    })
    await expect(ask(asked(), HALF_AN_HOUR)).rejects.toThrow('must be there, got Cannot find package h5wasm')
  })
})

describe('openWorker in a page', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('is the module beside this one', () => {
    vi.stubGlobal('process', undefined)
    class FakeWorker {
      onmessage: (event: { data: Said }) => void = () => {}
      onerror: (event: { message?: string }) => void = () => {}
      readonly posted: unknown[] = []
      readonly url: URL
      readonly options: object
      isEnded = false
      constructor(url: URL, options: object) {
        this.url = url
        this.options = options
        made.push(this)
      }
      postMessage(what: unknown): void {
        this.posted.push(what)
      }
      terminate(): void {
        this.isEnded = true
      }
    }
    const made: FakeWorker[] = []
    vi.stubGlobal('Worker', FakeWorker)
    const [said, ends] = [[] as Said[], [] as string[]]
    const line = openWorker(
      (what) => said.push(what),
      (why) => ends.push(why)
    )
    const [worker] = made as [FakeWorker]
    expect([worker.url.href, worker.options]).toStrictEqual([
      new URL('./kerasWorker.js', import.meta.url).href,
      { type: 'module' }
    ])
    worker.onmessage({ data: { kind: 'ready' } })
    worker.onerror({ message: 'mine' })
    worker.onerror({})
    line.post(asked())
    line.terminate()
    expect(said).toStrictEqual([{ kind: 'ready' }])
    expect(ends).toEqual(['mine', 'its file cannot be loaded'])
    expect(worker.posted).toStrictEqual([asked()])
    expect(worker.isEnded).toBe(true)
  })
})
