import { oneOf, optional, type Requirement } from '@gradchain/core'

/** The dtype of an accumulator, or `undefined` for that of the params. */
export const dtypeOption: Requirement = /* @__PURE__ */ optional(
  /* @__PURE__ */ oneOf('float32', 'float64', 'bfloat16', 'float16')
)
