#pragma once

#include "Kernels.h"

/// What a mask's loss needs of its logits; see `SamTrainingKernels.mask_sums`.
typedef struct SamMaskSums {
  /// Sums over the pixels, with p = sigmoid(z): focal loss, binary cross entropy, that of the target's own pixels, p, p * t, t.
  double focal, cross_entropy, own_cross_entropy, probability, overlap, target;
  /// Pixels with z > 0, and those of them that are in the target.
  long positive, common;
} SamMaskSums;

/// Factors of a mask's gradient; see `SamTrainingKernels.mask_gradient`.
typedef struct SamMaskFactors {
  /// Of the focal loss, and its alpha: the weight of the target's own pixels, the others having 1 - alpha.
  float focal, alpha;
  /// Of binary cross entropy on all pixels, and what the target's own pixels get besides.
  float cross_entropy, own_cross_entropy;
  /// The derivative of the rest by each pixel's p, and what a pixel of the target adds to it.
  float probability, overlap;
} SamMaskFactors;

/// The inner loops that only training runs, of one instruction set; conventions are those of `SamKernels`.
typedef struct SamTrainingKernels {
  /// As `pack_rows` for A given as its transpose: element (i, k) stands at k * lda + i. Nothing is scaled.
  void (*pack_rows_transposed)(const float *a, long lda, long rows, long depth, float *packed);

  /// As `pack_columns` for the matrix of an image's patches: rows [first, first + count) of it, and of each the numbers
  /// [from, from + columns).
  void (*pack_patch_columns)(const SamPatches *patches, long first, long count, long from, long columns, float *packed);

  /// z = y + bias, y = activation(z) + residual: `bias_activation` that keeps what it applied the activation to.
  void (*bias_activation_keeping)(float *y, long ldy, const float *bias, const float *residual, long ldr, int activation,
                                  float *z, long ldz, long rows, long cols);

  /// dz = dy * activation'(z). `sums` (cols), where there, gets the sums of dz over the rows added. dz may be dy.
  void (*activation_backward)(const float *z, const float *dy, int activation, float *dz, float *sums, long rows,
                              long cols);

  /// Gradients of `layer_norm`: dx, and d weight and d bias added to what is there. dx may be dy.
  void (*layer_norm_backward)(const float *x, const float *dy, const float *weight, const float *bias, float epsilon,
                              int activation, float *dx, float *dweight, float *dbias, long rows, long cols);

  /// Means, and sums of squared differences from them, of each column.
  void (*moments)(const float *x, long rows, long cols, float *means, float *squares);

  /// y = activation(x * scale + shift) + residual, column by column. y may be x.
  void (*affine_activation)(const float *x, const float *scale, const float *shift, const float *residual, int activation,
                            float *y, long rows, long cols);

  /// With u = (x - mean) * deviation and y = activation(u * weight + bias): g = dy * activation'(...) goes to `g`, and the sums
  /// over the rows of g and g * u are added to `sums` and `products`. `deviation` is the inverse of the standard one. g may be dy.
  void (*affine_backward)(const float *x, const float *dy, const float *mean, const float *deviation, const float *weight,
                          const float *bias, int activation, float *g, float *sums, float *products, long rows, long cols);

  /// g = factor * (g - sum - (x - mean) * deviation * product), column by column, in place.
  void (*batch_norm_backward)(float *g, const float *x, const float *mean, const float *deviation, const float *factor,
                              const float *sum, const float *product, long rows, long cols);

  /// The gradient of scores s in p = softmax(s) from that of p: dp = p * (dp - sum(p * dp)) * scale, row by row, in place.
  void (*softmax_backward)(const float *p, long ldp, float *dp, long lddp, float scale, long rows, long cols);

  /// y = x.
  void (*copy_rows)(const float *x, long ldx, float *y, long ldy, long rows, long cols);

  /// Softmax of each column, in place: for few rows and many columns.
  void (*softmax_down)(float *s, long lds, long rows, long cols);

  /// `softmax_backward` of `softmax_down`.
  void (*softmax_down_backward)(const float *p, long ldp, float *dp, long lddp, float scale, long rows, long cols);

  /// Gradients of y = a * b' for a (rows x depth) of few rows and b (count x depth), from dy (rows x count): da gets dy * b added, and db
  /// (count x depth) is set to dy' * a. Either may be null.
  void (*few_rows_backward)(const float *dy, long rows, const float *a, const float *b, long count, long depth, float *da,
                            float *db);

  /// Adds one row's part of the gradient of `depthwise3x3`'s weights (9 x channels) and bias.
  void (*depthwise3x3_weights)(const float *above, const float *here, const float *below, const float *dy,
                               float *dweight, float *dbias, long in_width, long out_width, long stride, long channels);

  /// sums += the columns' sums.
  void (*column_sums)(const float *x, float *sums, long rows, long cols);

  /// y += x * factor.
  void (*add_scaled)(const float *x, float factor, float *y, long count);

  /// y = x * factor. y may be x.
  void (*scale)(const float *x, float factor, float *y, long count);

  /// The sum of squares.
  double (*sum_of_squares)(const float *x, long count);

  /// One step of Adam with decoupled weight decay (arXiv 1711.05101): m and v are brought up to date with g * factor, then
  /// w = w * keep - rate * m * correction1 / (sqrt(v * correction2) + epsilon).
  void (*adam_step)(float *w, const float *g, float *m, float *v, long count, float factor, float beta1, float beta2,
                    float keep, float rate, float correction1, float correction2, float epsilon);

  /// y += (x - y) * t.
  void (*approach)(const float *x, float t, float *y, long count);

  /// What losses of a mask need: logits z, targets t (0 or 1), `alpha` of the focal loss (gamma is 2).
  void (*mask_sums)(const float *z, const float *t, float alpha, long count, SamMaskSums *sums);

  /// dz = the gradient of losses that `factors` describes.
  void (*mask_gradient)(const float *z, const float *t, const SamMaskFactors *factors, float *dz, long count);
} SamTrainingKernels;

/// The kernels for this processor; those of the same place in the lists belong together.
const SamTrainingKernels *sam_training_kernels(void);

/// As `sam_kernels_available`.
int sam_training_kernels_available(const SamTrainingKernels **list, int capacity);
