// What a rank of `local` does.
export default (comm, data) => {
  if (data?.throws === comm.rank) throw new Error(`rank ${comm.rank} has had enough`)
  if (data?.ends === comm.rank) process.exit(3)
  // For ever, and without a look at the others.
  if (data?.stays === comm.rank) return new Promise(() => setInterval(() => {}, 1000))
  return { rank: comm.rank, sum: comm.allReduce({ w: Float32Array.of(comm.rank + 1) }).wait(), data }
}
