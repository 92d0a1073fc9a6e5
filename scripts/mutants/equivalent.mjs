// Faults that change nothing that anybody could see, each with the reason. `line` is a part of the line they stand in.

/** @type {readonly { readonly file: string, readonly line: string, readonly after: string, readonly reason: string }[]} */
export const equivalent = [
  {
    file: 'packages/core/src/engine/order.ts',
    line: 'let passes = 0',
    after: '1',
    reason: "Passes only have to differ: where they begin is nobody's business."
  }
]
