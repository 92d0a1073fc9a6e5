/** Elements are computed four at a time: one vector of float32, or two of float64. */
export const STEP = 4

// The first local variables of a kernel, its parameters among them.
export const TABLE = 0
/** The element that is being computed, `from` at first. */
export const AT = 1
export const TO = 2
/** Where the current block of a sum ends. */
export const END_AT = 3
/** Which block of a sum this is, × 8: the offset of its result. */
export const BLOCK = 4
/** Where the current elements of each array are, then where the results of each reduction begin. */
export const FIRST_POINTER = 5

/** Local vectors that say for two elements each whether they exist. */
export type Mask = readonly [number, number]
