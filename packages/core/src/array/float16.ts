// `Float16Array`, where the runtime has it: Node from 24 on, new browsers. It is a bare vector of dtype float16, whose bits are
// looked at through a Uint16Array.

/** A `Float16Array`, where the types of the runtime know it. */
export type Float16Vector = typeof globalThis extends { readonly Float16Array: { readonly prototype: infer Vector } }
  ? Vector
  : never

/** The bits of a `Float16Array`, over the same memory; `undefined` for anything else. */
export const bitsOf = (value: unknown): Uint16Array | undefined => {
  if (!ArrayBuffer.isView(value)) return undefined
  const name = (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
  return name === 'Float16Array' ? new Uint16Array(value.buffer, value.byteOffset, value.byteLength / 2) : undefined
}

type Constructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Float32Array

/** Bits as a `Float16Array` over the same memory: they came from one, so that the runtime has it. */
export const float16Of = ({ buffer, byteOffset, length }: Uint16Array): Float32Array => {
  const { Float16Array } = globalThis as unknown as { readonly Float16Array: Constructor }
  return new Float16Array(buffer, byteOffset, length)
}
