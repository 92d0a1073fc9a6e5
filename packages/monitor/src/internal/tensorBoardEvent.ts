import { double, type Field, integer, message, text } from './protobuf.js'
import { tensorBoardRecord } from './tensorBoardRecord.js'

/** An event as a record of a file. */
export const tensorBoardEvent = (wallTime: number, step: number | bigint, content: Field): Uint8Array => {
  const bytes = [double(1, wallTime), integer(2, step), content]
  return tensorBoardRecord(Uint8Array.from(bytes.flatMap((part) => [...part])))
}

/** What a plugin shows of a tag. */
export const summaryMetadata = (plugin: string, content?: Uint8Array, dataClass = 0): Field =>
  message(
    9,
    message(1, text(1, plugin), ...(content === undefined ? [] : [message(2, content)])),
    integer(4, dataClass)
  )

/** One value of a summary. */
export const summaryValue = (tag: string, ...fields: readonly Field[]): Field =>
  message(5, message(1, text(1, tag), ...fields))
