#define _GNU_SOURCE
#include "Kernels.h"

#if defined(__linux__)
#include <sched.h>
#endif
#if !defined(__wasm__)
#include <unistd.h>
#endif

int sam_processor_count(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
#if defined(__wasm__)
  return 1;
#else
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : (int)count;
#endif
}
