#include "Tables.h"

#define LANES 4
#define PANEL_ROWS 4
#define PANEL_VECTORS 2
#define STEP 2
#define TARGET
#define TABLE sam_integer_kernels_plain
#define NAME "plain"

typedef int16_t row_number;
#define add_products(sum, a, b)                                                        \
  ((sum) + (vi){(b)[0], (b)[2], (b)[4], (b)[6]} * (int32_t)(a)[0] + \
   (vi){(b)[1], (b)[3], (b)[5], (b)[7]} * (int32_t)(a)[1])

#include "IntegerKernels.inc"
