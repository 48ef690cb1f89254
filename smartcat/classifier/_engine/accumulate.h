/* Adding up rows of weights: sums[column] += sum over i of values[i] * weights[rows[i]][column]. */
#ifndef SMARTCAT_ACCUMULATE_H
#define SMARTCAT_ACCUMULATE_H

#include "memory.h"

void sc_accumulate_f32(const float *weights, size_t columns, const uint32_t *rows, const float *values,
                       size_t count, double *sums);
void sc_accumulate_i8(const int8_t *weights, size_t columns, const uint32_t *rows, const float *values,
                      size_t count, double *sums);

#endif
