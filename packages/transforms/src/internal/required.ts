/** Stands as the default of an option that has none: left out, the option is `undefined` and its check refuses it. */
export const required = undefined as never
