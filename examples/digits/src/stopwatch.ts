/** Runs a part of a program, and may remember under a name how long that took. */
export type Stopwatch = <T>(name: string, part: () => T) => T

/** Remembers nothing. */
export const untimed: Stopwatch = (_, part) => part()

/** Adds up how many milliseconds the parts of each name took. */
export const stopwatch = (
  now: () => number = () => performance.now()
): { readonly watch: Stopwatch; readonly times: Readonly<Record<string, number>> } => {
  const times: Record<string, number> = {}
  const watch: Stopwatch = (name, part) => {
    const start = now()
    try {
      return part()
    } finally {
      times[name] = (times[name] ?? 0) + now() - start
    }
  }
  return { watch, times }
}
