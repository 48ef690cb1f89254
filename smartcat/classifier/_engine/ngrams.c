/* Hashing n-grams, see ngrams.h. This is the engine's inner loop together with count_table.c. */
#include "ngrams.h"

#include "murmur.h"
#include "utf8.h"
#include "windows.h"

/* Longer tokens are hashed in several chunks; of shorter ones all n-grams fit into one. */
#define SHORT_TOKEN 256u

static inline size_t start_of(const sc_tokens *tokens, sc_part part, size_t token)
{
    return sc_token_start(tokens, token, part.analyzer);
}

/* The n-grams of words that begin with one token share its bytes, so the state of the hash runs on from each to
 * the next and every byte is read once for all lengths. */
static inline size_t hash_words_at(const sc_tokens *tokens, sc_part part, size_t token, uint32_t *out)
{
    const uint8_t *start = tokens->text + start_of(tokens, part, token), *at = start;
    size_t most = tokens->count - token < part.longest ? tokens->count - token : part.longest, count = 0;
    uint32_t state = 0;
    for (size_t n = 1; n <= most; n++) {
        const uint8_t *end = tokens->text + tokens->ends[token + n - 1];
        for (; end - at >= 4; at += 4) state = sc_murmur_block(state, sc_load32(at));
        if (n >= part.shortest) out[count++] = sc_murmur_end(state, at, (size_t)(end - start));
    }
    return count;
}

static void next_words(const sc_tokens *tokens, sc_part part, sc_cursor *cursor, sc_chunk *chunk)
{
    while (cursor->token < tokens->count && chunk->count <= SC_CHUNK - SC_LONGEST_NGRAM)
        chunk->count += hash_words_at(tokens, part, cursor->token++, chunk->hashes + chunk->count);
}

/* All n-grams of a short ASCII token (`length` bytes with its two spaces). */
static void add_ascii_token(const uint8_t *at, size_t length, sc_part part, uint32_t repeats, sc_chunk *chunk)
{
    size_t first = chunk->count;
    for (size_t n = part.shortest; n <= part.longest; n++) {
        size_t bytes = length < n ? length : n;
        sc_hash_windows(at, length - bytes + 1, bytes, chunk->hashes + chunk->count);
        chunk->count += length - bytes + 1;
        if (length <= n) break; /* a token no longer than n is one n-gram, of this length and of no other */
    }
    for (size_t i = first; i < chunk->count; i++) chunk->repeats[i] = repeats;
}

/* Advance by one character. */
static inline size_t after(const uint8_t *text, size_t at) { return at + sc_width(text[at]); }

/* Move the cursor to the next n-gram of a token that ends (with its space) at `end`; false where it was the last. */
static int next_window(const sc_tokens *tokens, sc_part part, sc_cursor *cursor, size_t start, size_t end)
{
    const uint8_t *text = tokens->text;
    if (cursor->n && cursor->to < end) {
        cursor->from = after(text, cursor->from);
        cursor->to = after(text, cursor->to);
        return 1;
    }
    /* The first window of a length took the whole token: longer ones would only repeat it. */
    if (cursor->n && cursor->from == start) return 0;
    cursor->n = cursor->n ? cursor->n + 1 : part.shortest;
    if (cursor->n > part.longest) return 0;
    cursor->from = cursor->to = start;
    for (uint32_t i = 0; i < cursor->n && cursor->to < end; i++) cursor->to = after(text, cursor->to);
    return 1;
}

/* The same of a token with other characters: where they begin is found once for n-grams of all lengths. */
static void add_token(const uint8_t *at, size_t length, sc_part part, uint32_t repeats, sc_chunk *chunk)
{
    uint16_t starts[SHORT_TOKEN + 1];
    size_t characters = 0, first = chunk->count;
    for (size_t byte = 0; byte < length; byte = after(at, byte)) starts[characters++] = (uint16_t)byte;
    starts[characters] = (uint16_t)length;
    for (size_t n = part.shortest; n <= part.longest; n++) {
        size_t together = characters < n ? characters : n;
        for (size_t i = 0; i + together <= characters; i++)
            chunk->hashes[chunk->count++] = sc_murmur(at + starts[i], (size_t)(starts[i + together] - starts[i]));
        if (characters <= n) break;
    }
    for (size_t i = first; i < chunk->count; i++) chunk->repeats[i] = repeats;
}

static int is_ascii(const uint8_t *at, size_t bytes)
{
    uint8_t all = 0;
    for (size_t i = 0; i < bytes; i++) all |= at[i];
    return all < 0x80;
}

static void next_chars(const sc_tokens *tokens, sc_part part, sc_cursor *cursor, sc_chunk *chunk)
{
    for (; cursor->token < tokens->count; cursor->token++) {
        size_t start = start_of(tokens, part, cursor->token) - 1, end = (size_t)tokens->ends[cursor->token] + 1;
        size_t length = end - start;
        uint32_t repeats = tokens->repeats[cursor->token];
        if (length <= SHORT_TOKEN && chunk->count + length * (part.longest - part.shortest + 1) > SC_CHUNK) return;
        if (length <= SHORT_TOKEN) {
            const uint8_t *at = tokens->text + start;
            if (tokens->ascii || is_ascii(at, length)) {
                add_ascii_token(at, length, part, repeats, chunk);
            } else {
                add_token(at, length, part, repeats, chunk);
            }
            continue;
        }
        while (chunk->count < SC_CHUNK) {
            if (!next_window(tokens, part, cursor, start, end)) {
                cursor->n = 0;
                break;
            }
            chunk->hashes[chunk->count] = sc_murmur(tokens->text + cursor->from, cursor->to - cursor->from);
            chunk->repeats[chunk->count++] = repeats;
        }
        if (cursor->n) return; /* the chunk is full and the token goes on */
    }
}

void sc_next_ngrams(const sc_tokens *tokens, sc_part part, sc_cursor *cursor, sc_chunk *chunk)
{
    chunk->count = 0;
    if (part.analyzer == SC_CHARS) {
        next_chars(tokens, part, cursor, chunk);
    } else {
        next_words(tokens, part, cursor, chunk);
    }
}

size_t sc_ngrams_of_token(const sc_tokens *tokens, sc_part part, size_t token)
{
    if (part.analyzer == SC_WORDS) {
        size_t left = tokens->count - token, most = left < part.longest ? left : part.longest;
        return most < part.shortest ? 0 : most - part.shortest + 1;
    }
    size_t start = start_of(tokens, part, token), bytes = tokens->ends[token] - start, ngrams = 0;
    size_t length = 2 + (tokens->ascii ? bytes : sc_characters(tokens->text + start, bytes));
    for (size_t n = part.shortest; n <= part.longest; n++) {
        ngrams += length < n ? 1 : length - n + 1;
        if (length <= n) break;
    }
    return ngrams;
}

sc_span sc_locate_ngram(const sc_tokens *tokens, sc_part part, sc_ngram_locator *locator, size_t number)
{
    for (;;) {
        if (!locator->known) locator->ngrams = sc_ngrams_of_token(tokens, part, locator->token);
        locator->known = 1;
        if (number < locator->first + locator->ngrams) break;
        sc_ngram_locator next = {.token = locator->token + 1, .first = locator->first + locator->ngrams};
        *locator = next;
    }
    size_t start = start_of(tokens, part, locator->token), index = number - locator->first;
    if (part.analyzer == SC_WORDS) {
        sc_span words = {start, tokens->ends[locator->token + part.shortest - 1 + index] - start};
        return words;
    }
    for (; locator->steps <= index; locator->steps++)
        next_window(tokens, part, &locator->cursor, start - 1, (size_t)tokens->ends[locator->token] + 1);
    sc_span characters = {locator->cursor.from, locator->cursor.to - locator->cursor.from};
    return characters;
}
