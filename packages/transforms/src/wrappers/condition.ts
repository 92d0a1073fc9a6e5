/**
 * Decides, at a step 0, 1, 2, …, whether a transformation acts. `extra` is what the update is given beyond the params; what a
 * condition asks of it, every update needs.
 */
export type Condition<Extra = unknown> = (step: number, extra: Extra) => boolean
