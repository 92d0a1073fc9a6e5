import { Expr, finite, nonNegative, positive, type Requirement } from '@gradchain/core'

const orLazy = ({ what, holds }: Requirement): Requirement => ({
  what: `${what} or a lazy scalar`,
  holds: (value) => (value instanceof Expr ? value.isScalar : holds(value))
})

/** What the radius of a sphere must be, and of a ball whose border is looked for. */
export const radius: Requirement = /* @__PURE__ */ orLazy(positive)

/** What the largest magnitude must be. */
export const magnitude: Requirement = /* @__PURE__ */ orLazy(nonNegative)

/** What a value that is asked for must be. */
export const offset: Requirement = /* @__PURE__ */ orLazy(finite)
