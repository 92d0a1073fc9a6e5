import { oneOf, optional, type Requirement } from '@gradchain/core'

/** The dtype of an accumulator, or `undefined` for that of the params. */
export const dtypeOption: Requirement = optional(oneOf('float32', 'float64', 'bfloat16', 'float16'))
