/* Finding reasons, see reasons.h: first the features from the scores, then their n-grams from the kept hashes. */
#include "reasons.h"

#include "murmur.h"

#define AHEAD 16u

/* The contribution of one feature on one page. */
typedef struct {
    uint32_t row;
    double amount;
} share;

static int by_row(const void *a, const void *b)
{
    const share *x = a, *y = b;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    return (x->amount > y->amount) - (x->amount < y->amount);
}

static int stronger(const share *a, const share *b)
{
    return a->amount != b->amount ? a->amount > b->amount : a->row < b->row;
}

/* Keep the strongest `limit` in order; most candidates fail at the first comparison. */
static size_t keep_strongest(share *best, size_t kept, size_t limit, share candidate)
{
    if (kept == limit && !stronger(&candidate, &best[limit - 1])) return kept;
    size_t at = kept < limit ? kept++ : limit - 1;
    for (; at > 0 && stronger(&candidate, &best[at - 1]); at--) best[at] = best[at - 1];
    best[at] = candidate;
    return kept;
}

/* The positive contributions of the pages' features to the column, page after page. A feature's value is never
 * negative, so its contributions have one sign on all pages. */
static sc_status shares_of(const sc_model *model, const sc_scores *scores, const sc_weighted_page *weighted,
                           size_t count, size_t column, sc_array *shares)
{
    for (size_t v = 0; v < count; v++) {
        size_t first, rows = sc_kept(scores, weighted[v].page, &first);
        const uint32_t *row = (const uint32_t *)scores->rows.data + first;
        const float *value = (const float *)scores->values.data + first;
        sc_status status = sc_reserve(shares, rows + 1, sizeof(share));
        if (status != SC_OK) return status;
        share *to = (share *)shares->data + shares->used;
        size_t used = 0;
        for (size_t i = 0; i < rows; i++) {
            if (i + AHEAD < rows) {
                size_t ahead = (size_t)row[i + AHEAD] * model->columns + column;
                SC_PREFETCH(model->weights ? (const void *)(model->weights + ahead)
                                           : (const void *)(model->small_weights + ahead));
            }
            double amount = (double)value[i] * (double)sc_weight(model, row[i], column) * weighted[v].weight;
            to[used].row = row[i];
            to[used].amount = amount;
            used += amount > 0;
        }
        shares->used += used;
    }
    return SC_OK;
}

/* The strongest rows. Sums run from the smallest share to the largest, whatever the order of the pages. */
static size_t strongest(sc_array *shares, size_t pages, size_t limit, share *best)
{
    share *all = shares->data;
    size_t kept = 0;
    if (pages > 1 && shares->used > 1) qsort(all, shares->used, sizeof *all, by_row);
    for (size_t i = 0; i < shares->used;) {
        share sum = all[i++];
        while (pages > 1 && i < shares->used && all[i].row == sum.row) sum.amount += all[i++].amount;
        kept = keep_strongest(best, kept, limit, sum);
    }
    return kept;
}

/* An n-gram of a wanted feature: the reason it could stand for, how often it occurs, where a copy is. */
typedef struct {
    size_t reason;
    uint64_t count;
    const uint8_t *text;
    size_t bytes;
} candidate;

/* The features searched for, with a small filter that most hashes fail, and the n-grams found. */
typedef struct {
    const sc_reason *reasons;
    size_t count;
    uint64_t filter[64];
    sc_array candidates;
    size_t merge_at;
    sc_chunk *chunk;
} search;

static int by_name(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->reason != y->reason) return x->reason < y->reason ? -1 : 1;
    int order = memcmp(x->text, y->text, x->bytes < y->bytes ? x->bytes : y->bytes);
    if (order) return order;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* Sort by reason and name, and merge equal n-grams. */
static void merge(sc_array *candidates)
{
    candidate *all = candidates->data;
    size_t kept = 0;
    if (candidates->used > 1) qsort(all, candidates->used, sizeof *all, by_name);
    for (size_t i = 0; i < candidates->used; i++) {
        if (kept && by_name(&all[kept - 1], &all[i]) == 0) {
            all[kept - 1].count += all[i].count;
        } else {
            all[kept++] = all[i];
        }
    }
    candidates->used = kept;
}

/* Note an n-gram for each reason that it could stand for. A word that fills megabytes is merged now and then. */
static sc_status note(search *what, const sc_tokens *tokens, size_t token, sc_span span, uint32_t feature)
{
    for (size_t i = 0; i < what->count; i++) {
        if (what->reasons[i].feature != feature) continue;
        if (what->candidates.used >= what->merge_at) {
            merge(&what->candidates);
            if (what->candidates.used > what->merge_at / 2) what->merge_at *= 2;
        }
        sc_status status = sc_reserve(&what->candidates, 1, sizeof(candidate));
        if (status != SC_OK) return status;
        candidate *to = (candidate *)what->candidates.data + what->candidates.used++;
        to->reason = i;
        to->count = tokens->repeats ? tokens->repeats[token] : 1;
        to->text = tokens->text + span.start;
        to->bytes = span.bytes;
    }
    return SC_OK;
}

/* Look through hashes of a text's n-grams, of which the first is the text's `number`-th. */
static sc_status search_hashes(search *what, const sc_tokens *tokens, sc_part part, sc_buckets buckets,
                               const uint32_t *hashes, size_t count, size_t number, sc_ngram_locator *at)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t feature = buckets.base + sc_bucket(hashes[i], buckets.mask);
        if (SC_LIKELY(!(what->filter[feature / 64 % 64] >> feature % 64 & 1))) continue;
        sc_span span = sc_locate_ngram(tokens, part, at, number + i);
        sc_status status = note(what, tokens, at->token, span, feature);
        if (status != SC_OK) return status;
    }
    return SC_OK;
}

static sc_status search_page(search *what, const sc_features *features, const sc_counts *counts, size_t page)
{
    const sc_page *marks = sc_page_marks(counts, page);
    sc_status status = SC_OK;
    for (uint32_t i = 0; i < features->part_count && status == SC_OK; i++) {
        sc_part part = features->parts[i];
        sc_tokens tokens = sc_page_tokens(counts, features, page, i);
        sc_buckets buckets = {i * features->buckets, features->buckets - 1, 0};
        sc_ngram_locator at = {0};
        if (marks->hashes_kept) {
            const uint32_t *hashes = (const uint32_t *)counts->hashes.data + marks->hashes[i];
            size_t count = marks->hashes[i + 1] - marks->hashes[i];
            status = search_hashes(what, &tokens, part, buckets, hashes, count, 0, &at);
            continue;
        }
        sc_cursor cursor = {0};
        size_t number = 0;
        do {
            sc_next_ngrams(&tokens, part, &cursor, what->chunk);
            status = search_hashes(what, &tokens, part, buckets, what->chunk->hashes, what->chunk->count, number, &at);
            number += what->chunk->count;
        } while (what->chunk->count && status == SC_OK);
    }
    return status;
}

/* Let the most frequent n-gram stand for each reason; of equals the first by name. */
static void choose(sc_array *candidates, sc_reason *reasons)
{
    const candidate *all = candidates->data;
    uint64_t most = 0;
    merge(candidates);
    for (size_t i = 0; i < candidates->used; i++) {
        sc_reason *reason = &reasons[all[i].reason];
        if (reason->text && all[i].count <= most) continue;
        reason->text = all[i].text;
        reason->bytes = all[i].bytes;
        most = all[i].count;
    }
}

static sc_status name_reasons(const sc_features *features, const sc_counts *counts, const sc_weighted_page *weighted,
                              size_t page_count, sc_reason *reasons, size_t count)
{
    search what = {.reasons = reasons, .count = count, .merge_at = 4096};
    what.chunk = sc_resize(NULL, sizeof *what.chunk);
    sc_status status = what.chunk ? SC_OK : SC_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        what.filter[reasons[i].feature / 64 % 64] |= (uint64_t)1 << reasons[i].feature % 64;
    for (size_t v = 0; v < page_count && status == SC_OK; v++)
        status = search_page(&what, features, counts, weighted[v].page);
    if (status == SC_OK) choose(&what.candidates, reasons);
    sc_release(&what.candidates);
    free(what.chunk);
    return status;
}

sc_status sc_find_reasons(const sc_model *model, const sc_features *features, const sc_counts *counts,
                          const sc_scores *scores, const sc_weighted_page *weighted, size_t page_count, size_t column,
                          size_t limit, sc_reason *reasons, size_t *found)
{
    sc_array shares = {0};
    share *best = sc_zeroed(limit, sizeof *best);
    *found = 0;
    sc_status status = best ? shares_of(model, scores, weighted, page_count, column, &shares) : SC_NO_MEMORY;
    if (status == SC_OK && limit) {
        *found = strongest(&shares, page_count, limit, best);
        for (size_t i = 0; i < *found; i++) {
            reasons[i].feature = model->features[best[i].row];
            reasons[i].contribution = best[i].amount;
            reasons[i].text = NULL;
            reasons[i].bytes = 0;
        }
        if (*found) status = name_reasons(features, counts, weighted, page_count, reasons, *found);
    }
    sc_release(&shares);
    free(best);
    return status;
}
