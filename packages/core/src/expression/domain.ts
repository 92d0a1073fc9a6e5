let made = 0

/**
 * The shape of many arrays of one dtype that lie side by side and go through the same operations. Each begins at a multiple
 * of four elements. It is a shape that says nothing but whether it is the same.
 */
export class Domain extends Array<number> {
  /** How many elements there are from the first array to the end of the last one, whoever has them. */
  readonly extent: number
  /** Where each array begins. */
  readonly starts: Int32Array
  /** How long each array is. */
  readonly lengths: Int32Array

  constructor(extent: number, starts: Int32Array, lengths: Int32Array) {
    super()
    // To be told from others also where shapes are compared item by item.
    this.push(-1 - made++)
    this.extent = extent
    this.starts = starts
    this.lengths = lengths
  }
}

/** How many elements an array of some length takes among others. */
export const paddedLength = (length: number): number => (length + 3) & ~3
