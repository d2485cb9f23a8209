/*
 * PCRE2 within limits; see pattern.h.
 *
 * Purpose:    compile, match, free; the library stays behind this file.
 * Owner:      a pattern owns its code, contexts and the one match block that
 *             all of its matches use.
 * Invariants: those of pattern.h.  The just-in-time compiler is not used:
 *             its limits are others, and rules match once a conversation.
 */

#define PCRE2_CODE_UNIT_WIDTH  8

#include "core/pattern.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#define NEST_MAX  32            /* parentheses within parentheses */

struct pattern {
    pcre2_code           *code;         /* owns */
    pcre2_match_data     *block;        /* owns */
    pcre2_match_context  *limits;       /* owns */
};


void
pattern_free(struct pattern **owned)
{
    struct pattern  *pattern = *owned;

    *owned = NULL;

    if (pattern != NULL) {
        pcre2_match_context_free(pattern->limits);
        pcre2_match_data_free(pattern->block);
        pcre2_code_free(pattern->code);
        free(pattern);
    }
}


static pcre2_code *
pattern_compile(const char *source, char *why, size_t size)
{
    int                     error;
    PCRE2_SIZE              at, bytes = 0;
    pcre2_code             *code;
    pcre2_compile_context  *context;

    context = pcre2_compile_context_create(NULL);
    if (context == NULL) {
        snprintf(why, size, "out of memory");
        return NULL;
    }

    pcre2_set_parens_nest_limit(context, NEST_MAX);
    pcre2_set_max_pattern_length(context, 4 * PATTERN_POINTS);

    code = pcre2_compile((PCRE2_SPTR) source, PCRE2_ZERO_TERMINATED,
                         PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                         &error, &at, context);
    pcre2_compile_context_free(context);

    if (code == NULL) {
        char  text[120];

        pcre2_get_error_message(error, (PCRE2_UCHAR *) text, sizeof(text));
        snprintf(why, size, "at %zu: %s", (size_t) at, text);
        return NULL;
    }

    pcre2_pattern_info(code, PCRE2_INFO_SIZE, &bytes);

    if (bytes > PATTERN_BYTES) {
        snprintf(why, size, "it is too large: %zu bytes compiled, %d are "
                 "allowed", (size_t) bytes, PATTERN_BYTES);
        pcre2_code_free(code);
        return NULL;
    }

    return code;
}


struct pattern *
pattern_new(const char *source, char *why, size_t size)
{
    struct pattern  *pattern = calloc(1, sizeof(struct pattern));

    if (pattern == NULL) {
        snprintf(why, size, "out of memory");
        return NULL;
    }

    pattern->code = pattern_compile(source, why, size);
    if (pattern->code == NULL) {
        pattern_free(&pattern);
        return NULL;
    }

    /* one pair: whether it fits is all that is asked */
    pattern->block = pcre2_match_data_create(1, NULL);
    pattern->limits = pcre2_match_context_create(NULL);

    if (pattern->block == NULL || pattern->limits == NULL) {
        snprintf(why, size, "out of memory");
        pattern_free(&pattern);
        return NULL;
    }

    pcre2_set_match_limit(pattern->limits, PATTERN_STEPS);
    pcre2_set_depth_limit(pattern->limits, PATTERN_DEPTH);
    pcre2_set_heap_limit(pattern->limits, PATTERN_HEAP_KB);

    return pattern;
}


/* The library counts its steps anew from each place of the text, so that the
   text's length is a limit as well; it is cut between two characters. */

static size_t
pattern_cut(struct cd_str text)
{
    size_t  len = text.len;

    if (len > PATTERN_TEXT) {
        len = PATTERN_TEXT;
        while (len > 0 && (text.data[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    return len;
}


enum pattern_found
pattern_match(const struct pattern *pattern, struct cd_str text)
{
    int  rc;

    rc = pcre2_match(pattern->code, (PCRE2_SPTR) text.data,
                     pattern_cut(text), 0, 0, pattern->block,
                     pattern->limits);

    if (rc >= 0) {
        return PATTERN_YES;
    }

    /* text that is not UTF-8 fits nothing */
    return rc == PCRE2_ERROR_NOMATCH
           || (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21)
           ? PATTERN_NO : PATTERN_LIMIT;
}
