/* A fuzzer for the engine's C without Python: libFuzzer makes up texts, damaged tables and failing allocations.
 *
 * Each text is counted by the engine and, in the plainest way, by the code below; the two must agree. `make fuzz`
 * builds this with AddressSanitizer and UndefinedBehaviorSanitizer. The first argument of LLVMFuzzerInitialize's
 * program is followed by the libFuzzer options; ENGINE_TABLES names a file of tables, ENGINE_FORM_TABLES one of tables
 * with a canonical form.
 */
#include <math.h>
#include <stdio.h>

#include "dual_descent.h"
#include "murmur.h"
#include "utf8.h"
#include "word_reasons.h"

long sc_allocations_left = -1;

/* The tables as files, as read, and those in use: without and with a canonical form. */
static uint8_t *files[2];
static size_t file_sizes[2];
static sc_unicode_tables all_tables[2];
static int with_form;
#define tables (all_tables[with_form])

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);                    \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    const char *names[2] = {"ENGINE_TABLES", "ENGINE_FORM_TABLES"}, *why;
    for (int i = 0; i < 2; i++) {
        const char *path = getenv(names[i]);
        FILE *file = path ? fopen(path, "rb") : NULL;
        CHECK(file);
        files[i] = malloc(1 << 20);
        file_sizes[i] = fread(files[i], 1, 1 << 20, file);
        fclose(file);
        CHECK(sc_unicode_tables_read(&all_tables[i], files[i], file_sizes[i], &why) == SC_OK);
        CHECK(all_tables[i].has_form == i);
    }
    return 0;
}

/* ---------------------------------------------------------------------------------- the plain way of forming */

/* Room for a text in which every character becomes eighteen. */
#define FORMED (1 << 17)

static uint32_t plain_class(uint32_t code) { return SC_FORM_CLASS(sc_form_entry(&tables.form, code)); }

static uint32_t plain_pair(uint32_t first, uint32_t second)
{
    if (first - 0x1100 < 19 && second - 0x1161 < 21) return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28;
    if (first - 0xAC00 < 11172 && (first - 0xAC00) % 28 == 0 && second - 0x11A8 < 27) return first + second - 0x11A7;
    for (uint32_t i = 0; i < tables.form.pair_count; i++)
        if (tables.form.pairs[i].first == first && tables.form.pairs[i].second == second)
            return tables.form.pairs[i].composed;
    return 0;
}

static size_t plain_decompose(const uint8_t *data, size_t size, uint32_t *to)
{
    size_t count = 0;
    for (size_t at = 0; at < size;) {
        uint32_t code;
        at += sc_decode(data + at, data + size, &code);
        uint32_t entry = sc_form_entry(&tables.form, code), syllable = code - 0xAC00;
        int32_t value = SC_FORM_VALUE(entry);
        if (syllable < 11172) {
            to[count++] = 0x1100 + syllable / 588;
            to[count++] = 0x1161 + syllable / 28 % 21;
            if (syllable % 28) to[count++] = 0x11A7 + syllable % 28;
        } else if (!(entry & SC_FORM_SEQUENCE)) {
            to[count++] = (uint32_t)((int32_t)code + value);
        } else {
            for (uint32_t i = tables.form.sequences[value]; i < tables.form.sequences[value + 1]; i++)
                to[count++] = tables.form.items[i];
        }
    }
    return count;
}

/* The whole text at once, sorted by exchanging neighbours, white space collapsed as the definition says. */
static size_t plain_form(const uint8_t *data, size_t size, uint8_t *to)
{
    static uint32_t codes[FORMED];
    size_t count = plain_decompose(data, size, codes), kept = 0, bytes = 0, letter = SIZE_MAX;
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && plain_class(codes[j]) && plain_class(codes[j - 1]) > plain_class(codes[j]); j--) {
            uint32_t other = codes[j];
            codes[j] = codes[j - 1];
            codes[j - 1] = other;
        }
    for (size_t i = 0; i < count; i++) {
        uint32_t code = codes[i], one = 0;
        int blocked = letter == SIZE_MAX || (kept > letter + 1 && plain_class(codes[kept - 1]) >= plain_class(code));
        if (!blocked) one = plain_pair(codes[letter], code);
        if (one) {
            codes[letter] = one;
            continue;
        }
        if (!plain_class(code)) letter = kept;
        codes[kept++] = code;
    }
    for (size_t i = 0; i < kept; i++) {
        int space = (sc_form_entry(&tables.form, codes[i]) & SC_FORM_SPACE) != 0;
        int again = i == 0 || (sc_form_entry(&tables.form, codes[i - 1]) & SC_FORM_SPACE);
        if (!(space && again)) bytes += sc_encode(to + bytes, space ? ' ' : codes[i]);
    }
    return bytes;
}

/* ------------------------------------------------------------------------------- the plain way of counting */

typedef struct {
    uint32_t code[1 << 15];
    uint8_t word[1 << 15], space[1 << 15];
    size_t count;
} characters;

static void add(characters *to, uint32_t code, int word, int space)
{
    to->code[to->count] = code;
    to->word[to->count] = word != 0;
    to->space[to->count++] = space != 0;
}

static int plain_final(const uint32_t *text, size_t count, size_t at)
{
    size_t i = at;
    while (i > 0 && (sc_entry_of(&tables, text[i - 1]) & SC_IGNORABLE)) i--;
    if (i == 0 || !(sc_entry_of(&tables, text[i - 1]) & SC_CASED)) return 0;
    for (i = at + 1; i < count && (sc_entry_of(&tables, text[i]) & SC_IGNORABLE);) i++;
    return i == count || !(sc_entry_of(&tables, text[i]) & SC_CASED);
}

static void plain_fold(const uint8_t *data, size_t size, characters *to)
{
    static uint32_t text[1 << 15];
    size_t count = 0;
    for (size_t at = 0; at < size;) at += sc_decode(data + at, data + size, &text[count++]);
    to->count = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = sc_entry_of(&tables, text[i]);
        int32_t value = SC_VALUE(entry);
        if (SC_KIND(entry) == SC_SHIFT) {
            add(to, (uint32_t)((int32_t)text[i] + value), entry & SC_WORD, entry & SC_SPACE);
            continue;
        }
        if (SC_KIND(entry) == SC_SIGMA) value += plain_final(text, count, i);
        for (uint32_t j = tables.sequences[value]; j < tables.sequences[value + 1]; j++)
            add(to, SC_ITEM_CODE(tables.items[j]), SC_ITEM_WORD(tables.items[j]), SC_ITEM_SPACE(tables.items[j]));
    }
}

static uint32_t plain_hash(const uint32_t *codes, size_t count)
{
    static uint8_t bytes[1 << 17];
    size_t size = 0;
    for (size_t i = 0; i < count; i++) size += sc_encode(bytes + size, codes[i]);
    uint32_t h = 0;
    for (size_t i = 0; i + 4 <= size; i += 4) {
        uint32_t k = bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | (uint32_t)bytes[i + 3] << 24;
        k *= 0xCC9E2D51u;
        k = (k << 15 | k >> 17) * 0x1B873593u;
        h ^= k;
        h = (h << 13 | h >> 19) * 5 + 0xE6546B64u;
    }
    uint32_t k = 0;
    for (size_t i = size & ~(size_t)3; i < size; i++) k |= (uint32_t)bytes[i] << 8 * (i & 3);
    k *= 0xCC9E2D51u;
    h ^= (k << 15 | k >> 17) * 0x1B873593u;
    h ^= (uint32_t)size;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

typedef struct {
    uint32_t feature[1 << 20];
    size_t count;
} plain_features;

static void plain_ngram(plain_features *to, const sc_features *features, uint32_t part, const uint32_t *codes, size_t n)
{
    int64_t hash = (int32_t)plain_hash(codes, n);
    uint32_t size = (uint32_t)(hash < 0 ? -hash : hash);
    to->feature[to->count++] = part * features->buckets + size % features->buckets;
}

static void plain_part(plain_features *to, const sc_features *features, uint32_t number, const characters *text)
{
    static uint32_t codes[1 << 16];
    static size_t starts[1 << 15], ends[1 << 15];
    sc_part part = features->parts[number];
    size_t tokens = 0, used = 0;
    for (size_t i = 0; i < text->count;) {
        size_t j = i;
        while (j < text->count && (part.analyzer == SC_WORDS ? text->word[j] : !text->space[j])) j++;
        if (j - i >= (part.analyzer == SC_WORDS ? 2u : 1u)) {
            starts[tokens] = used + (part.analyzer == SC_CHARS);
            if (part.analyzer == SC_CHARS) codes[used++] = ' ';
            memcpy(codes + used, text->code + i, (j - i) * sizeof *codes);
            used += j - i;
            ends[tokens++] = used;
            codes[used++] = ' ';
        }
        i = j > i ? j : i + 1;
    }
    for (size_t i = 0; i < tokens; i++) {
        for (size_t n = part.shortest; n <= part.longest; n++) {
            if (part.analyzer == SC_WORDS) {
                if (i + n <= tokens) plain_ngram(to, features, number, codes + starts[i], ends[i + n - 1] - starts[i]);
                continue;
            }
            size_t first = starts[i] - 1, length = ends[i] + 1 - first;
            if (length <= n) {
                plain_ngram(to, features, number, codes + first, length);
                break;
            }
            for (size_t at = 0; at + n <= length; at++) plain_ngram(to, features, number, codes + first + at, n);
        }
    }
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static size_t plain_head(const uint8_t *text, size_t size, uint32_t characters)
{
    size_t at = 0;
    uint32_t code;
    if (!characters) return size;
    while (at < size && characters--) at += sc_decode(text + at, text + size, &code);
    return at;
}

static void compare(const sc_counts *counts, const sc_features *features, const uint8_t *text, size_t size)
{
    static characters folded;
    static plain_features plain;
    static uint8_t formed[4 * FORMED];
    plain.count = 0;
    if (with_form) {
        size = plain_form(text, size, formed);
        text = formed;
    }
    for (uint32_t i = 0; i < features->part_count; i++) {
        size_t before = plain.count, distinct;
        plain_fold(text, plain_head(text, size, features->parts[i].head), &folded);
        plain_part(&plain, features, i, &folded);
        const sc_entry *entries = sc_part_entries(counts, 0, i, &distinct);
        CHECK((plain.count > before) == (distinct > 0));
        for (size_t j = 0; j < distinct; j++) CHECK(entries[j].feature / features->buckets == i);
    }
    qsort(plain.feature, plain.count, sizeof *plain.feature, by_number);
    size_t count, total = 0;
    const sc_entry *entries = sc_page_entries(counts, 0, &count);
    for (size_t i = 0; i < count; i++) {
        uint32_t feature = entries[i].feature, *at;
        at = bsearch(&feature, plain.feature, plain.count, sizeof *plain.feature, by_number);
        CHECK(at);
        while (at > plain.feature && at[-1] == feature) at--;
        size_t repeats = 0;
        while (at + repeats < plain.feature + plain.count && at[repeats] == feature) repeats++;
        CHECK(entries[i].count == repeats);
        total += repeats;
    }
    CHECK(total == plain.count);
}

/* -------------------------------------------------------------------------------------- scores and reasons */

static void score_and_explain(const sc_unicode_tables *by, const sc_counts *counts, const sc_features *features,
                              uint8_t choice)
{
    enum { COLUMNS = 21, MOST = 4096 };
    static uint32_t kept[MOST];
    static int8_t small[MOST * COLUMNS];
    static float weights[MOST * COLUMNS], ones[MOST];
    size_t all = (size_t)features->buckets * features->part_count, rows = 0;
    size_t step = all / MOST + 1;
    for (size_t i = 0; i < all && rows < MOST; i += step, rows++) {
        kept[rows] = (uint32_t)i;
        ones[rows] = 1.0f + (float)(i % 7);
        for (size_t c = 0; c < COLUMNS; c++) {
            small[rows * COLUMNS + c] = (int8_t)(i * 31 + c * 17);
            weights[rows * COLUMNS + c] = (float)small[rows * COLUMNS + c] / 64;
        }
    }
    size_t columns = 1 + choice % COLUMNS;
    sc_model model = {.features = kept, .rows = rows, .columns = columns, .intercept = ones, .sublinear = 1};
    if (choice & 64) model.idf = ones;
    if (choice & 128) {
        model.small_weights = small;
        model.scale = ones;
    } else {
        model.weights = weights;
    }
    const char *why;
    sc_scores scores = {0};
    sc_status status = sc_model_index(&model, all, &why);
    if (status == SC_OK) status = sc_score(&model, features, counts, &scores);
    if (status == SC_OK) {
        sc_reason reasons[8];
        sc_weighted_page weighted[2] = {{0, 0.5}, {0, 1.0}};
        size_t found;
        status = sc_find_reasons(&model, features, counts, &scores, weighted, 1 + choice % 2, choice % columns, 8, reasons,
                                 &found);
        for (size_t i = 0; status == SC_OK && i < found; i++) {
            uint32_t part = reasons[i].feature / features->buckets;
            uint32_t bucket = sc_bucket(sc_murmur(reasons[i].text, reasons[i].bytes), features->buckets - 1);
            CHECK(part * features->buckets + bucket == reasons[i].feature);
            CHECK(reasons[i].contribution > 0);
        }
        if (status == SC_OK)
            status = sc_find_word_reasons(&model, features, by, counts, &scores, weighted, 1 + choice % 2,
                                          choice % columns, choice, 8, reasons, &found);
        for (size_t i = 0; status == SC_OK && i < found; i++) {
            CHECK(reasons[i].contribution > 0 && reasons[i].bytes > 0);
            CHECK(sc_characters(reasons[i].text, reasons[i].bytes) <= SC_LONGEST_WORD + 1);
            CHECK(i == 0 || reasons[i - 1].contribution >= reasons[i].contribution);
        }
    }
    sc_scores_free(&scores);
    sc_model_free(&model);
}

static void count_text(const sc_unicode_tables *by, const uint8_t *data, size_t size, const uint8_t *head)
{
    sc_features features = {.part_count = 1 + head[0] % 3, .buckets = 1u << (4 + head[1] % 17)};
    for (uint32_t i = 0; i < features.part_count; i++) {
        uint8_t choice = head[2 + i];
        features.parts[i].analyzer = choice & 1 ? SC_WORDS : SC_CHARS;
        features.parts[i].shortest = 1 + (choice >> 1) % 5;
        features.parts[i].longest = features.parts[i].shortest + (choice >> 4) % 4;
        features.parts[i].head = choice & 64 ? 0 : choice & 128 ? 7 : 40;
    }
    sc_features_plan(&features);
    sc_scratch *scratch = malloc(sizeof *scratch);
    CHECK(scratch);
    sc_scratch_begin(scratch, 0x9E3779B97F4A7C15u * (head[5] + 1u));
    sc_allocations_left = head[6] & 1 ? head[6] >> 1 : -1;
    /* Twice: the second text finds what the first left behind, be it after a failure. */
    for (int round = 0; round < 2; round++) {
        sc_counts counts;
        sc_status status = sc_counts_begin(&counts, &features);
        if (status == SC_OK) status = sc_count(&counts, scratch, by, &features, data, size);
        if (status == SC_OK && by == &tables) compare(&counts, &features, data, size);
        if (status == SC_OK) score_and_explain(by, &counts, &features, head[7]);
        CHECK(status == SC_OK || sc_allocations_left == 0);
        sc_counts_free(&counts);
        sc_allocations_left = -1;
    }
    sc_scratch_free(scratch);
    free(scratch);
}

/* Damage the recorded tables where the input says, and use them should they pass. */
static void damage_tables(const uint8_t *data, size_t size, const uint8_t *head)
{
    const char *why;
    sc_unicode_tables damaged;
    size_t tables_size = file_sizes[with_form], damages = 1 + head[5] % 4, kept = tables_size;
    uint8_t *copy = malloc(tables_size);
    CHECK(copy);
    memcpy(copy, files[with_form], tables_size);
    for (size_t i = 0; i < damages && size >= 6; i++, data += 6, size -= 6)
        memcpy(copy + 4 * ((data[0] | (size_t)data[1] << 8) % (tables_size / 4)), data + 2, 4);
    if (head[5] & 16) kept = tables_size - head[5] % 16 * 4;
    sc_allocations_left = head[6] & 1 ? head[6] >> 5 : -1;
    sc_status status = sc_unicode_tables_read(&damaged, copy, kept, &why);
    sc_allocations_left = -1;
    if (status == SC_OK) {
        count_text(&damaged, data, size, head);
        sc_unicode_tables_free(&damaged);
    }
    free(copy);
}

/* Fit classes on rows that the input makes up, damaged ones among them: refused, or fitted without a number that is
 * none. */
static void fit_rows(const uint8_t *data, size_t size, const uint8_t *head)
{
    enum { ROWS = 24, FEATURES = 16, ENTRIES = 220 };
    int64_t starts[ROWS + 1] = {0};
    int32_t columns[ENTRIES], targets[ROWS];
    float values[ENTRIES], *alpha, *weights, intercepts[SC_LANES];
    double inside[SC_LANES], outside[SC_LANES];
    sc_rows rows = {starts, columns, values, targets, head[1] % (ROWS + 1), 0, 1 + head[2] % FEATURES};
    sc_task task = {head[3] % 5, 1 + head[3] / 5 % SC_LANES, inside, outside, head[4] & 1, head[4] & 2 ? 0.5 : 1e-3,
                    1 + head[5] % 40, head[7]};
    for (size_t i = 0; i < SC_LANES; i++) inside[i] = head[6] & 2 ? 1e6 : 1.0, outside[i] = head[6] & 4 ? 1e-6 : 1.0;
    for (; rows.entries < ENTRIES && size >= 3; rows.entries++, data += 3, size -= 3) {
        columns[rows.entries] = data[0] == 255 ? -1 : data[0] % (FEATURES + 1);
        values[rows.entries] = data[1] == 255 ? NAN : data[1] == 254 ? 1e6f : ((float)data[1] - 100.0f) / 64.0f;
    }
    for (size_t i = 0; i < rows.rows; i++) {
        targets[i] = (int32_t)(i * head[7] % 21);
        size_t end = (size_t)starts[i] + (i < size ? data[i] : (head[7] + i) % 11);
        starts[i + 1] = (int64_t)(i + 1 == rows.rows || end > rows.entries ? rows.entries : end);
    }
    if (head[5] & 64 && rows.rows) starts[head[5] % rows.rows + 1] += 1 - 2 * (head[5] & 1);
    if (!rows.rows) rows.entries = 0;
    if (sc_rows_problem(&rows)) return;
    alpha = malloc((rows.rows * task.count + 1) * sizeof *alpha);
    weights = malloc(rows.features * task.count * sizeof *weights);
    CHECK(alpha && weights);
    for (size_t i = 0; i < rows.rows * task.count; i++) alpha[i] = head[7] & 1 ? 0.0f : i % 3 ? (float)i - 9.0f : NAN;
    sc_allocations_left = head[6] & 1 ? head[6] >> 4 : -1;
    uint32_t epochs = 0;
    sc_status status = sc_dual_descent(&rows, &task, alpha, weights, task.count, intercepts, &epochs);
    CHECK(status == SC_OK || sc_allocations_left == 0);
    sc_allocations_left = -1;
    if (status == SC_OK) {
        CHECK(epochs >= 1 && epochs <= task.max_epochs + 1);
        for (size_t i = 0; i < rows.features * task.count; i++) CHECK(isfinite(weights[i]));
        for (size_t i = 0; i < task.count; i++) CHECK(isfinite(intercepts[i]));
    }
    free(alpha), free(weights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 9 };
    if (size < HEAD || size > HEAD + 700) return 0;
    with_form = data[8] >> 3 & 1;
    if (data[8] % 8 == 0) {
        damage_tables(data + HEAD, size - HEAD, data);
    } else if (data[8] % 8 == 1) {
        fit_rows(data + HEAD, size - HEAD, data);
    } else {
        count_text(&tables, data + HEAD, size - HEAD, data);
    }
    return 0;
}
