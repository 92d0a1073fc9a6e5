// What memory is for, in the bits of WebGPU: their names are not everywhere, the bits are the same.

/** What can be mapped, to be read. */
export const MAP_READ = 0x0001
/** What can be copied from. */
export const COPY_SRC = 0x0004
/** What can be copied and written to. */
export const COPY_DST = 0x0008
/** What shaders read and write. */
export const STORAGE = 0x0080
