#include "Tables.h"

#if defined(__x86_64__)
#define LANES 8
#define PANEL_ROWS 6
#define PANEL_VECTORS 2
#define TARGET __attribute__((target("avx2,fma,f16c")))
#define TABLE sam_kernels_avx2
#define NAME "avx2"
#define HAS_HALF 1
#include "VectorKernels.inc"
#define TRAINING_TABLE sam_training_kernels_avx2
#include "TrainingKernels.inc"
#endif
