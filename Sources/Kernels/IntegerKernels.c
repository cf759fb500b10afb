#include "Tables.h"

int sam_integer_kernels_available(const SamIntegerKernels **list, int capacity) {
  const SamIntegerKernels *all[3] = {&sam_integer_kernels_plain};
  int count = 1;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    all[count++] = &sam_integer_kernels_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni"))
      all[count++] = &sam_integer_kernels_vnni;
  }
#endif
  for (int i = 0; i < count && i < capacity; i++) list[i] = all[i];
  return count;
}

const SamIntegerKernels *sam_integer_kernels(void) {
  const SamIntegerKernels *list[3];
  return list[sam_kernels_allowed(sam_integer_kernels_available(list, 3)) - 1];
}

static long panel_bytes(const SamIntegerKernels *kernels, long depth, long count, long bytes) {
  long steps = (depth + kernels->step - 1) / kernels->step;
  return count * (8 + steps * kernels->step * bytes);
}

long sam_row_panel_bytes(const SamIntegerKernels *kernels, long depth) {
  return panel_bytes(kernels, depth, kernels->panel_rows, kernels->row_bytes);
}

long sam_column_panel_bytes(const SamIntegerKernels *kernels, long depth) {
  return panel_bytes(kernels, depth, kernels->panel_columns, 1);
}
