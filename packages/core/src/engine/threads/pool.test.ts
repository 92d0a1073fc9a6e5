import { rmSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { differenceOf, valuesOf } from '../../../../laws/src/engine/graph.js'
import { Kind } from '../../array/dtype.js'
import { InvalidState } from '../../errors.js'
import { type Expr, leafOf } from '../../expression/expr.js'
import { KeepingTape } from '../../expression/keepingTape.js'
import { CALLED, isCalled, Op } from '../../expression/op.js'
import { add, atan2, cos, erf, exp, log, log1p, maxOf, mul, pow, sin, sum, tanh } from '../../expression/operations.js'
import { Code, NONE } from '../program.js'
import { reference } from '../reference.js'
import { Arena } from '../resident/arena.js'
import { ResidentEngine } from '../resident/engine.js'
import { kernelsOf } from '../resident/kernels.js'
import { type Launch, runHere } from '../resident/launches.js'
import { assemble, instantiate } from '../wasm/kernel.js'
import { type PoolOptions, ThreadPool } from './pool.js'
import { type Spawn, spawn, type Thread } from './spawn.js'
import { plainSources, runPlain } from './testing.js'

const pools: ThreadPool[] = []
afterEach(() => {
  for (const pool of pools.splice(0)) pool.dispose()
})

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** An engine on threads that share whatever comes. */
const engineOn = async (threads: number, options: PoolOptions = {}, isWaited = true) => {
  const arena = new Arena({ params: 0, grads: 0, state: 0, scratch: 2 ** 26 }, true)
  const pool = new ThreadPool(arena.memory, threads - 1, { worthSharing: 0, ...options })
  pools.push(pool)
  if (isWaited) await until(() => pool.isReady)
  const run = threads === 1 ? runHere : pool.run
  return { pool, arena, engine: new ResidentEngine(arena, new KeepingTape(), kernelsOf(arena, true), run) }
}

const numbers = (length: number, seed = 1): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * seed) * 3)

/** The roots of a graph on threads and by the reference are the same bits. */
const agree = (engine: ResidentEngine, graph: () => Expr[]): void => {
  const [actual, expected] = [graph(), graph()]
  engine.rewind()
  engine.evaluate(actual)
  reference.evaluate(expected)
  actual.forEach((root, i) => {
    expect(differenceOf(valuesOf(root), valuesOf(expected[i] as Expr)), `root ${i}`).toBe(-1)
  })
}

const x = (length: number, seed?: number): Expr => leafOf(Kind.F32, null, numbers(length, seed))

describe.each([1, 2, 3, 4])('with %i threads the bits are those of the specification', (threads) => {
  test('for every function that has no instruction', async () => {
    const { engine } = await engineOn(threads)
    for (let sight = 0; sight < 2; sight++) {
      agree(engine, () => [exp, log, log1p, tanh, sin, cos, erf].map((f) => f(x(20_001)) as Expr))
      agree(engine, () => [pow(x(20_001), 0.3) as Expr, pow(x(9000), 2.5) as Expr])
      agree(engine, () => [atan2(x(20_001), x(20_001, 2)) as Expr])
      agree(engine, () => [mul(tanh(erf(exp(mul(x(9001), 0.1)))), cos(x(9001, 2))) as Expr])
    }
  })

  test('for sums, which are cut between blocks alone', async () => {
    const { engine } = await engineOn(threads)
    for (const length of [0, 1, 5, 4095, 4096, 4097, 8192, 8193, 100_003]) {
      agree(engine, () => [
        sum(x(length)) as Expr,
        sum(mul(x(length), x(length, 2))) as Expr,
        maxOf(x(length, 3)) as Expr
      ])
    }
  })

  test('for more launches than one round takes, of a few elements each', async () => {
    const { engine } = await engineOn(threads)
    for (let sight = 0; sight < 2; sight++) {
      agree(engine, () => Array.from({ length: 2500 }, (_, i) => add(mul(x(1 + (i % 7), i), 3), i) as Expr))
    }
  })

  test('for more kernels than one round takes', async () => {
    const { engine } = await engineOn(threads)
    // Programs of which no two are the same, one to each array.
    const different = (i: number): Expr => {
      let y = x(5, i)
      for (let bit = 0; bit < 11; bit++) y = ((i >> bit) & 1 ? add(y, 1) : mul(y, 2)) as Expr
      return y
    }
    agree(engine, () => Array.from({ length: 1200 }, (_, i) => different(i)))
  })

  test('for large arrays beside small ones', async () => {
    const { engine } = await engineOn(threads)
    agree(engine, () =>
      [3, 100_000, 0, 4096, 1, 70_001, 12_288].map((length, i) => add(mul(x(length, i), 2), 1) as Expr)
    )
  })
})

/** A worker that starts, and never does anything. */
const idle: Spawn = (start) => {
  const { control, layout } = start as { control: SharedArrayBuffer; layout: { ready: number } }
  Atomics.add(new Int32Array(control), layout.ready, 1)
  return { terminate: () => {} }
}

describe('what goes wrong on a thread', () => {
  const graph = (): Expr[] => [add(x(9000), 1) as Expr]

  test('a worker that ends by itself is told at the next step', async () => {
    let terminate = (): void => {}
    const start: Spawn = (data, onEnd) => {
      const thread = spawn(data, onEnd)
      terminate = thread.terminate
      return thread
    }
    const { engine, pool } = await engineOn(2, { start })
    agree(engine, graph)
    pool.check()
    terminate()
    const isDead = (): boolean => {
      try {
        pool.check()
        return false
      } catch {
        return true
      }
    }
    await until(isDead)
    expect(() => pool.check()).toThrow(
      new InvalidState(
        'step: a thread of this transient has died (exit code 1): go on from a snapshot with another transient'
      )
    )
  })

  test('a worker that does not answer is given up on', async () => {
    const { engine } = await engineOn(2, { start: idle, patience: 300 })
    expect(() => engine.evaluate(graph())).toThrow(
      new InvalidState(
        'step: a thread of this transient has died in the middle of a step (it does not answer): go on from an earlier snapshot'
      )
    )
  })

  test('a worker that is slow, but gets on, is not', async () => {
    const code = `
      const { workerData } = require('node:worker_threads')
      const { control, layout } = workerData
      const words = new Int32Array(control)
      Atomics.add(words, layout.ready, 1)
      for (let round = 0; ; ) {
        Atomics.wait(words, layout.round, round)
        round = Atomics.load(words, layout.round)
        for (let i = 0; i < 10; i++) {
          Atomics.wait(words, 15, 0, 100)
          Atomics.add(words, layout.progress, 1)
        }
        Atomics.add(words, layout.done, 1)
        Atomics.notify(words, layout.done)
      }
    `
    const slow: Spawn = (workerData) => new Worker(code, { eval: true, workerData }) as unknown as Thread
    const { engine, pool } = await engineOn(2, { start: slow, patience: 500 })
    // It computes nothing: what comes out does not matter here.
    engine.evaluate(graph())
    pool.check()
  })

  test('a kernel that cannot be loaded there', async () => {
    const { pool } = await engineOn(2)
    const kernel = { run: () => {}, bytes: Uint8Array.of(1, 2, 3), scalars: 0, tableBytes: 0 }
    expect(() => pool.run([{ kernel, table: 64, size: 9000, pointers: [], parts: null }])).toThrow(
      /a kernel failed on it/
    )
    expect(() => pool.check()).toThrow(InvalidState)
  })

  test('a worker whose file is not there', async () => {
    const start: Spawn = (_data, onEnd) => {
      setTimeout(() => onEnd('no such file'), 1)
      return { terminate: () => {} }
    }
    const { engine, pool } = await engineOn(2, { start }, false)
    // It has not started, so that everything is done here.
    agree(engine, graph)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(() => pool.check()).toThrow(/has died \(no such file\)/)
  })

  test('until all workers have started, the main thread does everything', async () => {
    const { engine, pool } = await engineOn(3, { start: () => ({ terminate: () => {} }) }, false)
    expect(pool.isReady).toBe(false)
    agree(engine, graph)
  })

  test('what no worker can be sent is done here', async () => {
    const { pool } = await engineOn(3)
    const calls: number[][] = []
    const run = (...call: number[]): void => void calls.push(call)
    const whole = { run, bytes: null, scalars: 0, tableBytes: 0 }
    const large = { run, bytes: new Uint8Array(2 ** 23 + 1), scalars: 0, tableBytes: 0 }
    pool.run([
      { kernel: whole, table: 64, size: 10_000, pointers: [], parts: null },
      { kernel: large, table: 128, size: 20_000, pointers: [], parts: null }
    ])
    expect(calls).toStrictEqual([
      [64, 0, 10_000],
      [128, 0, 20_000]
    ])
  })
})

test('kernels beyond those that workers keep are sent afresh, those of before too', async () => {
  const { pool, arena } = await engineOn(2)
  const data = arena.takeArray(Kind.F32, 8192)
  const address = arena.placeOf(data) as number
  const table = arena.take(64)
  arena.i32.set([address, address], table / 4)
  const input = [Code.Input, Kind.F32, NONE, NONE, NONE]
  // x + x, −x and x², in place; kernels are told apart by who they are, however alike.
  const programs = [
    [Op.Add, Kind.F32, 0, 0, NONE],
    [Op.Neg, Kind.F32, 0, NONE, NONE],
    [Op.Mul, Kind.F32, 0, 0, NONE]
  ].map((operation) => {
    const assembly = assemble([...input, ...operation, Code.Output, Kind.F32, 1, NONE, NONE], true)
    return { ...assembly, run: instantiate(assembly.bytes, arena.memory) }
  })
  const launchOf = (i: number): Launch[] => {
    const kernel = { ...(programs[i % 3] as (typeof programs)[0]) }
    return [{ kernel, table, size: 8192, pointers: [], parts: null }]
  }
  const results = [6, -3, 9]
  const compute = (launches: readonly Launch[], i: number): void => {
    data.fill(3)
    pool.run(launches)
    expect([data[0], data[8191], i]).toEqual([results[i % 3], results[i % 3], i])
  }
  const first = Array.from({ length: 5 }, (_, i) => launchOf(i))
  first.forEach(compute)
  first.forEach(compute)
  const others = Array.from({ length: 4100 }, (_, i) => launchOf(i + 1))
  pool.run(others.flat())
  // In another order than before: what a worker has under a number is another kernel now.
  for (let i = 1; i < 6; i++) compute(launchOf(i), i)
  first.forEach(compute)
})

test('a worker that is woken once more for a round does not do it once more', async () => {
  const told: object[] = []
  const start: Spawn = (what, onEnd) => {
    told.push(what)
    return spawn(what, onEnd)
  }
  const { engine } = await engineOn(2, { start })
  agree(engine, () => [add(x(9000), 1) as Expr])
  const { control, layout } = told[0] as {
    readonly control: SharedArrayBuffer
    readonly layout: { readonly round: number; readonly done: number }
  }
  const words = new Int32Array(control)
  // The second time that somebody wakes up is after what was done the first time.
  for (let i = 0; i < 2; i++) await until(() => Atomics.notify(words, layout.round) === 1)
  expect(Atomics.load(words, layout.done)).toBe(1)
})

test('workers use no time while there is nothing to do', async () => {
  const { engine } = await engineOn(4)
  agree(engine, () => [add(x(50_000), 1) as Expr])
  const [begin, before] = [performance.now(), process.cpuUsage()]
  await new Promise((resolve) => setTimeout(resolve, 500))
  const used = process.cpuUsage(before)
  // Three busy workers would use three times what has passed; test runners themselves do a little.
  expect((used.user + used.system) / 1000 / (performance.now() - begin)).toBeLessThan(0.5)
})

describe('in a process of its own', () => {
  let folder = ''
  beforeAll(() => {
    folder = plainSources()
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const PRELUDE = `
    import { readdirSync } from 'node:fs'
    import { transient } from './transient/transient.js'
    import { stateless } from './transformation/stateless.js'
    import { map } from './tree/tree.js'
    import { erf, mul } from './expression/operations.js'
    const countThreads = () => readdirSync('/proc/self/task').length
    const tx = stateless((g) => map((x) => mul(erf(x), -1), g))
    const start = (threads) => {
      const run = transient(tx, { w: new Float32Array(200_000) }, { threads })
      run.grads.w.fill(0.5)
      return run
    }
    const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  `

  test('a transient that nobody disposes does not keep it alive, between steps', async () => {
    const script = `${PRELUDE}
      const [run, alone] = [start(3), start(1)]
      for (let i = 0; i < 100; i++) { run.step(); alone.step(); await later(2) }
      console.log(run.threads, run.params.w.every((x, i) => x === alone.params.w[i] && x < -52))
    `
    expect(await runPlain(folder, script)).toStrictEqual({ code: 0, output: '3 true\n' })
  })

  test('nor one that never lets it return to its event loop', async () => {
    const script = `${PRELUDE}
      const run = start(4)
      const begin = performance.now()
      while (performance.now() - begin < 500) run.step()
      console.log('done')
    `
    expect(await runPlain(folder, script)).toStrictEqual({ code: 0, output: 'done\n' })
  })

  test.runIf(process.platform === 'linux')('nothing runs any more after dispose()', async () => {
    const script = `${PRELUDE}
      start(1).step()
      const before = countThreads()
      const run = start(4)
      for (let i = 0; i < 50; i++) { run.step(); await later(2) }
      const during = countThreads()
      run.dispose()
      for (let i = 0; i < 500 && countThreads() > before; i++) await later(10)
      console.log(during - before, countThreads() - before)
    `
    expect(await runPlain(folder, script)).toStrictEqual({ code: 0, output: '3 0\n' })
  })

  test('an uncaught error ends it as ever', async () => {
    const { code, output } = await runPlain(folder, `${PRELUDE} start(3).step(); throw new Error('mine')`)
    expect(code).toBe(1)
    expect(output).toContain('Error: mine')
  })
})

test('workers are told of each function that kernels call', () => {
  expect(Object.values(CALLED).sort((a, b) => a - b)).toStrictEqual(Object.values(Op).filter(isCalled))
})
