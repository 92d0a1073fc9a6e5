import { beforeEach, expect, test } from 'vitest'
import { CommunicationError } from '../communicators/communicationError.js'
import { lineOf, type Steps, type Wait } from './line.js'

let isHere = false
beforeEach(() => {
  isHere = false
})

const other: Wait = {
  ready: () => isHere,
  rest: () => {},
  later: async () => {},
  missing: () => 'another rank'
}

function* failing(error: Error): Steps<number> {
  yield other
  throw error
}

function* fine(): Steps<number> {
  yield other
  return 1
}

test('an operation that fails half-way ends all others: what this rank called next would be taken for the rest of it', () => {
  const told: Error[] = []
  const line = lineOf(1000, (error) => told.push(error))
  const error = new RangeError('Array buffer allocation failed')
  const [first, second] = [line.begin('allReduce', failing(error)), line.begin('barrier', fine())]
  isHere = true
  expect(() => first.wait()).toThrow(error)
  const sentence = 'allReduce: RangeError: Array buffer allocation failed'
  expect(() => second.wait()).toThrow(new CommunicationError('lost', sentence))
  expect(() => line.begin('broadcast', fine())).toThrow(`broadcast: the ranks are apart since ${sentence}`)
  expect(told).toStrictEqual([new CommunicationError('lost', sentence)])
  expect(line.isIdle()).toBe(true)
})

test('where ranks disagree, each of them knows, and what comes next is carried', () => {
  const line = lineOf(1000, () => expect.unreachable())
  const error = new CommunicationError('disagreement', 'allReduce: the trees differ')
  const [first, second] = [line.begin('allReduce', failing(error)), line.begin('barrier', fine())]
  isHere = true
  expect(() => first.wait()).toThrow(error)
  expect(second.wait()).toBe(1)
})
