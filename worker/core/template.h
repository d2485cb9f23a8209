/*
 * Texts with variables: parsed once, filled in often.
 *
 *   Good day {{client.name|dear customer}}, this is {{agent.name}}.
 *
 * A variable stands between {{ and }}, with what takes its place when there
 * is no value behind a |.  Spaces around either do not count.  \{{ stands
 * for {{ itself; single braces and other backslashes are what they are.
 *
 * Purpose:    refuses what is not right when it is saved, with the place;
 *             fills in without failing.
 * Owner:      a struct template_text owns its copy of the text.
 * Invariants: a parsed text has at most CD_LIMIT_TEMPLATE_TEXT code points
 *             and CD_LIMIT_TEMPLATE_VARIABLES variables; what is filled in
 *             is text and never parsed again; a result is valid UTF-8, has
 *             no control characters but line feeds and tabs, and nothing
 *             that turns the direction of the text around it.
 */

#ifndef CHATDESK_CORE_TEMPLATE_H
#define CHATDESK_CORE_TEMPLATE_H

#include "chatdesk_wire.h"

enum variable {
#define CD_VARIABLE(id, name, doc)  VARIABLE_##id,
#include "tbl/variables.h"
#undef CD_VARIABLE
    VARIABLE_CUSTOM             /* custom.<key> */
};

struct template_text;

/* where and why a text is refused; lines and columns count from 1 */
struct template_fault {
    unsigned     line;
    unsigned     column;        /* in code points */
    const char  *why;           /* constant text */
};

/* NULL with *fault set; `why` is "no memory" when that is it. */
struct template_text *template_parse(struct cd_str text,
    struct template_fault *fault);
void template_text_free(struct template_text **text);

/* Whether there is an attribute of this key. */
typedef int (*template_known)(void *context, struct cd_str key);

/* Looks for a custom.<key> that is neither known nor has something in its
   place: -1 with *fault set, 0 when there is none. */
int template_all_known(const struct template_text *text,
    template_known known, void *context, struct template_fault *fault);

/* The text as it was given. */
struct cd_str template_source(const struct template_text *text);

/* What takes the place of a variable, empty when there is no value.  `key`
   is that of VARIABLE_CUSTOM.  Borrows until the next call. */
typedef struct cd_str (*template_value)(void *context,
    enum variable variable, struct cd_str key);

/* bytes that are always enough for a result, with its end */
#define TEMPLATE_RESULT_MAX  (4 * 8000 + 1)

/*
 * Fills in, at most CD_LIMIT_TEXT code points, cut at the end.  `out` has
 * TEMPLATE_RESULT_MAX bytes and is terminated.  Returns the length in bytes.
 */
size_t template_render(const struct template_text *text,
    template_value value, void *context, char *out);

/* Appends at most `max_points` code points, made fit as a value is.  Returns
   the length of what was written; `out` has four bytes for each point. */
size_t template_clean(char *out, struct cd_str in, size_t max_points);

#endif /* CHATDESK_CORE_TEMPLATE_H */
