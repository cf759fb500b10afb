#include "Tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 8
#define PANEL_ROWS 6
#define PANEL_VECTORS 2
#define STEP 2
#define TARGET __attribute__((target("avx2,fma")))
#define TABLE sam_integer_kernels_avx2
#define NAME "avx2"

// Two products of 16 bits to a lane. The instruction for bytes, vpmaddubsw, would saturate: 2 * 255 * 127 needs 17 bits;
// and since its sums have to be widened by another multiplication, it is no faster.
typedef int16_t row_number;
typedef int int_unaligned __attribute__((aligned(1), may_alias));
#define add_products(sum, a, b)                                                                \
  ((sum) + (vi)_mm256_madd_epi16(_mm256_set1_epi32(*(const int_unaligned *)(a)),  \
                                 _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(b)))))

#include "IntegerKernels.inc"
#endif
