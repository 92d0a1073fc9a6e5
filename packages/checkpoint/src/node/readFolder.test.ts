import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readFolder } from './readFolder.js'

test('gives the files of a folder by their paths, and follows no links', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gradchain-'))
  try {
    await mkdir(join(folder, 'd', 'e'), { recursive: true })
    await writeFile(join(folder, 'd', 'e', 'f'), Uint8Array.of(1))
    await writeFile(join(folder, 'a'), Uint8Array.of())
    await symlink('/etc', join(folder, 'link'))
    expect(await readFolder(folder)).toStrictEqual({
      _tag: 'Right',
      right: new Map([
        ['a', new Uint8Array()],
        ['d/e/f', Uint8Array.of(1)]
      ])
    })
    expect(await readFolder(join(folder, 'a'))).toMatchObject({ _tag: 'Left', left: { kind: 'unreadable' } })
  } finally {
    await rm(folder, { recursive: true })
  }
})
