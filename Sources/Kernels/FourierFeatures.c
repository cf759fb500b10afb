#include "Kernels.h"

static const double pi = 3.14159265358979323846;

/// Sine and cosine of 2 pi t by Taylor series after reduction to an eighth of a turn; error below 1e-13.
/// Written out because the browser build has no mathematics library.
static void sine_cosine(double t, double *sine, double *cosine) {
  double turns = __builtin_floor(t * 4 + 0.5);
  double x = (t - turns / 4) * 2 * pi;
  double u = x * x;
  double s = x * (1 - u / 6 * (1 - u / 20 * (1 - u / 42 * (1 - u / 72 * (1 - u / 110 * (1 - u / 156))))));
  double c = 1 - u / 2 * (1 - u / 12 * (1 - u / 30 * (1 - u / 56 * (1 - u / 90 * (1 - u / 132 * (1 - u / 182))))));
  double quarter = turns - 4 * __builtin_floor(turns / 4);
  if (quarter == 0) { *sine = s; *cosine = c; }
  else if (quarter == 1) { *sine = c; *cosine = -s; }
  else if (quarter == 2) { *sine = -s; *cosine = -c; }
  else { *sine = -c; *cosine = s; }
}

void sam_fourier_features(const float *coordinates, long count, const float *matrix, long features, float *y) {
  for (long i = 0; i < count; i++, y += 2 * features) {
    float a = 2 * coordinates[2 * i] - 1, b = 2 * coordinates[2 * i + 1] - 1;
    for (long j = 0; j < features; j++) {
      double s, c;
      sine_cosine((double)a * matrix[j] + (double)b * matrix[features + j], &s, &c);
      y[j] = (float)s;
      y[features + j] = (float)c;
    }
  }
}
