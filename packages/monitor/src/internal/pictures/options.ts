import { check, InvalidOption, oneOf, optional, positiveInteger, type Requirement, show } from '@gradchain/core'
import { aText, MOST_SERIES } from './words.js'

/** The scales that may be asked for. */
export const aScale: Requirement = /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('linear', 'log'))

/** Refuses what cannot be the title or the size of a picture. */
export const checkPicture = (
  owner: string,
  { title, width, height }: { readonly title: unknown; readonly width: unknown; readonly height: unknown }
): void => {
  check(owner, { title }, aText)
  check(owner, { width, height }, positiveInteger)
}

/** Refuses what no plot function has made. */
export const checkIsPicture = (owner: string, picture: unknown, name = 'picture'): void => {
  if (typeof picture === 'object' && picture !== null && ('layer' in picture || 'facet' in picture)) return
  throw new InvalidOption(`${owner}: ${name} must be one that a plot function made, got ${show(picture)}`)
}

/** A whole number between two others, these among them. */
export const wholeUpTo = (from: number, to: number): Requirement => ({
  what: `a whole number from ${from} to ${to}`,
  holds: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to
})

/** Things by their names, no more than can be told apart. */
export const namedOf = <T>(
  owner: string,
  what: string,
  given: Readonly<Record<string, T>>,
  requirement: Requirement,
  most = MOST_SERIES
): readonly (readonly [name: string, T])[] => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InvalidOption(`${owner}: ${what} must be an object, got ${show(given)}`)
  }
  const entries = Object.entries(given)
  if (entries.length > most) throw new InvalidOption(`${owner}: ${what} must be at most ${most}, got ${entries.length}`)
  for (const [name, value] of entries) check(owner, { [`${what}.${name}`]: value }, requirement)
  return entries
}
