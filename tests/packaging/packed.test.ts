// The packages from outside: packed, installed into an empty folder, imported by plain Node, seen by a user's compiler.
import { execFile } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, inject, test } from 'vitest'
import { root } from '../../scripts/setup.mjs'
import { names } from '../packed/setup.js'

const { home, tarballs } = inject('packed')
const tarball = (name: string) => tarballs[name] ?? ''
const json = (value: unknown) => JSON.stringify(value, null, 2)

/** Runs a program in the folder of the user; the answer is its output, also when it failed. */
const run = async (program: string, ...args: readonly string[]): Promise<{ code: number; output: string }> => {
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd: home, shell: process.platform === 'win32' })
    return { code: 0, output: stdout.trim() }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, output: `${stdout}${stderr}`.trim() }
  }
}
const node = (program: string) => run(process.execPath, '--input-type=module', '--eval', program)
const tool = (name: string, ...args: readonly string[]) => run(join(root, 'node_modules/.bin', name), ...args)

/** The compiler of this repository, and the newest one, which is native. */
const compilers = {
  'TypeScript 5.9': (...args: readonly string[]) => tool('tsc', ...args),
  'TypeScript 7': (...args: readonly string[]) =>
    run(process.execPath, join(root, 'tests/node_modules/typescript-7/bin/tsc'), ...args)
}
const strict = { strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }

describe.each(names)('%s', (name) => {
  test('holds its build, its manifest and the license, and nothing else', async () => {
    const { output } = await run('tar', '-tzf', tarball(name))
    const files = output.split('\n').map((file) => file.replace('package/', ''))
    const optional = ['CHANGELOG.md', 'README.md']
    const others = files.filter((file) => !file.startsWith('dist/') && !optional.includes(file))
    expect(others.sort()).toEqual(['LICENSE', 'package.json'])
    expect(files).toContain('dist/index.js')
    expect(files).toContain('dist/index.d.ts')
  })

  test('is imported by plain Node', async () => {
    expect(await node(`await import('${name}'); console.log('imported')`)).toStrictEqual({
      code: 0,
      output: 'imported'
    })
  })

  test('is required by plain Node', async () => {
    expect(await run(process.execPath, '--eval', `require('${name}'); console.log('required')`)).toStrictEqual({
      code: 0,
      output: 'required'
    })
  })

  test('publint finds nothing', async () => {
    const { messages, pkg } = await publint({ pkgDir: join(home, 'node_modules', name), pack: false, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })

  test('its types are right in every module resolution that knows ESM', async () => {
    const { code, output } = await tool('attw', tarball(name), '--profile', 'esm-only', '--no-color', '--no-emoji')
    expect(code, output).toBe(0)
  })
})

describe.each([
  ['NodeNext', 'NodeNext'],
  ['Bundler', 'ESNext']
])("a user's program, with moduleResolution %s", (moduleResolution, module) => {
  const out = `out-${moduleResolution}`

  test('compiles, and so do all declarations', async () => {
    copyFileSync(join(import.meta.dirname, 'user.ts'), join(home, 'user.ts'))
    // The declarations of TensorFlow.js and jax-js lack some that they need themselves: what stands on them has a test of its own.
    const own = names.filter((name) => name !== '@gradchain/tfjs' && name !== '@gradchain/jax-js')
    writeFileSync(join(home, 'every.ts'), own.map((name, i) => `export * as p${i} from '${name}'`).join('\n'))
    const compilerOptions = {
      ...strict,
      module,
      moduleResolution,
      target: 'ES2022',
      lib: ['ES2022'],
      types: [],
      outDir: out
    }
    writeFileSync(join(home, `${out}.json`), json({ compilerOptions, files: ['user.ts', 'every.ts'] }))
    for (const compile of Object.values(compilers)) {
      expect(await compile('-p', `${out}.json`)).toStrictEqual({ code: 0, output: '' })
    }
  })

  test('runs in plain Node and trains', async () => {
    const program = `const { count, moved, same } = await import('./${out}/user.js'); console.log(count, moved, same)`
    expect(await node(program)).toStrictEqual({ code: 0, output: '3 true true' })
  })
})

describe.each(Object.entries(compilers))('%s', (name, compile) => {
  const check = (file: string, ...libs: readonly string[]) => checkWith({}, file, ...libs)
  const checkWith = (more: object, file: string, ...libs: readonly string[]) => {
    const lib = ['ES2022', ...libs]
    const options = { ...strict, module: 'NodeNext', target: 'ES2022', lib, types: [], noEmit: true, ...more }
    const config = `check-${name}-${file}.json`
    writeFileSync(join(home, config), json({ compilerOptions: options, files: [file] }))
    return compile('-p', config, '--pretty', 'false')
  }

  test('compiles programs that are right', async () => {
    copyFileSync(join(import.meta.dirname, 'programs.test-d.ts'), join(home, 'programs.ts'))
    expect(await check('programs.ts')).toStrictEqual({ code: 0, output: '' })
  })

  test('compiles programs with TensorFlow.js, where its own declarations are not looked at', async () => {
    const program = `import { toTfjsOptimizer, tfjs } from '@gradchain/tfjs'
      import { train, type Tensor, tensor1d } from '@tensorflow/tfjs-core'
      import { adam } from 'gradchain'
      export const optimizer: ReturnType<typeof train.adam> | ReturnType<typeof toTfjsOptimizer> = toTfjsOptimizer(adam(0.1))
      const { init, step } = tfjs(adam(0.1))
      const params = { w: tensor1d([1, 2]) }
      export const next: { w: Tensor } = step(params, init(params), params)[0]
      // @ts-expect-error -- a tree of other arrays
      init({ w: new Float32Array(2) })`
    writeFileSync(join(home, 'tensors.ts'), program)
    expect(await checkWith({ skipLibCheck: true }, 'tensors.ts', 'DOM')).toStrictEqual({ code: 0, output: '' })
  })

  test('compiles programs with jax-js, where its own declarations are not looked at', async () => {
    const program = `import { applyUpdates, type JaxState, jaxjs } from '@gradchain/jax-js'
      import { jit, type JsTree, numpy as np } from '@jax-js/jax'
      import { adam } from 'gradchain'
      const { init, update } = jaxjs(adam(0.1))
      const params = { w: np.array([1, 2]) }
      const state: JsTree<np.Array> = init(params)
      export const next: { w: np.Array } = applyUpdates(params, update(params, state, params)[0])
      export const train = jit((p: { w: np.Array }, s: JaxState): [{ w: np.Array }, JaxState] => update(p, s))
      // @ts-expect-error -- a tree of other arrays
      init({ w: new Float32Array(2) })`
    writeFileSync(join(home, 'jaxArrays.ts'), program)
    expect(await checkWith({ skipLibCheck: true }, 'jaxArrays.ts', 'DOM')).toStrictEqual({ code: 0, output: '' })
  })

  test('compiles `using`, where the types of the runtime have it', async () => {
    const program = `import { adam, transient } from 'gradchain'
      export const trained = (): Float32Array => {
        using run = transient(adam(0.1), { w: new Float32Array(2) })
        run.step()
        return run.snapshot().params.w
      }`
    writeFileSync(join(home, 'using.ts'), program)
    expect(await check('using.ts', 'ESNext.Disposable')).toStrictEqual({ code: 0, output: '' })
    expect((await check('using.ts')).output).toContain('error TS')
  })

  test('compiles params that are a `Float16Array`, where the types of the runtime have it', async () => {
    const program = `import { adam, applyUpdates, step, transient } from 'gradchain'
      const [tx, params] = [adam(0.1), { w: new Float16Array(2), b: 1 }]
      const [updates, state] = tx.update(params, tx.init(params), params)
      export const next: { w: Float16Array; b: number } = applyUpdates(params, updates)
      export const [stepped] = step(tx, params, state, next)
      stepped.w satisfies Float16Array
      transient(tx, params).grads.w.set([1, 2])`
    writeFileSync(join(home, 'float16.ts'), program)
    expect(await check('float16.ts', 'ESNext.Float16')).toStrictEqual({ code: 0, output: '' })
  })

  const leaf = 'a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
  const mistakes: readonly (readonly [code: string, sentence: string])[] = [
    ['adam(1).init(new Map([["w", 1]]))', `params is a Map; ${leaf}`],
    ['adam(1).init({ w: new Layer() })', `params.w is an instance of a class; ${leaf}`],
    ['adam(1).init({ layers: [{ w: new Set([1]) }] })', `params.layers[…].w is a Set; ${leaf}`],
    ['adam(1).init({ w: new Int32Array(1) })', `params.w is an Int32Array; ${leaf}`],
    ['adam(1).init({ forward: () => 1 })', `params.forward is a function; ${leaf}`],
    ['adam(1).init({ activation: "relu" })', `params.activation is a string; ${leaf}`],
    ['adam(1).init(JSON.parse("{}") as unknown)', `params is unknown; ${leaf}`],
    ['transient(adam(1), { w: [1, undefined] as [number, undefined] })', `params.w[1] is undefined; ${leaf}`],
    ['plateau.update(p, plateau.init(p), p)', 'the extra argument is missing, with: value'],
    ['step(plateau, p, plateau.init(p), p)', 'the extra argument is missing, with: value'],
    ['transient(plateau, p).step(p)', 'the extra argument is missing, with: value'],
    ['transient(plateau, p).step()', 'the extra argument is missing, with: value']
  ]
  test('says in a sentence what is wrong with others, and where', async () => {
    const lines = mistakes.map(([code]) => code)
    const head = [
      "import { adam, chain, reduceOnPlateau, sgd, step, transient } from 'gradchain'",
      'class Layer { #w = 1; get w() { return this.#w } }',
      'const plateau = chain(sgd(1), reduceOnPlateau())',
      'const p = { w: new Float32Array(1) }'
    ]
    writeFileSync(join(home, 'mistakes.ts'), [...head, ...lines].join('\n'))
    const { output } = await check('mistakes.ts')
    const told = output.split(/^mistakes\.ts\(/m).slice(1)
    expect(told).toHaveLength(mistakes.length)
    for (const [i, [, sentence]] of mistakes.entries()) {
      expect(told[i]).toContain(`${head.length + i + 1},`)
      expect(told[i]).toContain(`"${sentence}"`)
    }
  })
})

test('threads load their worker from beside the build, and give the same bits', async () => {
  const program = `
    import { adamw, transient } from 'gradchain'
    const trained = async (threads) => {
      const run = transient(adamw(0.1), { w: Float32Array.from({ length: 200_003 }, (_, i) => Math.sin(i)) }, { threads })
      run.grads.w.set(run.params.w)
      // Threads start by themselves, while this one waits.
      for (let i = 0; i < 60; i++) { run.step(); await new Promise((resolve) => setTimeout(resolve, 5)) }
      const { params } = run.snapshot()
      run.dispose()
      return { threads: run.threads, w: params.w }
    }
    const [one, two] = [await trained(1), await trained(2)]
    console.log(one.threads, two.threads, two.w.every((x, i) => Object.is(x, one.w[i])), two.w[1] < Math.sin(1))
  `
  expect(await node(program)).toStrictEqual({ code: 0, output: '1 2 true true' })
})
