import { Kind } from '../../array/dtype.js'
import { type Expr, forget, settle } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import type { Engine } from '../engine.js'
import { groupPasses, type Pass, planStages, type Stage, splitPass } from '../plan.js'
import { Code, NONE, programOf } from '../program.js'
import { reference } from '../reference.js'
import { arithmeticOf, isArithmetic } from '../scalar.js'
import { KernelCache } from './cache.js'
import { filled, isConstant } from './constant.js'
import { assemble } from './kernel.js'
import { WasmRoutine } from './routine.js'
import { Staging } from './staging.js'
import { runWhole } from './whole.js'

// What an opaque function evaluated while it ran is known by now.
const isPending = (node: Expr): boolean => node.op !== Op.Leaf

/**
 * A fused engine with a memory and kernels of its own, for one that nothing else in the process shares.
 *
 * @example
 * withEngine(createWasmEngine(), () => read(sum(new Float32Array([1, 2, 3])))) // => 6
 */
export const createWasmEngine = (): Engine => {
  const staging = new Staging()
  const kernels = new KernelCache(staging.memory)

  const runHost = (node: Expr): void => {
    if (!isPending(node)) return
    settle(node, isArithmetic(node) ? arithmeticOf(node) : runWhole(staging, kernels, node))
  }

  const runPass = (pass: Pass): void => {
    const program = pass.size === 0 ? null : programOf(pass)
    const kernel = program === null ? null : kernels.find(program.code, pass.size)
    if (program === null || kernel === null) reference.evaluate([...pass.outputs, ...pass.reductions])
    else {
      staging.run(program, kernel)
      pass.outputs.forEach(forget)
      pass.reductions.forEach(forget)
    }
  }

  const runStage = ({ host, outputs, reductions }: Stage): void => {
    for (let i = 0; i < host.length; i++) runHost(host[i] as Expr)
    const fused: Expr[] = []
    for (let i = 0; i < outputs.length; i++) {
      const node = outputs[i] as Expr
      if (isConstant(node)) settle(node, filled(node))
      else if (isPending(node)) fused.push(node)
    }
    const passes = groupPasses(fused, reductions.filter(isPending))
    for (let i = 0; i < passes.length; i++) splitPass(passes[i] as Pass).forEach(runPass)
  }

  const evaluate = (roots: readonly Expr[]): void => planStages(roots).forEach(runStage)
  return { name: 'wasm', evaluate, routine: () => new WasmRoutine(staging, kernels, evaluate) }
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
