#pragma once

#include "Kernels.h"
#include "TrainingKernels.h"

/// How many of `count` sets of kernels, the plain ones first, are left by SAM_KERNELS in the environment.
int sam_kernels_allowed(int count);

extern const SamKernels sam_kernels_plain;
extern const SamTrainingKernels sam_training_kernels_plain;
extern const SamIntegerKernels sam_integer_kernels_plain;
#if defined(__x86_64__)
extern const SamKernels sam_kernels_avx2;
extern const SamKernels sam_kernels_avx512;
extern const SamTrainingKernels sam_training_kernels_avx2;
extern const SamTrainingKernels sam_training_kernels_avx512;
extern const SamIntegerKernels sam_integer_kernels_avx2;
extern const SamIntegerKernels sam_integer_kernels_vnni;
#endif
