/** The keys from the root to a node; the items of arrays have numbers. */
export type Path = readonly (string | number)[]

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

/** A path as it reads in messages: `[0].mu["a b"]`. */
export const written = (path: Path): string =>
  path
    .map((key) =>
      typeof key === 'number' ? `[${key}]` : IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
    )
    .join('')
