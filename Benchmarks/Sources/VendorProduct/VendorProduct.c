#include "VendorProduct.h"

#ifdef __APPLE__
#include <Accelerate/Accelerate.h>

void bench_vendor_product(long rows, long columns, long depth, const float *a, const float *b, float *c, int threads) {
  (void)threads;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)depth, 1, a, (int)depth, b,
              (int)columns, 0, c, (int)columns);
}

const char *bench_vendor_name(void) { return "Accelerate"; }

#else
#define _GNU_SOURCE
#include <sched.h>
// cblas.h of OpenBLAS uses cpu_set_t, declared above.
#include <cblas.h>

void bench_vendor_product(long rows, long columns, long depth, const float *a, const float *b, float *c, int threads) {
  openblas_set_num_threads(threads);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)rows, (blasint)columns, (blasint)depth, 1, a,
              (blasint)depth, b, (blasint)columns, 0, c, (blasint)columns);
}

const char *bench_vendor_name(void) { return openblas_get_config(); }
#endif
