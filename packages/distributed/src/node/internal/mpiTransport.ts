import { writeSync } from 'node:fs'
import { CommunicationError } from '../../communicators/communicationError.js'
import { copyInto, type Elements, partOf, typeOf } from '../../internal/elements.js'
import type { Steps, Wait } from '../../internal/line.js'
import type { Transport } from '../../internal/transport.js'
import type { MpiLibrary } from './mpiLibrary.js'

/** Most elements, or bytes, of one call: its counts are ints. */
const MOST = 2 ** 30

/** For so many milliseconds a wait asks again and again: who is about to come is there sooner than a sleep is over. */
const AWAKE = { meeting: 2, moving: 200 } as const

const nap = /* @__PURE__ */ new Int32Array(/* @__PURE__ */ new SharedArrayBuffer(4))

const isShared = (elements: ArrayBufferView): boolean => elements.buffer instanceof SharedArrayBuffer

/** What carries bytes by a library of MPI, which it begins to use; `most` elements go in one call. */
export const mpiTransport = (library: MpiLibrary, launched: number | undefined, most = MOST): Transport => {
  const { call, world, byte, types, ops } = library
  const refuse = (what: string, code: number): void => {
    if (code === 0) return
    const text = new Uint8Array(1024)
    const length = new Int32Array(1)
    call.errorString(code, text, length)
    const why = new TextDecoder().decode(text.subarray(0, length[0]))
    throw new CommunicationError('refused', `mpi: ${library.name} refuses ${what}: ${why.split('\n')[0]}`)
  }
  const told = (what: string, ask: (answer: Int32Array) => number): number => {
    const answer = new Int32Array(1)
    refuse(what, ask(answer))
    return answer[0] as number
  }

  if (told('MPI_Initialized', (answer) => call.initialized(answer)) !== 0) {
    throw new CommunicationError('refused', `mpi: a process can join once, and this one has`)
  }
  told('MPI_Init_thread', (answer) => call.initThread(null, null, 1, answer))
  refuse('MPI_Comm_set_errhandler', call.setErrhandler(world, library.errorsReturn))
  const rank = told('MPI_Comm_rank', (answer) => call.commRank(world, answer))
  const size = told('MPI_Comm_size', (answer) => call.commSize(world, answer))
  checkTypes(library)
  if (launched !== undefined && launched !== size) {
    throw new CommunicationError(
      'unavailable',
      `mpi: the launcher has started ${launched} ranks, and ${library.name} knows of ${size}: the library must be that of the launcher`
    )
  }
  const state = endings(library)

  /** What a call under way reads and writes: it must not be collected meanwhile. */
  const held = new Set<unknown>()

  /** Begins a call that goes on by itself, and waits for its end. */
  function* through(
    what: string,
    kind: keyof typeof AWAKE,
    uses: readonly (ArrayBufferView | null)[],
    begin: (request: BigInt64Array) => number
  ): Steps<void> {
    const request = new BigInt64Array(1)
    const flag = new Int32Array(1)
    // Their memory stays where it is as long as their buffers are held.
    const keep = [...uses, request, flag].map((array) => array?.buffer)
    held.add(keep)
    refuse(what, begin(request))
    const wait: Wait = {
      ready: () => {
        refuse(what, call.test(request, flag, library.statusIgnore))
        return flag[0] !== 0
      },
      rest: (waited) => {
        if (waited > AWAKE[kind]) Atomics.wait(nap, 0, 0, waited > 1000 ? 1 : 0.1)
      },
      later: (waited) =>
        new Promise((resolve) => {
          if (waited > AWAKE[kind]) setTimeout(resolve, 1)
          else setImmediate(resolve)
        }),
      missing: () => 'another rank'
    }
    if (!wait.ready()) yield wait
    held.delete(keep)
  }

  function* broadcast(bytes: Uint8Array<ArrayBufferLike>, root: number): Steps<void> {
    for (let from = 0; from < bytes.length; from += most) {
      const part = bytes.subarray(from, from + most)
      yield* through('MPI_Ibcast', 'moving', [part], (request) =>
        call.ibcast(part, part.length, byte, root, world, request)
      )
    }
  }

  function* gatherParts(
    mine: Uint8Array<ArrayBufferLike>,
    lengths: readonly number[]
  ): Steps<readonly Uint8Array<ArrayBufferLike>[]> {
    // Each on a boundary of eight bytes, so that arrays of any kind can lie there.
    const places = placesOf(lengths.map((length) => 8 * Math.ceil(length / 8)))
    const end = places[size] as number
    const whole = new Uint8Array(end)
    const parts = lengths.map((length, r) => whole.subarray(places[r], (places[r] as number) + length))
    if (end > most) {
      parts[rank]?.set(mine)
      for (const [root, part] of parts.entries()) yield* broadcast(part, root)
      return parts
    }
    const [counts, displacements] = [Int32Array.from(lengths), Int32Array.from(places)]
    yield* through('MPI_Iallgatherv', 'moving', [mine, whole, counts, displacements], (request) =>
      call.iallgatherv(mine, mine.length, byte, whole, counts, displacements, byte, world, request)
    )
    return parts
  }

  return {
    rank,
    size,
    name: library.name,
    gather: function* (mine) {
      const whole = new Uint8Array(mine.length * size)
      yield* through('MPI_Iallgather', 'meeting', [mine, whole], (request) =>
        call.iallgather(mine, mine.length, byte, whole, mine.length, byte, world, request)
      )
      return whole
    },
    gatherParts,
    reduce: function* (op, given, into) {
      // Memory that threads share is not handed to libraries.
      const mine = isShared(given) ? given.slice() : given
      const out = isShared(into) ? into.slice() : into
      const type = types[typeOf(mine)]
      for (let from = 0; from < mine.length; from += most) {
        const [part, result] = [partOf(mine, from, from + most), partOf(out, from, from + most)]
        yield* through('MPI_Iallreduce', 'moving', [part, result], (request) =>
          call.iallreduce(part, result, part.length, type, ops[op], world, request)
        )
      }
      if (out !== into) copyInto(into, out)
    },
    reduceParts: function* (op, mine, lengths, into) {
      const type = types[typeOf(mine)]
      if (mine.length > most) {
        const places = placesOf(lengths)
        for (const [root, length] of lengths.entries()) {
          for (let from = 0; from < length; from += most) {
            const until = Math.min(from + most, length)
            const at = places[root] as number
            const part = partOf(mine, at + from, at + until)
            const result: Elements | null = root === rank ? partOf(into, from, until) : null
            yield* through('MPI_Ireduce', 'moving', [part, result], (request) =>
              call.ireduce(part, result, part.length, type, ops[op], root, world, request)
            )
          }
        }
        return
      }
      const counts = Int32Array.from(lengths)
      yield* through('MPI_Ireduce_scatter', 'moving', [mine, into, counts], (request) =>
        call.ireduceScatter(mine, into, counts, type, ops[op], world, request)
      )
    },
    broadcast,
    exchange: function* (mine, to, into, from) {
      for (let at = 0; at < mine.length; at += most) {
        const [given, taken] = [mine.subarray(at, at + most), into.subarray(at, at + most)]
        const sent = new BigInt64Array(1)
        const sentFlag = new Int32Array(1)
        yield* through('MPI_Irecv', 'moving', [given, taken, sent, sentFlag], (request) => {
          const code = call.irecv(taken, taken.length, byte, from, 0, world, request)
          return code === 0 ? call.isend(given, given.length, byte, to, 0, world, sent) : code
        })
        yield* through('MPI_Isend', 'moving', [given, sent, sentFlag], (request) => {
          request.set(sent)
          return 0
        })
      }
    },
    end: (error) => {
      if (error !== undefined) state.hasFailed = true
    }
  }
}

/** Where stretches of these lengths begin when they lie one behind the other, and where the last one ends. */
const placesOf = (lengths: readonly number[]): readonly number[] => {
  const places = [0]
  for (const length of lengths) places.push((places.at(-1) as number) + length)
  return places
}

/** Makes sure that the numbers which stand for types are those of this library. */
const checkTypes = ({ name, call, types }: MpiLibrary): void => {
  for (const [type, handle] of Object.entries(types)) {
    const [bytes, length] = [new Int32Array(1), new Int32Array(1)]
    const text = new Uint8Array(1024)
    const isKnown = call.typeSize(handle, bytes) === 0 && call.typeName(handle, text, length) === 0
    const said = new TextDecoder().decode(text.subarray(0, length[0]))
    const wanted = type === 'float32' ? 'MPI_FLOAT' : type === 'float64' ? 'MPI_DOUBLE' : `MPI_${type.toUpperCase()}_T`
    if (!isKnown || said !== wanted || 8 * (bytes[0] as number) !== Number(/\d+$/.exec(type)?.[0])) {
      throw new CommunicationError('unavailable', `mpi: ${name} has ${said || 'nothing'} where ${wanted} is expected`)
    }
  }
}

/**
 * Ends this process's part when it ends: in an orderly way, or, where something failed, so that no other rank waits for it.
 */
const endings = ({ name, call, world }: MpiLibrary): { hasFailed: boolean } => {
  const state = { hasFailed: false }
  let uncaught: unknown
  process.on('uncaughtExceptionMonitor', (error) => {
    uncaught = error
  })
  process.on('exit', (code) => {
    if (!state.hasFailed && code === 0) {
      call.finalize()
      return
    }
    // Node would say it after this, and there is no after.
    if (uncaught !== undefined) writeSync(2, `${uncaught instanceof Error ? uncaught.stack : String(uncaught)}\n`)
    writeSync(2, `gradchain: this rank ends before its time, and so do the others of ${name}\n`)
    // The launcher hands on what was written until it hears of the end, and may drop what it has not read by then.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HEARD)
    call.abort(world, code === 0 ? 1 : code)
  })
  return state
}

/** How many milliseconds a launcher is given to read a rank's last words. */
const HEARD = 200
