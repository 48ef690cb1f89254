/* Dual coordinate descent, see dual_descent.h.
 *
 * The weights are float32: rounding to a few millionths is far below the tolerance of any fit, and half the memory
 * is half the time. They are summed in the order of a row's entries, class by class, so a wider register changes
 * nothing.
 */
#include "dual_descent.h"

#include <math.h>

/* A row is left as it is where all its gradients are below this share of the tolerance. */
#define NEGLIGIBLE 0.1f
/* A row whose gradients were all below this share of the tolerance sits out a pass, then two, then three. Measured on
 * 20 Newsgroups: a third less time at the same objective. */
#define CALM 0.3f
#define LONGEST 3
#define LARGEST_VALUE 1e6f
#define NEWTON_STEPS 100
#define LEAST 1e-30

#if defined(__GNUC__)
#define SC_WITH_WIDTH static inline __attribute__((always_inline))
#else
#define SC_WITH_WIDTH static inline
#endif

typedef struct {
    const sc_rows *rows;
    const sc_task *task;
    float *weights;   /* features x width, features that occur often first */
    int32_t *columns; /* place of each entry's feature in that order */
    int32_t *places;  /* of each feature */
    float *alpha;     /* rows x width; see take_step for the logistic loss */
    float *lengths;   /* squared length of each row with its intercept */
    uint32_t *order;  /* of the rows in this pass */
    uint8_t *calm;    /* passes in a row that hardly moved a row; above 0 it sits out as many */
    uint8_t *waits;   /* passes that a row has yet to sit out */
    float negligible; /* gradients up to here change nothing */
    float bias[SC_LANES];
    float live[SC_LANES];                      /* 1 for a class, 0 for what fills the width */
    float inside[SC_LANES], outside[SC_LANES]; /* squared hinge: half the reciprocal of the cost; else the cost */
    float least[SC_LANES], most[SC_LANES];     /* projected gradients of this pass */
} fit;

const char *sc_rows_problem(const sc_rows *rows)
{
    if (rows->starts[0] != 0) return "the first row does not start at the first entry";
    for (size_t i = 0; i < rows->rows; i++)
        if (rows->starts[i + 1] < rows->starts[i]) return "a row ends before it starts";
    if ((uint64_t)rows->starts[rows->rows] != rows->entries) return "the last row does not end at the last entry";
    for (size_t e = 0; e < rows->entries; e++)
        if (rows->columns[e] < 0 || (size_t)rows->columns[e] >= rows->features) return "a feature is out of range";
    for (size_t e = 0; e < rows->entries; e++)
        if (!(fabsf(rows->values[e]) <= LARGEST_VALUE)) return "a value is no number, or larger than a million";
    return NULL;
}

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t random_bits(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void shuffle(uint32_t *order, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)((random_bits(state) >> 32) * (uint64_t)i >> 32);
        uint32_t other = order[i - 1];
        order[i - 1] = order[j];
        order[j] = other;
    }
}

/* Add a row to the weights, so many times for each class. */
SC_WITH_WIDTH void add_row(fit *f, size_t row, const float *steps, const size_t width)
{
    size_t end = (size_t)f->rows->starts[row + 1];
    const float *values = f->rows->values;
    float step[SC_LANES];
    memcpy(step, steps, sizeof step);
    for (size_t lane = 0; lane < width; lane++) f->bias[lane] += step[lane];
    for (size_t e = (size_t)f->rows->starts[row]; e < end; e++) {
        float *w = f->weights + (size_t)f->columns[e] * width;
        float value = values[e];
        for (size_t lane = 0; lane < width; lane++) w[lane] += value * step[lane];
    }
}

/* The scores of a row. */
SC_WITH_WIDTH void score_row(const fit *f, size_t row, float *scores, const size_t width)
{
    size_t end = (size_t)f->rows->starts[row + 1];
    const float *values = f->rows->values;
    float sums[SC_LANES];
    memcpy(sums, f->bias, sizeof sums);
    for (size_t e = (size_t)f->rows->starts[row]; e < end; e++) {
        const float *w = f->weights + (size_t)f->columns[e] * width;
        float value = values[e];
        for (size_t lane = 0; lane < width; lane++) sums[lane] += value * w[lane];
    }
    memcpy(scores, sums, sizeof sums);
}

/* The class of a row among those fitted; SC_LANES for none of them. */
static inline size_t class_of(const fit *f, size_t row)
{
    int64_t lane = (int64_t)f->rows->targets[row] - (int64_t)f->task->first;
    return lane >= 0 && (uint64_t)lane < f->task->count ? (size_t)lane : SC_LANES;
}

/* A row's steps for the squared hinge; returns the largest projected gradient. */
SC_WITH_WIDTH float hinge_steps(fit *f, size_t row, const float *scores, float *steps, const size_t width)
{
    float sign[SC_LANES], half[SC_LANES], *alpha = f->alpha + row * width;
    float length = f->lengths[row], largest = 0.0f;
    size_t own = class_of(f, row);
    for (size_t lane = 0; lane < width; lane++) sign[lane] = -f->live[lane], half[lane] = f->outside[lane];
    if (own < SC_LANES) sign[own] = 1.0f, half[own] = f->inside[own];
    for (size_t lane = 0; lane < width; lane++) {
        float a = alpha[lane], gradient = sign[lane] * scores[lane] - f->live[lane] + a * half[lane];
        float projected = a > 0.0f || gradient < 0.0f ? gradient : 0.0f;
        f->least[lane] = projected < f->least[lane] ? projected : f->least[lane];
        f->most[lane] = projected > f->most[lane] ? projected : f->most[lane];
        float moved = a - gradient / (length + half[lane]);
        moved = moved > 0.0f ? moved : 0.0f;
        steps[lane] = (moved - a) * sign[lane];
        float size = projected < 0.0f ? -projected : projected;
        largest = size > largest ? size : largest;
        half[lane] = moved;
    }
    if (largest > f->negligible)
        for (size_t lane = 0; lane < width; lane++) alpha[lane] = half[lane];
    return largest;
}

/* The same for the logistic loss: a dual variable is between 0 and the cost, and stored as its distance from the
 * nearer end, below 0 from the cost. Newton's method on one variable, as LIBLINEAR's. */
static float logistic_steps(fit *f, size_t row, const float *scores, float *steps, size_t width)
{
    float *alpha = f->alpha + row * width, largest = 0.0f;
    size_t own = class_of(f, row);
    double length = f->lengths[row];
    memset(steps, 0, width * sizeof *steps);
    for (size_t lane = 0; lane < f->task->count; lane++) {
        double cost = lane == own ? f->inside[lane] : f->outside[lane], sign = lane == own ? 1.0 : -1.0;
        double near = fabs((double)alpha[lane]), slope = sign * (double)scores[lane];
        /* z is the variable on the side where the minimum is, seen from that end. */
        int upper = alpha[lane] < 0.0f;
        double old = upper ? cost - near : near;
        int flip = 0.5 * length * (cost - 2.0 * old) + slope < 0.0;
        double from = flip ? (upper ? near : cost - near) : old, towards = flip ? -slope : slope;
        double z = cost - from < 0.5 * cost ? 0.1 * from : from;
        double gradient = length * (z - from) + towards + log(z / (cost - z));
        float size = (float)fabs(gradient);
        f->most[lane] = size > f->most[lane] ? size : f->most[lane];
        largest = size > largest ? size : largest;
        for (int i = 0; i < NEWTON_STEPS && fabs(gradient) > 0.01 * f->task->tolerance; i++) {
            double moved = z - gradient / (length + cost / (cost - z) / z);
            z = moved <= 0.0 ? 0.1 * z : moved >= cost ? 0.5 * (z + cost) : moved;
            /* Neither end is ever reached: the logarithm has no value there. */
            z = z < LEAST ? LEAST : z > (1.0 - 1e-9) * cost ? (1.0 - 1e-9) * cost : z;
            gradient = length * (z - from) + towards + log(z / (cost - z));
        }
        double now = flip ? cost - z : z, rest = z <= 0.5 * cost ? z : cost - z;
        steps[lane] = (float)(sign * (now - old));
        alpha[lane] = (float)(now <= 0.5 * cost ? rest : -rest);
    }
    return largest;
}

/* One pass over the rows that do not sit it out. */
SC_WITH_WIDTH void pass(fit *f, const size_t width)
{
    float scores[SC_LANES], steps[SC_LANES] = {0};
    for (size_t at = 0; at < f->rows->rows; at++) {
        size_t row = f->order[at];
        if (f->waits[row]) {
            f->waits[row]--;
            continue;
        }
        score_row(f, row, scores, width);
        float largest = f->task->logistic ? logistic_steps(f, row, scores, steps, width)
                                          : hinge_steps(f, row, scores, steps, width);
        if (largest > f->negligible) add_row(f, row, steps, width);
        f->calm[row] = largest > CALM * (float)f->task->tolerance ? 0 : f->calm[row] < LONGEST ? f->calm[row] + 1 : LONGEST;
        f->waits[row] = f->calm[row];
    }
}

#define SC_PASS(NAME, ATTRIBUTE)                                                    \
    ATTRIBUTE static void NAME(fit *f, size_t width)                                \
    {                                                                               \
        width == 1 ? pass(f, 1) : width == 8 ? pass(f, 8) : pass(f, SC_LANES);      \
    }

SC_PASS(pass_plain, )
#if SC_ASKS_FOR_AVX2
SC_PASS(pass_avx2, __attribute__((target("avx2"))))
#endif

static void one_pass(fit *f, size_t width)
{
#if SC_ASKS_FOR_AVX2
    if (__builtin_cpu_supports("avx2")) {
        pass_avx2(f, width);
        return;
    }
#endif
    pass_plain(f, width);
}

/* Give features that occur often neighbouring places: fewer lines and pages of memory are touched. */
static sc_status place_features(fit *f)
{
    const sc_rows *rows = f->rows;
    uint32_t *counts = sc_zeroed(rows->features, sizeof *counts), *starts = sc_zeroed(rows->rows + 2, sizeof *starts);
    if (!counts || !starts) {
        free(counts), free(starts);
        return SC_NO_MEMORY;
    }
    for (size_t e = 0; e < rows->entries; e++) counts[rows->columns[e]]++;
    for (size_t i = 0; i < rows->features; i++) {
        if (counts[i] > rows->rows) counts[i] = (uint32_t)rows->rows; /* a row may name a feature twice */
        starts[rows->rows - counts[i] + 1]++;
    }
    for (size_t i = 0; i <= rows->rows; i++) starts[i + 1] += starts[i];
    for (size_t i = 0; i < rows->features; i++) f->places[i] = (int32_t)starts[rows->rows - counts[i]]++;
    for (size_t e = 0; e < rows->entries; e++) f->columns[e] = f->places[rows->columns[e]];
    free(counts), free(starts);
    return SC_OK;
}

/* Bring the dual variables to start from into range, and add up the weights that they stand for. */
static void start(fit *f, const float *alpha, size_t width)
{
    const sc_rows *rows = f->rows;
    size_t count = f->task->count;
    for (size_t row = 0; row < rows->rows; row++) {
        float length = 1.0f, steps[SC_LANES] = {0}, *own = f->alpha + row * width;
        for (int64_t e = rows->starts[row]; e < rows->starts[row + 1]; e++)
            length += rows->values[e] * rows->values[e];
        f->lengths[row] = length;
        f->order[row] = (uint32_t)row;
        int any = 0;
        for (size_t lane = 0; lane < count; lane++) {
            int inside = lane == class_of(f, row);
            float value = alpha[row * count + lane];
            if (f->task->logistic) {
                float cost = inside ? f->inside[lane] : f->outside[lane], least = fminf(1e-3f * cost, 1e-8f);
                float near = fabsf(value);
                value = !(near >= least) ? least : near > 0.5f * cost ? 0.5f * cost : value;
                steps[lane] = value < 0.0f ? cost + value : value;
            } else {
                steps[lane] = value = value > 0.0f && value < LARGEST_VALUE ? value : 0.0f;
            }
            own[lane] = value;
            any |= value != 0.0f;
            if (!inside) steps[lane] = -steps[lane];
        }
        if (any) add_row(f, row, steps, width);
    }
}

/* Whether the last pass found every class within the tolerance. */
static int at_rest(const fit *f)
{
    for (size_t lane = 0; lane < f->task->count; lane++)
        if (!(f->most[lane] - f->least[lane] <= (float)f->task->tolerance)) return 0;
    return 1;
}

static uint32_t descend(fit *f, size_t width)
{
    uint64_t state = f->task->seed;
    int all = 1;
    for (uint32_t epoch = 1; epoch <= f->task->max_epochs; epoch++) {
        for (size_t lane = 0; lane < SC_LANES; lane++) f->least[lane] = f->most[lane] = 0.0f;
        shuffle(f->order, f->rows->rows, &state);
        one_pass(f, width);
        int rest = at_rest(f);
        if (rest && all) return epoch;
        all = rest; /* then look at all rows once more */
        if (all) memset(f->waits, 0, f->rows->rows);
    }
    return f->task->max_epochs + 1;
}

sc_status sc_dual_descent(const sc_rows *rows, const sc_task *task, float *alpha, float *weights, size_t stride,
                          float *intercepts, uint32_t *epochs)
{
    size_t count = task->count, width = count > 8 ? SC_LANES : count > 1 ? 8 : 1;
    fit f = {.rows = rows, .task = task};
    for (size_t lane = 0; lane < count; lane++) {
        f.live[lane] = 1.0f;
        f.inside[lane] = (float)(task->logistic ? task->cost_inside[lane] : 0.5 / task->cost_inside[lane]);
        f.outside[lane] = (float)(task->logistic ? task->cost_outside[lane] : 0.5 / task->cost_outside[lane]);
    }
    f.weights = sc_zeroed(rows->features * width, sizeof *f.weights);
    f.columns = sc_zeroed(rows->entries, sizeof *f.columns);
    f.places = sc_zeroed(rows->features, sizeof *f.places);
    f.alpha = sc_zeroed(rows->rows * width, sizeof *f.alpha);
    f.lengths = sc_zeroed(rows->rows, sizeof *f.lengths);
    f.order = sc_zeroed(rows->rows, sizeof *f.order);
    f.calm = sc_zeroed(rows->rows, 1);
    f.waits = sc_zeroed(rows->rows, 1);
    f.negligible = NEGLIGIBLE * (float)task->tolerance;
    int room = f.weights && f.columns && f.places && f.alpha && f.lengths && f.order && f.calm && f.waits;
    sc_status status = room ? SC_OK : SC_NO_MEMORY;
    if (status == SC_OK) status = place_features(&f);
    if (status == SC_OK) {
        start(&f, alpha, width);
        *epochs = descend(&f, width);
        for (size_t i = 0; i < rows->features; i++)
            memcpy(weights + i * stride, f.weights + (size_t)f.places[i] * width, count * sizeof *weights);
        for (size_t row = 0; row < rows->rows; row++)
            memcpy(alpha + row * count, f.alpha + row * width, count * sizeof *alpha);
        memcpy(intercepts, f.bias, count * sizeof *intercepts);
    }
    free(f.weights), free(f.columns), free(f.places), free(f.alpha), free(f.lengths), free(f.order), free(f.calm), free(f.waits);
    return status;
}
