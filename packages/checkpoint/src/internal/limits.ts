/** How deep a tree in a file may be nested; what is written has the same bound. */
export const MAX_DEPTH = 1000

/** How long a header of safetensors may be in bytes: the bound that other readers have, too. */
export const MAX_HEADER = 100_000_000

/** How many axes a tensor may have. */
export const MAX_RANK = 32

/** How many digits a bigint may have: to read them takes the square of their number. */
export const MAX_DIGITS = 10_000
