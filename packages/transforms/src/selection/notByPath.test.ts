import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aTemplate, marksOf } from '../internal/testing/trees.js'
import { byPath } from './byPath.js'
import { notByPath } from './notByPath.js'

describe('notByPath', () => {
  test('is everywhere the negation of byPath', () => {
    fc.assert(
      fc.property(aTemplate, fc.constantFrom('**', '*.**', '**.w', '**.dense.**', '[*].**'), (values, pattern) => {
        let mask: unknown
        try {
          mask = byPath(pattern)(values)
        } catch {
          expect(() => notByPath(pattern)(values)).toThrow('notByPath: the pattern')
          return
        }
        const marks = marksOf(mask as ReturnType<ReturnType<typeof byPath>>)
        expect(marksOf(notByPath(pattern)(values))).toEqual(marks.map((mark) => !mark))
        expect(marksOf(notByPath((path) => path.includes('w'))(values))).toEqual(
          marksOf(byPath((path) => path.includes('w'))(values)).map((mark) => !mark)
        )
      })
    )
  })

  test.each<[string | string[], string]>([
    ['**x', 'notByPath: a pattern must be a path such as'],
    [[], 'notByPath: selector must be a pattern, a list of patterns, or a function, got []'],
    ['b', 'notByPath: the pattern "b" matches no leaf of the params; there are .a']
  ])('refuses %j in its own name', (selector, message) => {
    expect(() => notByPath(selector)({ a: 1 })).toThrow(message)
  })
})
