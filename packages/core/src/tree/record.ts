/** From so many fields on JavaScript engines keep an object as a table; to find out costs them more than the table. */
const MANY = 24

/**
 * An object for so many fields, plain or without a prototype. It is handed to {@link finished} once it has them: with many
 * fields it begins as one without a prototype, which is a table from the start.
 */
export const recordFor = (count: number, isBare: boolean): Record<string, unknown> =>
  isBare || count > MANY ? Object.create(null) : {}

/** The object once it has its fields. */
export const finished = (record: Record<string, unknown>, count: number, isBare: boolean): Record<string, unknown> =>
  isBare || count <= MANY ? record : Object.setPrototypeOf(record, Object.prototype)
