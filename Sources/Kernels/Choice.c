#include "Tables.h"

#if defined(__wasm__)
int sam_kernels_allowed(int count) { return count; }
#else
#include <stdlib.h>
#include <string.h>

int sam_kernels_allowed(int count) {
  static const char *const names[3] = {"plain", "avx2", "avx512"};
  const char *name = getenv("SAM_KERNELS");
  for (int i = 0; name && i < count; i++)
    if (strcmp(name, names[i]) == 0) return i + 1;
  return count;
}
#endif

int sam_kernels_available(const SamKernels **list, int capacity) {
  const SamKernels *all[3] = {&sam_kernels_plain};
  int count = 1;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
    all[count++] = &sam_kernels_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      all[count++] = &sam_kernels_avx512;
  }
#endif
  for (int i = 0; i < count && i < capacity; i++) list[i] = all[i];
  return count;
}

const SamKernels *sam_kernels(void) {
  const SamKernels *list[3];
  return list[sam_kernels_allowed(sam_kernels_available(list, 3)) - 1];
}

int sam_training_kernels_available(const SamTrainingKernels **list, int capacity) {
  const SamTrainingKernels *all[3] = {&sam_training_kernels_plain};
#if defined(__x86_64__)
  all[1] = &sam_training_kernels_avx2;
  all[2] = &sam_training_kernels_avx512;
#endif
  const SamKernels *others[3];
  const int count = sam_kernels_available(others, 3);
  for (int i = 0; i < count && i < capacity; i++) list[i] = all[i];
  return count;
}

const SamTrainingKernels *sam_training_kernels(void) {
  const SamTrainingKernels *list[3];
  return list[sam_kernels_allowed(sam_training_kernels_available(list, 3)) - 1];
}

long sam_attention_scratch(const SamKernels *kernels, long rows, long depth) {
  long padded_rows = (rows + kernels->panel_rows - 1) / kernels->panel_rows * kernels->panel_rows;
  long padded_depth = (depth + kernels->panel_columns - 1) / kernels->panel_columns * kernels->panel_columns;
  // Scores of a block of keys, outputs, maxima and sums.
  return padded_rows * (528 + padded_depth + 2);
}
