/* N-grams: from the tokens of a text to the hashes of its n-grams, in a fixed order, some thousands at a time. */
#ifndef SMARTCAT_NGRAMS_H
#define SMARTCAT_NGRAMS_H

#include "tokens.h"

#define SC_LONGEST_NGRAM 10u

/* One kind of n-grams: of what, and of how many. */
typedef struct {
    sc_analyzer analyzer;
    uint32_t shortest, longest; /* 1 <= shortest <= longest <= SC_LONGEST_NGRAM */
    uint32_t head;              /* only the first so many characters of a text; 0 for all of it */
} sc_part;

/* The next n-gram to hash: zero everything to begin. `n` and the stretch are used within a long token only. */
typedef struct {
    size_t token;
    uint32_t n; /* 0 at the beginning of a token */
    size_t from, to;
} sc_cursor;

/* Most n-grams that one call returns; a short token's are never divided between two. */
#define SC_CHUNK 4096u

typedef struct {
    uint32_t hashes[SC_CHUNK + 64];
    uint32_t repeats[SC_CHUNK + 64]; /* filled for SC_CHARS only */
    size_t count;
} sc_chunk;

/* Position of an n-gram in the text of its tokens. */
typedef struct {
    size_t start, bytes;
} sc_span;

/* Hash the next n-grams; an empty chunk means that there are no more. */
void sc_next_ngrams(const sc_tokens *tokens, sc_part part, sc_cursor *cursor, sc_chunk *chunk);

/* How many n-grams begin with (words) or lie in (characters) a token: they follow one another, token after token. */
size_t sc_ngrams_of_token(const sc_tokens *tokens, sc_part part, size_t token);

/* Finds n-grams by their number in the order of sc_next_ngrams. Zero everything to begin; numbers must ascend, so that
 * a whole text costs one walk through it however many are asked for. */
typedef struct {
    size_t token;
    size_t first, ngrams; /* number of the token's first n-gram, and how many it has once `known` */
    int known;
    sc_cursor cursor; /* within the token, for characters */
    size_t steps;     /* how many of its n-grams the cursor has passed */
} sc_ngram_locator;

/* Locate an n-gram: locator->token is then the token that it begins with or lies in. */
sc_span sc_locate_ngram(const sc_tokens *tokens, sc_part part, sc_ngram_locator *locator, size_t number);

#endif
