/* Scoring, see model.h: for each text look up its features' rows, weight them, and add up the rows.
 *
 * Products are added in float32 over a few hundred features and from there on in float64, always in the order of
 * the text and never fused: every machine gets the same scores to the last bit, and a long text loses no digits.
 */
#include "model.h"

#include <math.h>

#include "accumulate.h"

#define LOGARITHMS 4096u
#define AHEAD 16u

static sc_status fill_logarithms(sc_model *model)
{
    model->logarithms = sc_resize(NULL, LOGARITHMS * sizeof(float));
    if (!model->logarithms) return SC_NO_MEMORY;
    model->logarithms[0] = 0;
    for (uint32_t count = 1; count < LOGARITHMS; count++) model->logarithms[count] = (float)(1.0 + log(count));
    return SC_OK;
}

sc_status sc_model_index(sc_model *model, size_t feature_count, const char **why)
{
    model->rank_count = feature_count / 64 + 1;
    model->ranks = sc_zeroed(model->rank_count, sizeof(sc_rank));
    if (!model->ranks || fill_logarithms(model) != SC_OK) return SC_NO_MEMORY;
    int64_t last = -1;
    for (size_t row = 0; row < model->rows; row++) {
        uint32_t feature = model->features[row];
        if (feature <= last) {
            *why = "features do not ascend";
            return SC_BAD_FILE;
        }
        if (feature >= feature_count) {
            *why = "a feature is beyond the last bucket";
            return SC_BAD_FILE;
        }
        model->ranks[feature / 64].kept |= (uint64_t)1 << feature % 64;
        last = feature;
    }
    uint64_t before = 0;
    for (size_t i = 0; i < model->rank_count; i++) {
        model->ranks[i].before = before;
        before += sc_count_ones(model->ranks[i].kept);
    }
    return SC_OK;
}

void sc_model_free(sc_model *model)
{
    free(model->ranks);
    free(model->logarithms);
    model->ranks = NULL;
    model->logarithms = NULL;
}

static inline float frequency(const sc_model *model, uint32_t count)
{
    if (!model->sublinear) return (float)(int32_t)count;
    if (SC_LIKELY(count < LOGARITHMS)) return model->logarithms[count];
    return (float)(1.0 + log((double)count));
}

/* Keep the features that the model knows, in order: their rows and their frequencies. */
static size_t look_up(const sc_model *model, const sc_entry *entries, size_t count, uint32_t *rows, float *values)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count) SC_PREFETCH(&model->ranks[entries[i + AHEAD].feature / 64]);
        uint32_t row = sc_row_of(model, entries[i].feature);
        rows[kept] = row;
        if (model->idf) SC_PREFETCH(&model->idf[row == SC_NO_ROW ? 0 : row]);
        values[kept] = frequency(model, entries[i].count);
        kept += row != SC_NO_ROW;
    }
    return kept;
}

/* Four sums side by side, since each addition waits for the one before it: the same four on every machine. */
static double sum_of_squares(const double *products, size_t count)
{
    double sums[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t lane = 0; lane < 4; lane++) sums[lane] += products[i + lane] * products[i + lane];
    for (; i < count; i++) sums[0] += products[i] * products[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Weight by idf where the model has it, and scale the part to its length, 1 / sqrt(parts). */
static void weigh(const sc_model *model, uint32_t parts, const uint32_t *rows, double *products, size_t count,
                  float *values)
{
    if (model->idf) {
        for (size_t i = 0; i < count; i++) products[i] = (double)values[i] * (double)model->idf[rows[i]];
    } else {
        for (size_t i = 0; i < count; i++) products[i] = (double)values[i];
    }
    double squares = sum_of_squares(products, count);
    double factor = squares > 0 ? 1.0 / sqrt(squares * parts) : 0.0;
    for (size_t i = 0; i < count; i++) values[i] = (float)(products[i] * factor);
}

/* Compute the values of the features of one part of a text. */
static sc_status value_part(const sc_model *model, const sc_counts *counts, size_t page, uint32_t part,
                            sc_scores *scores)
{
    size_t count;
    const sc_entry *entries = sc_part_entries(counts, page, part, &count);
    sc_status status = sc_reserve(&scores->products, count, sizeof(double));
    if (status != SC_OK) return status;
    uint32_t *rows = (uint32_t *)scores->rows.data + scores->rows.used;
    float *values = (float *)scores->values.data + scores->values.used;
    size_t kept = look_up(model, entries, count, rows, values);
    weigh(model, scores->part_count, rows, scores->products.data, kept, values);
    scores->rows.used += kept;
    scores->values.used += kept;
    ((size_t *)scores->starts.data)[scores->starts.used++] = scores->rows.used;
    return SC_OK;
}

/* Add up the rows of a text's features. */
static void add_rows(const sc_model *model, sc_scores *scores, size_t page)
{
    size_t first, kept = sc_kept(scores, page, &first);
    const uint32_t *rows = (const uint32_t *)scores->rows.data + first;
    const float *values = (const float *)scores->values.data + first;
    double *numbers = (double *)scores->numbers.data + scores->numbers.used;
    for (size_t column = 0; column < model->columns; column++) numbers[column] = 0;
    if (model->weights) {
        sc_accumulate_f32(model->weights, model->columns, rows, values, kept, numbers);
    } else {
        sc_accumulate_i8(model->small_weights, model->columns, rows, values, kept, numbers);
        for (size_t column = 0; column < model->columns; column++) numbers[column] *= (double)model->scale[column];
    }
    for (size_t column = 0; column < model->columns; column++) numbers[column] += (double)model->intercept[column];
    scores->numbers.used += model->columns;
}

sc_status sc_score(const sc_model *model, const sc_features *features, const sc_counts *counts, sc_scores *scores)
{
    size_t pages = sc_page_count(counts);
    memset(scores, 0, sizeof *scores);
    scores->part_count = features->part_count;
    if (pages > SIZE_MAX / sizeof(double) / model->columns) return SC_NO_MEMORY;
    sc_status status = sc_reserve(&scores->starts, pages * features->part_count + 1, sizeof(size_t));
    if (status == SC_OK) status = sc_reserve(&scores->numbers, pages * model->columns, sizeof(double));
    /* Room for all at once: growing would copy the results so far. One slot beyond those kept is written. */
    if (status == SC_OK) status = sc_reserve(&scores->rows, counts->entries.used + 1, sizeof(uint32_t));
    if (status == SC_OK) status = sc_reserve(&scores->values, counts->entries.used + 1, sizeof(float));
    if (status != SC_OK) return status;
    ((size_t *)scores->starts.data)[scores->starts.used++] = 0;
    for (size_t page = 0; page < pages && status == SC_OK; page++) {
        for (uint32_t part = 0; part < features->part_count && status == SC_OK; part++)
            status = value_part(model, counts, page, part, scores);
        if (status == SC_OK) add_rows(model, scores, page);
    }
    sc_release(&scores->products);
    return status;
}

void sc_scores_free(sc_scores *scores)
{
    sc_release(&scores->starts);
    sc_release(&scores->rows);
    sc_release(&scores->values);
    sc_release(&scores->numbers);
    sc_release(&scores->products);
}
