#include "Tables.h"

// Four lanes: SSE2, NEON and simd128 are what compilers assume of their platforms; elsewhere they become scalars.
#define LANES 4
#if defined(__aarch64__)
#define PANEL_ROWS 8  // thirty-two registers
#else
#define PANEL_ROWS 4
#endif
#define PANEL_VECTORS 2
#define TARGET
#define TABLE sam_kernels_plain
#if defined(__ARM_NEON)
#define NAME "neon"
#define HAS_HALF 1
#elif defined(__wasm_simd128__)
#define NAME "simd128"
#define HAS_HALF 0
#else
#define NAME "plain"
#define HAS_HALF 0
#endif
#include "VectorKernels.inc"
#define TRAINING_TABLE sam_training_kernels_plain
#include "TrainingKernels.inc"
