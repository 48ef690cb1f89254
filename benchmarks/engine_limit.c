/* What no engine of hashed n-grams can go below, for benchmarks/engine.py: the engine's own hashing of tokens that
 * somebody else has cut, and one read from the row of each n-gram. No folding, no tokenization, no counting, no adding up.
 */
#include "../smartcat/classifier/_engine/ngrams.c"
#include "../smartcat/classifier/_engine/windows.c"

/* Every n-gram hashed, and one byte read from its row of `columns`. Returns what was read, so that it is read. */
int64_t limit_of_grams(const uint8_t *text, const uint32_t *ends, size_t count, int is_chars, uint32_t shortest,
                       uint32_t longest, const int8_t *weights, uint32_t mask, size_t columns)
{
    static sc_chunk chunk;
    static const uint32_t once[1 << 20];
    sc_tokens tokens = {.text = text, .ends = ends, .repeats = once, .count = count, .ascii = 0};
    sc_part part = {is_chars ? SC_CHARS : SC_WORDS, shortest, longest, 0};
    sc_cursor cursor = {0};
    int64_t sum = 0;
    if (count > 1 << 20) return -1;
    for (sc_next_ngrams(&tokens, part, &cursor, &chunk); chunk.count; sc_next_ngrams(&tokens, part, &cursor, &chunk))
        for (size_t i = 0; i < chunk.count; i++) sum += weights[sc_bucket(chunk.hashes[i], mask) * columns];
    return sum;
}

/* The bytes of a text hashed once as a whole, and one byte read from the row of each of its distinct features. */
int64_t limit_of_bytes(const uint8_t *text, size_t bytes, const uint32_t *features, size_t count,
                       const int8_t *weights, size_t columns)
{
    int64_t sum = sc_murmur(text, bytes);
    for (size_t i = 0; i < count; i++) sum += weights[features[i] * columns];
    return sum;
}
