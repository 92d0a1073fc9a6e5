// How a root of a sum of squares stays right where float64 squares overflow or vanish: the sum itself says whether they did,
// and then they are summed once more, of the elements times a power of two. In every other case that power is 1, which changes
// no bit. Float32 numbers need none of it: their squares are float64.
import { Kind } from '../../array/dtype.js'
import { less, where } from './comparisons.js'
import { isScalar, kindOfValue, type Value } from './value.js'

/** Below this a sum of squares may have lost some; with 2⁻¹⁰²² the least normal float64 there are 122 binary digits to spare. */
const LEAST = 2 ** -900

/** Above this a sum of squares is about to overflow. */
const MOST = 2 ** 900

/** What makes squares of tiny elements, all below 2⁻⁴⁵⁰, ordinary: the least of them is 2⁻¹⁰⁷⁴. */
const UP = 2 ** 700

/** What makes squares of huge elements, of at most 2¹⁰²⁴, ordinary. */
const DOWN = 2 ** -600

/** Whether the squares of an element must be taken after it was scaled: float32 ones are exact in float64. */
export const isWide = (x: Value): boolean => isScalar(x) || kindOfValue(x) === Kind.F64

/** Whether squares of x, whose sum this is, may overflow or vanish. Of a number that is known at once. */
export const needsScale = (x: Value, squares: Value): boolean =>
  typeof x === 'number' ? x !== 0 && scaleFor(squares) !== 1 : isWide(x)

/** The power of two by which the elements are to be multiplied, given the sum of their squares; 1 unless that went wrong. */
export const scaleFor = (squares: Value): Value => where(less(squares, LEAST), UP, where(less(MOST, squares), DOWN, 1))
