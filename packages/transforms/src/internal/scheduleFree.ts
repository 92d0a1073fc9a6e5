import { div, mul, type Operand, sub, type Value } from '@gradchain/core'

/** The average x of a schedule-free run, whose params are y = β x + (1 − β) z. */
export const averageAt = (y: Operand, z: Operand, b1: number): Value => div(sub(y, mul(1 - b1, z)), b1)
