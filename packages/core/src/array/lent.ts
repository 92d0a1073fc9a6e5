/** Memory that is its lender's again once an evaluation has ended. */
const lent = /* @__PURE__ */ new WeakSet<ArrayBufferLike>()

/** Says that memory is only lent: arrays over it are copied where they would be handed on. */
export const lend = (memory: ArrayBufferLike): void => {
  lent.add(memory)
}

/** Whether memory is only lent. */
export const isLent = (memory: ArrayBufferLike): boolean => lent.has(memory)
