#include "MPIBridge.h"

// Without the package trait MPI this file is empty, and nothing refers to it.
#ifdef SAM_MPI

#include <mpi.h>
#include <stdio.h>
#include <time.h>

// Counts are ints.
static const size_t largest = (size_t)1 << 30;

int sam_mpi_start(int *rank, int *count) {
  int provided;
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (code != MPI_SUCCESS) return code;
  // Errors come back as codes instead of ending the process without a word from us.
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  code = MPI_Comm_rank(MPI_COMM_WORLD, rank);
  if (code != MPI_SUCCESS) return code;
  return MPI_Comm_size(MPI_COMM_WORLD, count);
}

// MPI's own waiting takes a whole core, which another process of the training may need: after a while this one sleeps between looks.
static int wait_for(MPI_Request *request) {
  long pause = 0;
  for (int look = 0;; look++) {
    int done = 0;
    int code = MPI_Test(request, &done, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS || done) return code;
    if (look < 200) continue;
    if (pause < 1000000) pause += 5000;
    struct timespec time = {0, pause};
    nanosleep(&time, NULL);
  }
}

int sam_mpi_send(const void *bytes, size_t size, int rank) {
  const char *at = bytes;
  do {
    size_t part = size < largest ? size : largest;
    MPI_Request request;
    int code = MPI_Isend(at, (int)part, MPI_BYTE, rank, 0, MPI_COMM_WORLD, &request);
    if (code == MPI_SUCCESS) code = wait_for(&request);
    if (code != MPI_SUCCESS) return code;
    at += part;
    size -= part;
  } while (size > 0);
  return MPI_SUCCESS;
}

int sam_mpi_receive(void *bytes, size_t size, int rank) {
  char *at = bytes;
  do {
    size_t part = size < largest ? size : largest;
    MPI_Request request;
    int code = MPI_Irecv(at, (int)part, MPI_BYTE, rank, 0, MPI_COMM_WORLD, &request);
    if (code == MPI_SUCCESS) code = wait_for(&request);
    if (code != MPI_SUCCESS) return code;
    at += part;
    size -= part;
  } while (size > 0);
  return MPI_SUCCESS;
}

int sam_mpi_finish(void) { return MPI_Finalize(); }

void sam_mpi_describe(int code, char *text, size_t capacity) {
  char message[MPI_MAX_ERROR_STRING];
  int length = 0;
  if (MPI_Error_string(code, message, &length) != MPI_SUCCESS) length = 0;
  snprintf(text, capacity, "%.*s", length, message);
}

#endif
