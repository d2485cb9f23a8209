/*
 * Forms: what a visitor is asked before a conversation, and answers.
 *
 *     topic=order&number=A-17&note=two%20words
 *
 * Purpose:    reads and writes answers as they travel
 *             (application/x-www-form-urlencoded, what URLSearchParams
 *             makes) and checks them against the flow's form.
 * Owner:      the caller owns a struct form; keys and values in it borrow
 *             from its own text.
 * Invariants: at most FORM_FIELDS_MAX answers, each key once; values are
 *             valid UTF-8 on one line.
 */

#ifndef CHATDESK_CORE_FORM_H
#define CHATDESK_CORE_FORM_H

#include "chatdesk_wire.h"

#include "core/flow_settings.h"

#define FORM_FIELDS_MAX  16
#define FORM_KEY_MAX     32
#define FORM_BYTES       2000       /* as they travel; that of CD_F_FORM */

struct form_answer {
    const char *key;
    const char *value;
};

struct form {
    struct form_answer  answers[FORM_FIELDS_MAX];
    size_t              count;
    char                text[FORM_BYTES + 1];
};

enum form_fault {
    FORM_GOOD = 0,
    FORM_BROKEN = 1,            /* no form at all */
    FORM_UNKNOWN = 2,           /* a key that the flow does not ask for */
    FORM_LONG = 3,
    FORM_MISSING = 4,
    FORM_WRONG = 5              /* no choice of the field, or no address */
};

int form_key_ok(struct cd_str key);

/* 0; -1 for what is no list of answers, the form is then empty. */
int form_decode(struct form *form, struct cd_str text);

/* Writes it back, at most `size` - 1 bytes; the length, or 0 when it does
   not fit (or is empty). */
size_t form_encode(const struct form *form, char *out, size_t size);

/* The answer for a key; NULL for none. */
const char *form_value(const struct form *form, const char *key);

/* Adds the answers of `known` that `form` lacks, the flow asks for and would
   take today.  How many it would not take: these are to be asked again. */
size_t form_merge(struct form *form, const struct form *known,
    const struct field_settings *fields, size_t count);

/* What is known from now on: the answers of `form`, then those of `known` to
   other questions that fit in, without those that a field would not take
   today.  `all` borrows of both. */
void form_join(struct form *all, const struct form *form,
    const struct form *known, const struct field_settings *fields,
    size_t count);

/* What is wrong with it, and in `key` (a constant or of the form) where. */
enum form_fault form_check(const struct form *form,
    const struct field_settings *fields, size_t count, int open,
    const char **key);

#endif /* CHATDESK_CORE_FORM_H */
