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
  /** Stretches without a gap, each from one element to another. */
  readonly runs: Int32Array

  constructor(extent: number, starts: Int32Array, lengths: Int32Array) {
    super()
    // To be told from others also where shapes are compared item by item.
    this.push(-1 - made++)
    this.extent = extent
    this.starts = starts
    this.lengths = lengths
    this.runs = runsOf(starts, lengths)
  }

  /** Whether everything belongs to it from the first element to the last. */
  get isWhole(): boolean {
    return this.runs.length === 2 && this.runs[0] === 0 && this.runs[1] === this.extent
  }
}

/** How many elements an array of some length takes among others. */
export const paddedLength = (length: number): number => (length + 3) & ~3

/** Calls back for each stretch without a gap. */
export const eachRun = ({ runs }: Domain, visit: (start: number, end: number) => void): void => {
  for (let i = 0; i < runs.length; i += 2) visit(runs[i] as number, runs[i + 1] as number)
}

const runsOf = (starts: Int32Array, lengths: Int32Array): Int32Array => {
  const order = Array.from(starts.keys()).sort((i, j) => (starts[i] as number) - (starts[j] as number))
  const runs: number[] = []
  for (const i of order) {
    const start = starts[i] as number
    const end = start + paddedLength(lengths[i] as number)
    if (end === start) continue
    if (runs.length > 0 && runs[runs.length - 1] === start) runs[runs.length - 1] = end
    else runs.push(start, end)
  }
  return Int32Array.from(runs)
}
