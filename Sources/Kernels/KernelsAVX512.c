#include "Tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 16
#define PANEL_ROWS 12
#define PANEL_VECTORS 2
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")))
#define TABLE sam_kernels_avx512
#define NAME "avx512"
#define HAS_HALF 1
#define LOAD_PART(p, n, fill) (vf) _mm512_mask_loadu_ps((__m512)(fill), (__mmask16)((1u << (n)) - 1), p)
#define STORE_PART(p, x, n) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), (__m512)(x))
#include "VectorKernels.inc"
#define TRAINING_TABLE sam_training_kernels_avx512
#include "TrainingKernels.inc"
#endif
