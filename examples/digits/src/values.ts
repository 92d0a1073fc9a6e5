/** What an option's value may be: each reads the text given, or refuses it in one sentence. */
import { CommanderError } from 'commander'

/** The code of the errors thrown here. */
export const REFUSED = 'digits.refused'

const refuse = (option: string, what: string, given: string): never => {
  throw new CommanderError(2, REFUSED, `${option} must be ${what}, got ${given.trim() === '' ? 'nothing' : given}`)
}

/** A whole number between two others, both included. */
export const whole = (option: string, least: number, most: number) => (given: string) =>
  /^\d+$/.test(given) && Number(given) >= least && Number(given) <= most
    ? Number(given)
    : refuse(option, `a whole number from ${least} to ${most}`, given)

/** A finite number above 0, as JavaScript writes numbers: `0.01`, `1e-2`. */
export const positive = (option: string) => (given: string) =>
  /^[\d.]+(e[+-]?\d+)?$/i.test(given) && Number(given) > 0 && Number.isFinite(Number(given))
    ? Number(given)
    : refuse(option, 'a finite number above 0', given)

/** One of the given words. */
export const oneOf =
  <Word extends string>(option: string, words: readonly Word[]) =>
  (given: string): Word =>
    words.find((word) => word === given) ?? refuse(option, `one of ${words.join(', ')}`, given)

/** A name that is not empty, of a file. */
export const named = (option: string) => (given: string) =>
  given.trim() === '' ? refuse(option, 'the name of a file', given) : given
