import type { Expr } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import { groupPasses, type Pass, planStages, splitPass } from '../plan.js'
import type { Program } from '../program.js'
import { isConstant } from './constant.js'
import type { Kernel } from './kernel.js'

/** A pass as a program, and what runs it; `null` where there is no kernel. */
export interface PassStep {
  readonly program: Program
  readonly kernel: Kernel | null
}

/** Whether a node is still to be computed. */
export const isPending = (node: Expr): boolean => node.op !== Op.Leaf

/** Goes through what is pending under the roots, in order: nodes that the host computes, and passes. Either makes leaves of what it computes. */
export const inSteps = (roots: readonly Expr[], byHost: (node: Expr) => void, byPass: (pass: Pass) => void): void => {
  for (const { host, outputs, reductions } of planStages(roots)) {
    host.forEach(byHost)
    outputs.filter(isConstant).forEach(byHost)
    // What a user's function evaluated while it ran is known by now.
    groupPasses(outputs.filter(isPending), reductions.filter(isPending)).flatMap(splitPass).forEach(byPass)
  }
}
