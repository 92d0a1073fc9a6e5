/** One handwritten digit: 64 pixels from 0 to 1, and which it is. */
export interface Digit {
  readonly pixels: readonly number[]
  readonly label: number
}
