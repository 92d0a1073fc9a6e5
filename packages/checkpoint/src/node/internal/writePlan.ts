import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Plan } from '../../internal/plan.js'
import { writeTo } from '../../internal/writeTo.js'

/** What a file is called while it is written: nobody else writes to that name. */
export const temporaryFor = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${machine()}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`)

const machine = (): string => hostname().replaceAll(/[^\w-]/g, '')

/** How far the clock of a file system may be from ours, in milliseconds. */
const CLOCKS = 60_000

/** Whether a file is what is left of a save whose process is gone. */
export const isLeftOver = async (path: string): Promise<boolean> => {
  const [, host, pid] = /\.([\w-]*)\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(path) ?? []
  if (host !== machine() || pid === undefined) return false
  // In a container every process may have the number of the one before it: then the file is older than this one.
  if (Number(pid) === process.pid) return isOlderThan(path, Date.now() - 1000 * process.uptime() - CLOCKS)
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    // There may be one that is not ours.
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

const isOlderThan = async (path: string, time: number): Promise<boolean> => {
  try {
    return (await stat(path)).mtimeMs < time
  } catch {
    return false
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
      await writeTo((bytes, position) => writeWhole(handle, bytes, position), plan)
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

const writeWhole = async (handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  let at = 0
  while (at < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}
