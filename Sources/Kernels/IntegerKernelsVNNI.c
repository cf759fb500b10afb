#include "Tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 16
#define PANEL_ROWS 12
#define PANEL_VECTORS 2
#define STEP 4
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")))
#define TABLE sam_integer_kernels_vnni
#define NAME "vnni"

// Unsigned by signed bytes, four products to a lane, added without saturation.
typedef uint8_t row_number;
#define add_products(sum, a, b)                                                                         \
  ((vi)_mm512_dpbusd_epi32((__m512i)(sum), _mm512_set1_epi32(*(const int_unaligned *)(a)), \
                           _mm512_loadu_si512(b)))
typedef int int_unaligned __attribute__((aligned(1), may_alias));

#include "IntegerKernels.inc"
#endif
