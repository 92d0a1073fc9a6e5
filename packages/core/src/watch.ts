// While the inside of a transformation runs on stand-ins for groups of leaves, whatever asks for more than a stand-in can
// tell gives up: then the same is done leaf by leaf.

/** What is thrown by those who ask. */
const ASKED = /* @__PURE__ */ Symbol('asked')

interface Watch {
  wasAsked: boolean
  /** For each leaf what has to be told apart, when that is all that is missing. */
  classes: readonly unknown[] | null
}

let current: Watch | null = null

/** Whether someone watches what is asked. */
export const isWatched = (): boolean => current !== null

/** Gives up, as one leaf of a group may answer other than the next; with classes, because these leaves must be told apart. */
export const asked = (classes: readonly unknown[] | null = null): never => {
  if (current !== null) {
    // What was asked first is the reason; what comes of it may ask more.
    if (!current.wasAsked) current.classes = classes
    current.wasAsked = true
  }
  throw ASKED
}

/** What came of a watched run: a result, or what was asked. */
export type Watched<T> =
  | { readonly isDone: true; readonly result: T }
  | { readonly isDone: false; readonly classes: readonly unknown[] | null; readonly error: unknown }

/** Runs a function that may ask. Whatever else goes wrong may go wrong because of the stand-ins. */
export const watched = <T>(run: () => T): Watched<T> => {
  const before = current
  const own: Watch = { wasAsked: false, classes: null }
  current = own
  try {
    const result = run()
    // Someone may have caught what was thrown.
    return own.wasAsked ? { isDone: false, classes: own.classes, error: null } : { isDone: true, result }
  } catch (error) {
    return { isDone: false, classes: own.classes, error: error === ASKED ? null : error }
  } finally {
    current = before
  }
}

/** Runs a function whose questions are nobody's business: the work of an engine. */
export const unwatched = <T>(run: () => T): T => {
  if (current === null) return run()
  const before = current
  current = null
  try {
    return run()
  } finally {
    current = before
  }
}
