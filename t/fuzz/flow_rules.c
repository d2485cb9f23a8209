/*
 * Fuzz target: forms, globs and patterns of a flow's rules.
 *
 * The input is three texts, divided by zero bytes: a form, a glob, a pattern;
 * what is behind them is matched.  Whatever they are, a form that was read
 * must be written and read as the same, and every match must end soon.
 *
 * link: worker/core/form.c worker/core/glob.c worker/core/pattern.c
 * link: worker/core/text.c -lmsgpackc -lpcre2-8
 */

#include <stdlib.h>

#include "core/form.h"
#include "core/glob.h"
#include "core/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* The next text, terminated where it lies in `from`. */

static struct cd_str
next_text(char **from, size_t *left)
{
    struct cd_str  text = { *from, strlen(*from) };

    if (text.len < *left) {
        *from += text.len + 1;
        *left -= text.len + 1;
    } else {
        *from += *left;
        *left = 0;
    }

    return text;
}


static void
try_form(struct cd_str text)
{
    size_t        i, len;
    static char   out[FORM_BYTES * 3 + 1];
    struct form   form, again;
    struct cd_str written;

    if (form_decode(&form, text) != 0 || form.count == 0) {
        return;
    }

    len = form_encode(&form, out, sizeof(out));
    written.data = out;
    written.len = len;

    if (len == 0) {
        abort();
    }

    if (len > FORM_BYTES) {
        return;
    }

    if (form_decode(&again, written) != 0 || again.count != form.count) {
        abort();
    }

    for (i = 0; i < form.count; i++) {
        if (strcmp(form.answers[i].value, again.answers[i].value) != 0) {
            abort();
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char             why[200], *copy, *at;
    size_t           left = size;
    struct cd_str    form, glob, pattern, text;
    struct pattern  *compiled;

    copy = malloc(size + 1);
    if (copy == NULL) {
        return 0;
    }

    memcpy(copy, data, size);
    copy[size] = '\0';
    at = copy;
    form = next_text(&at, &left);
    glob = next_text(&at, &left);
    pattern = next_text(&at, &left);
    text.data = at;
    text.len = left;

    try_form(form);
    (void) glob_match(glob.data, text);

    compiled = pattern_new(pattern.data, why, sizeof(why));
    if (compiled != NULL) {
        (void) pattern_match(compiled, text);
        pattern_free(&compiled);
    }

    free(copy);

    return 0;
}
