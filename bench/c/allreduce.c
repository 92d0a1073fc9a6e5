/* What MPI itself takes for an all-reduce, without us: prints the milliseconds of each round on rank 0, a line each.
   Built and run by src/probes/allReduce.ts. Usage: allreduce ELEMENTS ROUNDS */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank, n = atoi(argv[1]), rounds = atoi(argv[2]);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  float *given = malloc(sizeof(float) * n), *sums = malloc(sizeof(float) * n);
  for (int i = 0; i < n; i++) given[i] = i % 7, sums[i] = 0;
  for (int round = 0; round < rounds; round++) {
    MPI_Barrier(MPI_COMM_WORLD);
    double since = MPI_Wtime();
    MPI_Allreduce(given, sums, n, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0) printf("%f\n", 1e3 * (MPI_Wtime() - since));
  }
  MPI_Finalize();
  return argc == 3 ? 0 : 1;
}
