/* The canonical form of a text (smartcat/classifier/canonical_text.py), all but its white space: characters that
 * compose, other shapes of letters, characters that nobody sees. Text that is in form already is not copied.
 */
#ifndef SMARTCAT_CANONICAL_H
#define SMARTCAT_CANONICAL_H

#include "form_tables.h"

/* Memory that is used for one text after the other. */
typedef struct {
    sc_array bytes;   /* uint8_t: the text in form, and SC_SLACK further bytes */
    sc_array cluster; /* uint32_t: a letter and its marks, each with its class above bit 24 */
    sc_array sorted;  /* uint32_t: room for sorting the marks */
} sc_canonical;

/* A text of UTF-8. */
typedef struct {
    const uint8_t *at;
    size_t bytes;
} sc_text;

/* Bring a text into form; the result is the text itself, or lies in `memory`. */
sc_status sc_to_form(const sc_form *form, sc_canonical *memory, sc_text *text);

/* Bytes of a text in form up to so many characters of it, leading white space not counted, any other run of white
 * space counted as one. */
size_t sc_form_head(const sc_form *form, sc_text text, uint32_t characters);

void sc_canonical_trim(sc_canonical *memory, size_t keep_bytes);

#endif
