/* Finding reasons in words, see word_reasons.h: one walk over the kept hashes of every page, which looks up the share
 * of each n-gram and adds them up word by word. */
#include "word_reasons.h"

#include "murmur.h"
#include "text_hash.h"
#include "utf8.h"

#define AHEAD 16u

/* Slots of the table of shares for each share in it. */
#define SPARSE 8u

/* The share of one occurrence of a feature on the page at hand. */
typedef struct {
    uint32_t feature; /* and 1; 0 where free */
    float share;
} share_slot;

/* The shares of a page: a table that is reused for the next. */
typedef struct {
    share_slot *slots; /* 2**bits of them */
    unsigned bits;
    uint64_t factor; /* odd, and unknown to the authors of texts */
} share_table;

/* A word and its sum. */
typedef struct {
    const uint8_t *text;
    size_t bytes;
    double sum;
} word_sum;

typedef struct {
    const sc_unicode_tables *tables;
    uint64_t seed;
    share_table shares;
    sc_array slots_of_shares; /* share_slot: where the table lies */
    sc_array occurrences; /* int32_t: of each kept feature of the page */
    sc_array words; /* word_sum */
    sc_array slots; /* uint32_t: 1 + number of a word; 0 where free; a power of two of them, at least half free */
    sc_array sums;  /* double: of each token of a part of words */
    sc_chunk *chunk;
} finder;

/* The n-grams of one part of one page, as far as they have been walked through. */
typedef struct {
    const sc_tokens *tokens;
    sc_part part;
    sc_buckets buckets;
    size_t token, left; /* the token at hand, and how many of its n-grams are still to come */
    double sum;
} walk;

static inline size_t share_slot_of(const share_table *table, uint32_t feature)
{
    return (size_t)((uint64_t)(feature + 1) * table->factor >> (64 - table->bits));
}

/* Which n-grams the model knows, nothing foretells: so that the processor need not guess, the table is sparse, and the
 * first slot decides without a branch unless another feature is in it. */
static inline float share_of(const share_table *table, uint32_t feature)
{
    const share_slot *slots = table->slots;
    size_t mask = ((size_t)1 << table->bits) - 1, slot = share_slot_of(table, feature);
    uint32_t there = slots[slot].feature;
    float share = there == feature + 1 ? slots[slot].share : 0.0f;
    if (SC_LIKELY((there == 0) | (there == feature + 1))) return share;
    while (slots[slot].feature && slots[slot].feature != feature + 1) slot = (slot + 1) & mask;
    return slots[slot].feature ? slots[slot].share : 0.0f;
}

/* How often each kept feature of a page occurs there. Both lists are in the order of the page's features. */
static sc_status count_kept(finder *in, const sc_model *model, const uint32_t *rows, size_t kept,
                            const sc_entry *entries, size_t entry_count)
{
    in->occurrences.used = 0;
    sc_status status = sc_reserve(&in->occurrences, kept + 1, sizeof(int32_t));
    if (status != SC_OK) return status;
    int32_t *to = in->occurrences.data;
    for (size_t i = 0, done = 0; i < entry_count && done < kept; i++) {
        if (done + AHEAD < kept) SC_PREFETCH(model->features + rows[done + AHEAD]);
        to[done] = (int32_t)entries[i].count;
        done += model->features[rows[done]] == entries[i].feature;
    }
    return SC_OK;
}

/* Fill the table of shares for a page. */
static sc_status prepare_shares(finder *in, const sc_model *model, const sc_counts *counts, const sc_scores *scores,
                                sc_weighted_page weighted, size_t column)
{
    size_t first, kept = sc_kept(scores, weighted.page, &first), entry_count;
    const uint32_t *rows = (const uint32_t *)scores->rows.data + first;
    const float *values = (const float *)scores->values.data + first;
    const sc_entry *entries = sc_page_entries(counts, weighted.page, &entry_count);
    share_table *table = &in->shares;
    for (table->bits = 6; ((size_t)1 << table->bits) < SPARSE * kept;) table->bits++;
    size_t size = (size_t)1 << table->bits, mask = size - 1;
    sc_status status = sc_reserve(&in->slots_of_shares, size, sizeof(share_slot));
    if (status == SC_OK) status = count_kept(in, model, rows, kept, entries, entry_count);
    if (status != SC_OK) return status;
    const int32_t *occurrences = in->occurrences.data;
    share_slot *slots = table->slots = in->slots_of_shares.data;
    memset(slots, 0, size * sizeof *slots);
    for (size_t i = 0; i < kept; i++) {
        if (i + AHEAD < kept) {
            size_t ahead = (size_t)rows[i + AHEAD] * model->columns + column;
            SC_PREFETCH(model->weights ? (const void *)(model->weights + ahead)
                                       : (const void *)(model->small_weights + ahead));
        }
        double part = (double)values[i] * (double)sc_weight(model, rows[i], column) * weighted.weight;
        uint32_t feature = model->features[rows[i]];
        size_t slot = share_slot_of(table, feature);
        if (part == 0 || occurrences[i] == 0) continue;
        while (slots[slot].feature) slot = (slot + 1) & mask;
        slots[slot].feature = feature + 1;
        slots[slot].share = (float)(part / occurrences[i]);
    }
    return SC_OK;
}

static sc_status grow_words(finder *in)
{
    size_t size = in->slots.room ? in->slots.room * 2 : 1024;
    uint32_t *slots = sc_zeroed(size, sizeof *slots);
    if (!slots) return SC_NO_MEMORY;
    const word_sum *words = in->words.data;
    for (size_t i = 0; i < in->words.used; i++) {
        size_t slot = sc_hash_text(words[i].text, words[i].bytes, in->seed) & (size - 1);
        while (slots[slot]) slot = (slot + 1) & (size - 1);
        slots[slot] = (uint32_t)i + 1;
    }
    sc_release(&in->slots);
    in->slots.data = slots;
    in->slots.room = size;
    return SC_OK;
}

static sc_status add_to_word(finder *in, const uint8_t *text, size_t bytes, double sum)
{
    sc_status status = in->words.used * 2 >= in->slots.room ? grow_words(in) : SC_OK;
    if (status == SC_OK) status = sc_reserve(&in->words, 1, sizeof(word_sum));
    if (status != SC_OK) return status;
    uint32_t *slots = in->slots.data;
    word_sum *words = in->words.data;
    size_t mask = in->slots.room - 1, slot = sc_hash_text(text, bytes, in->seed) & mask;
    for (; slots[slot]; slot = (slot + 1) & mask) {
        word_sum *word = &words[slots[slot] - 1];
        if (word->bytes != bytes || memcmp(word->text, text, bytes) != 0) continue;
        word->sum += sum;
        return SC_OK;
    }
    words[in->words.used] = (word_sum){text, bytes, sum};
    slots[slot] = (uint32_t)++in->words.used;
    return SC_OK;
}

static inline int is_word(const finder *in, uint32_t code)
{
    return code < 0x80 ? (code | 32) - 'a' < 26 || code - '0' < 10 || code == '_'
                       : (sc_entry_of(in->tables, code) & SC_WORD) != 0;
}

/* Add to the word in a run of characters: the run without the signs around it, or all of one that has nothing else. */
static sc_status add_to_run(finder *in, const uint8_t *at, size_t bytes, double sum)
{
    const uint8_t *first = at, *end = at + bytes, *last = end;
    uint32_t code;
    while (first < end) {
        unsigned width = sc_decode(first, end, &code);
        if (is_word(in, code)) break;
        first += width;
    }
    if (first == end) return add_to_word(in, at, bytes, sum);
    for (;;) {
        const uint8_t *before = sc_decode_before(first, last, &code);
        if (is_word(in, code)) break;
        last = before;
    }
    return add_to_word(in, first, (size_t)(last - first), sum);
}

static sc_status walk_characters(finder *in, walk *at, const uint32_t *hashes, size_t count)
{
    /* Copies, which stay in registers. */
    const share_table shares = in->shares;
    const sc_buckets buckets = at->buckets;
    for (size_t i = 0; i < count;) {
        if (!at->left) at->left = sc_ngrams_of_token(at->tokens, at->part, at->token), at->sum = 0;
        size_t stop = count - i < at->left ? count : i + at->left;
        at->left -= stop - i;
        double sum = at->sum;
        for (; i < stop; i++) sum += share_of(&shares, buckets.base + sc_bucket(hashes[i], buckets.mask));
        at->sum = sum;
        if (at->left) break;
        size_t start = sc_token_start(at->tokens, at->token, SC_CHARS), bytes = at->tokens->ends[at->token] - start;
        if (at->sum != 0) {
            double whole = at->sum * at->tokens->repeats[at->token];
            sc_status status = add_to_run(in, at->tokens->text + start, bytes, whole);
            if (status != SC_OK) return status;
        }
        at->token++;
    }
    return SC_OK;
}

static void walk_words(finder *in, walk *at, const uint32_t *hashes, size_t count)
{
    double *sums = in->sums.data;
    for (size_t i = 0; i < count; at->token++) {
        size_t ngrams = sc_ngrams_of_token(at->tokens, at->part, at->token);
        for (size_t j = 0; j < ngrams && i < count; j++, i++) {
            size_t words = at->part.shortest + j;
            double share = share_of(&in->shares, at->buckets.base + sc_bucket(hashes[i], at->buckets.mask));
            if (share == 0) continue;
            for (size_t k = 0; k < words; k++) sums[at->token + k] += share / (double)words;
        }
    }
}

static sc_status add_tokens(finder *in, const sc_tokens *tokens)
{
    const double *sums = in->sums.data;
    sc_status status = SC_OK;
    for (size_t i = 0; i < tokens->count && status == SC_OK; i++) {
        size_t start = sc_token_start(tokens, i, SC_WORDS);
        if (sums[i] != 0) status = add_to_word(in, tokens->text + start, tokens->ends[i] - start, sums[i]);
    }
    return status;
}

static sc_status take_hashes(finder *in, walk *at, const uint32_t *hashes, size_t count)
{
    if (at->part.analyzer == SC_CHARS) return walk_characters(in, at, hashes, count);
    walk_words(in, at, hashes, count);
    return SC_OK;
}

static sc_status take_part(finder *in, const sc_features *features, const sc_counts *counts, size_t page, uint32_t number)
{
    const sc_page *marks = sc_page_marks(counts, page);
    sc_tokens tokens = sc_page_tokens(counts, features, page, number);
    walk at = {&tokens, features->parts[number], {number * features->buckets, features->buckets - 1, 0}, 0, 0, 0};
    int words = at.part.analyzer == SC_WORDS;
    sc_status status = SC_OK;
    if (words) {
        in->sums.used = 0;
        status = sc_reserve(&in->sums, tokens.count + 1, sizeof(double));
        if (status != SC_OK) return status;
        memset(in->sums.data, 0, tokens.count * sizeof(double));
    }
    if (marks->hashes_kept) {
        const uint32_t *hashes = (const uint32_t *)counts->hashes.data + marks->hashes[number];
        status = take_hashes(in, &at, hashes, marks->hashes[number + 1] - marks->hashes[number]);
    } else {
        sc_cursor cursor = {0};
        do {
            sc_next_ngrams(&tokens, at.part, &cursor, in->chunk);
            status = take_hashes(in, &at, in->chunk->hashes, in->chunk->count);
        } while (in->chunk->count && status == SC_OK);
    }
    return status == SC_OK && words ? add_tokens(in, &tokens) : status;
}

static int is_long(const word_sum *word)
{
    return word->bytes > SC_LONGEST_WORD && sc_characters(word->text, word->bytes) > SC_LONGEST_WORD;
}

static int stronger(const word_sum *a, const word_sum *b)
{
    if ((float)a->sum != (float)b->sum) return (float)a->sum > (float)b->sum;
    int order = memcmp(a->text, b->text, a->bytes < b->bytes ? a->bytes : b->bytes);
    return order ? order < 0 : a->bytes < b->bytes;
}

/* Keep the strongest `limit` in order; most candidates fail at the first comparison. */
static size_t strongest(const finder *in, size_t limit, const word_sum **best)
{
    const word_sum *words = in->words.data, *longest = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < in->words.used; i++)
        if (is_long(&words[i]) && (!longest || stronger(&words[i], longest))) longest = &words[i];
    for (size_t i = 0; i < in->words.used; i++) {
        const word_sum *word = &words[i];
        if (!((float)word->sum > 0) || (kept == limit && !stronger(word, best[limit - 1]))) continue;
        if (word != longest && is_long(word)) continue;
        size_t at = kept < limit ? kept++ : limit - 1;
        for (; at > 0 && stronger(word, best[at - 1]); at--) best[at] = best[at - 1];
        best[at] = word;
    }
    return kept;
}

static void release(finder *in)
{
    sc_release(&in->slots_of_shares);
    sc_release(&in->occurrences);
    sc_release(&in->words);
    sc_release(&in->slots);
    sc_release(&in->sums);
    free(in->chunk);
}

sc_status sc_find_word_reasons(const sc_model *model, const sc_features *features, const sc_unicode_tables *tables,
                               const sc_counts *counts, const sc_scores *scores, const sc_weighted_page *weighted,
                               size_t page_count, size_t column, uint64_t seed, size_t limit, sc_reason *reasons,
                               size_t *found)
{
    finder in = {.tables = tables, .seed = seed, .shares = {.factor = (seed | 1u) * 0x9E3779B97F4A7C15u}, .chunk = sc_resize(NULL, sizeof *in.chunk)};
    const word_sum **best = sc_zeroed(limit, sizeof *best);
    sc_status status = in.chunk && best ? SC_OK : SC_NO_MEMORY;
    *found = 0;
    for (size_t v = 0; v < page_count && limit && status == SC_OK; v++) {
        if (weighted[v].weight == 0) continue;
        status = prepare_shares(&in, model, counts, scores, weighted[v], column);
        for (uint32_t i = 0; i < features->part_count && status == SC_OK; i++)
            status = take_part(&in, features, counts, weighted[v].page, i);
    }
    if (status == SC_OK && limit) *found = strongest(&in, limit, best);
    for (size_t i = 0; i < *found; i++) {
        size_t bytes = 0;
        for (unsigned n = 0; n <= SC_LONGEST_WORD && bytes < best[i]->bytes; n++) bytes += sc_width(best[i]->text[bytes]);
        reasons[i] = (sc_reason){.contribution = (double)(float)best[i]->sum, .text = best[i]->text, .bytes = bytes};
    }
    release(&in);
    free(best);
    return status;
}
