/* Linear classifiers of one class against all others, several classes side by side, by dual coordinate descent
 * (Hsieh et al. 2008; Yu, Huang and Lin 2011 for the logistic loss): L2-regularised with a regularised intercept, the
 * objectives of LIBLINEAR. Knows neither text nor Python.
 *
 * Classes that are fitted side by side share one pass over a row's features: their weights for a feature are
 * neighbours. Threads take different classes, never different rows: no sum depends on how many there are, nor on the
 * width of the registers.
 */
#ifndef SMARTCAT_DUAL_DESCENT_H
#define SMARTCAT_DUAL_DESCENT_H

#include "memory.h"

/* Most classes that are fitted side by side: the weights of a feature fill a line of the cache. */
#define SC_LANES ((size_t)16)

/* Rows of features, and the class of each. */
typedef struct {
    const int64_t *starts;  /* rows + 1: where each row's entries begin */
    const int32_t *columns; /* feature of each entry */
    const float *values;    /* value of each entry */
    const int32_t *targets; /* class of each row; any number */
    size_t rows, entries, features; /* rows and features below 2**31 */
} sc_rows;

/* What to fit: classes `first` to `first + count - 1`. */
typedef struct {
    size_t first, count;        /* 1 <= count <= SC_LANES */
    const double *cost_inside;  /* cost of a row of the class, > 0 and finite; one a class fitted */
    const double *cost_outside; /* cost of a row of another class, likewise */
    int logistic;               /* 0: squared hinge, 1: logistic loss */
    double tolerance;           /* of the projected gradients, > 0; as LIBLINEAR's */
    uint32_t max_epochs;
    uint64_t seed;
} sc_task;

/* Why rows cannot be learned from; NULL if they can. sc_dual_descent relies on it. */
const char *sc_rows_problem(const sc_rows *rows);

/* Fit. `alpha` holds the dual variables, rows x count: those to start from, any numbers, then those of the solution.
 * `weights` (features x stride, of which the first `count` of each feature are written) and `intercepts` (count) are
 * overwritten. `epochs` becomes the passes taken; more than max_epochs where so many were not enough. */
sc_status sc_dual_descent(const sc_rows *rows, const sc_task *task, float *alpha, float *weights, size_t stride,
                          float *intercepts, uint32_t *epochs);

#endif
