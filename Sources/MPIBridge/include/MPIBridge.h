#ifndef MPI_BRIDGE_H
#define MPI_BRIDGE_H

#include <stddef.h>

// The few calls of MPI that a training needs. All from one thread. They return MPI's code, 0 for success.

/// Joins the processes that mpirun started; tells this one's number and how many there are.
int sam_mpi_start(int *rank, int *count);
/// Sends bytes to a process and returns when their memory may be used again.
int sam_mpi_send(const void *bytes, size_t size, int rank);
/// Receives as many bytes as a process sends.
int sam_mpi_receive(void *bytes, size_t size, int rank);
/// Says good-bye; nothing can be sent afterwards.
int sam_mpi_finish(void);
/// Writes what a code means, with a zero at the end.
void sam_mpi_describe(int code, char *text, size_t capacity);

#endif
