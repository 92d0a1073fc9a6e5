import { type Expr, forget, settle } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import type { Engine } from '../engine.js'
import { groupPasses, type Pass, planStages, type Stage, splitPass } from '../plan.js'
import { programOf } from '../program.js'
import { reference } from '../reference.js'
import { arithmeticOf, isArithmetic } from '../scalar.js'
import { KernelCache } from './cache.js'
import { filled, isConstant } from './constant.js'
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

/** A module that holds one SIMD instruction, to ask whether WebAssembly with SIMD is there and may be compiled. */
const PROBE = /* @__PURE__ */ Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11
])

/**
 * Whether the fused engine can run here: WebAssembly with SIMD, and compiling it is allowed.
 *
 * @example
 * isWasmSupported() // => true
 */
export const isWasmSupported = (): boolean => {
  try {
    new WebAssembly.Module(PROBE)
    return true
  } catch {
    return false
  }
}
