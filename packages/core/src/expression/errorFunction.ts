import { erf } from './erf.js'

/** The error function, for files that users see the types of: declarations are not made out of plain JavaScript. */
export const errorFunction: (x: number) => number = erf
