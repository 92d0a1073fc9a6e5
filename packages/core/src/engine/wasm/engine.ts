import { type Data, Kind } from '../../array/dtype.js'
import { Expr, fill, forget } from '../../expression/expr.js'
import { isStandalone } from '../../expression/op.js'
import { apart } from '../apart.js'
import type { Engine } from '../engine.js'
import { homes, withHomes } from '../homes.js'
import type { Pass } from '../plan.js'
import { Code, NONE, programOf } from '../program.js'
import { resultsOf } from '../reference.js'
import { arithmeticOf, isArithmetic } from '../scalar.js'
import { KernelCache } from './cache.js'
import { filled } from './constant.js'
import { assemble } from './kernel.js'
import { WasmRoutine } from './routine.js'
import { Staging } from './staging.js'
import { inSteps, isPending, type PassStep } from './steps.js'
import { runWhole } from './whole.js'

/**
 * A fused engine with a memory and kernels of its own, for one that nothing else in the process shares.
 *
 * @example
 * withEngine(createWasmEngine(), () => read(sum(new Float32Array([1, 2, 3])))) // => 6
 */
export const createWasmEngine = (): Engine => {
  const staging = new Staging()
  const kernels = new KernelCache(staging.memory)

  const stepOf = (pass: Pass): PassStep => {
    const program = programOf(pass)
    return { program, kernel: pass.size === 0 ? null : kernels.find(program.code, pass.size) }
  }

  const run = (step: Expr | PassStep): void => {
    if (step instanceof Expr) {
      const whole = (): Data => runWhole(staging, kernels, step)
      if (isArithmetic(step)) fill(step, arithmeticOf(step))
      else fill(step, isStandalone(step.op) ? withHomes(null, () => apart(evaluate, whole)) : filled(step))
    } else if (step.kernel !== null) staging.run(step.program, step.kernel)
    else {
      const computed = [...step.program.outputs, ...step.program.reductions]
      const results = resultsOf(computed)
      for (const node of computed) fill(node, results.get(node) as Data | number)
    }
  }

  const evaluate = (roots: readonly Expr[]): void => {
    // Where results may go to arrays of what they are computed from, all is planned first.
    if (homes() !== null) {
      new WasmRoutine(stepOf, run).evaluate(roots)
      return
    }
    const byHost = (node: Expr): void => {
      if (!isPending(node)) return
      run(node)
      forget(node)
    }
    inSteps(roots, byHost, (pass) => {
      run(stepOf(pass))
      pass.outputs.forEach(forget)
      pass.reductions.forEach(forget)
    })
  }
  return { name: 'wasm', evaluate, routine: () => new WasmRoutine(stepOf, run) }
}

/** A program that stores what it loads, which takes SIMD. */
const COPY = [Code.Input, Kind.F32, NONE, NONE, NONE, Code.Output, Kind.F32, 0, NONE, NONE]

/**
 * Whether the fused engine can run here: WebAssembly with SIMD, and compiling it is allowed.
 *
 * @example
 * isWasmSupported() // => true
 */
export const isWasmSupported = (): boolean => {
  try {
    new WebAssembly.Module(assemble(COPY, false).bytes)
    return true
  } catch {
    return false
  }
}
