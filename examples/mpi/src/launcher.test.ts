import { expect, test } from 'vitest'
import { launcherOf } from './launcher.js'

const here = (versions: Readonly<Record<string, string>>) => (command: string) => versions[command]

test('the first launcher that is there is taken, and told what it wants to hear', () => {
  const open = 'mpirun (Open MPI) 4.1.4\n'
  const hydra = 'HYDRA build details:\n    Version: 4.0.2\n'
  expect(launcherOf(undefined, true, here({ mpiexec: hydra, 'mpirun.openmpi': open }))).toStrictEqual({
    command: 'mpiexec',
    args: []
  })
  expect(launcherOf(undefined, true, here({ mpirun: open }))).toStrictEqual({
    command: 'mpirun',
    args: ['--oversubscribe', '--allow-run-as-root']
  })
  expect(launcherOf('mpirun.openmpi', false, here({ 'mpirun.openmpi': open })).args).toStrictEqual(['--oversubscribe'])
})

test('where there is none, what to install is said', () => {
  expect(() => launcherOf(undefined, true, here({}))).toThrow(
    'there is no mpirun, no mpiexec, no mpirun.mpich, no mpirun.openmpi on this machine: install MPICH or Open MPI'
  )
  expect(() => launcherOf('srun', true, here({ mpirun: '' }))).toThrow('there is no srun on this machine')
})
