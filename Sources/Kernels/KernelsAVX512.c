#include "Tables.h"

#if defined(__x86_64__)
#define LANES 16
#define PANEL_ROWS 12
#define PANEL_VECTORS 2
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")))
#define TABLE sam_kernels_avx512
#define NAME "avx512"
#define HAS_HALF 1
#include "VectorKernels.inc"
#define TRAINING_TABLE sam_training_kernels_avx512
#include "TrainingKernels.inc"
#endif
