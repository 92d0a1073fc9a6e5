import type { TestContext } from 'vitest'

/** Leaves a test out and says so where people look: on the output of the stage. */
export const leftOut = ({ task, skip }: TestContext, why: string): never => {
  console.log(`left out: ${task.name}: ${why}`)
  return skip(why)
}
