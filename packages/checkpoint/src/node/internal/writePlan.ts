import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Checksum, digits } from '../../internal/checksum.js'
import type { Plan } from '../../internal/plan.js'
import { sealed } from '../../internal/seal.js'

/** How many bytes are looked at and written at once: a millisecond of this thread. */
const PIECE = 1 << 20
/** Arrays up to this many bytes are gathered before they are written. */
const SMALL = 1 << 16
/** How many pieces may be on their way. */
const IN_FLIGHT = 4

/** What a file is called while it is written: nobody else writes to that name. */
export const temporaryFor = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${machine()}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`)

const machine = (): string => hostname().replaceAll(/[^\w-]/g, '')

/** Whether a file of a folder is what is left of a save whose process is gone. */
export const isLeftOver = (name: string): boolean => {
  const [, host, pid] = /\.([\w-]*)\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name) ?? []
  if (host !== machine() || pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    // There may be one that is not ours.
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/**
 * Writes a file beside its place, and puts it there when it is on the disk: at any instant there is the old one or the new one, whole.
 * This thread is held for about a millisecond at a time.
 */
export const writePlan = async (path: string, plan: Plan): Promise<void> => {
  const temporary = temporaryFor(path)
  const handle = await open(temporary, 'wx')
  try {
    try {
      await writeAll(handle, plan)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** That a file has a new name is on the disk, too. Windows cannot be told so. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The data first: their checksums are in the header, whose length is known before. */
const writeAll = async (handle: FileHandle, plan: Plan): Promise<void> => {
  const unknown = plan.tensors.map(() => digits(0))
  const writer = new Writer(handle, sealed(plan, unknown).length)
  const sums = new Map<string, string>()
  for (const { name, bytes } of plan.inFile) {
    const checksum = new Checksum()
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE)
      checksum.add(piece)
      await writer.write(piece)
    }
    sums.set(name, digits(checksum.value))
  }
  await writer.end()
  const header = sealed(
    plan,
    plan.tensors.map(({ name }) => sums.get(name) as string)
  )
  await writeWhole(handle, header, 0)
}

const writeWhole = async (handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  let at = 0
  while (at < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

/** Writes piece after piece, several at a time, small ones together. */
class Writer {
  readonly #handle: FileHandle
  #position: number
  #gathered = new Uint8Array(PIECE)
  #length = 0
  readonly #onTheirWay: Promise<void>[] = []

  constructor(handle: FileHandle, position: number) {
    this.#handle = handle
    this.#position = position
  }

  async write(piece: Uint8Array): Promise<void> {
    if (piece.length > SMALL) {
      await this.#flush()
      await this.#send(piece)
      return
    }
    if (this.#length + piece.length > PIECE) await this.#flush()
    this.#gathered.set(piece, this.#length)
    this.#length += piece.length
  }

  /** Waits until all is written. */
  async end(): Promise<void> {
    await this.#flush()
    await Promise.all(this.#onTheirWay.splice(0))
  }

  async #flush(): Promise<void> {
    if (this.#length === 0) return
    const full = this.#gathered.subarray(0, this.#length)
    this.#gathered = new Uint8Array(PIECE)
    this.#length = 0
    await this.#send(full)
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const write = writeWhole(this.#handle, bytes, this.#position)
    // What fails is heard when it is waited for.
    write.catch(() => {})
    this.#position += bytes.length
    this.#onTheirWay.push(write)
    if (this.#onTheirWay.length === IN_FLIGHT) await this.#onTheirWay.shift()
  }
}
