/*
 * One template: made from settings, packed, unpacked.
 *
 * Purpose:    what templates.c puts into its index.
 * Owner:      whoever holds a template that is not in the index.
 * Invariants: a template that was made or unpacked holds (templates.h).
 */

#ifndef CHATDESK_CORE_TEMPLATES_MAKE_H
#define CHATDESK_CORE_TEMPLATES_MAKE_H

#include "core/templates.h"

/* Whether a desk has an attribute of this key: its own, or a form's. */
int template_key_known(void *desk, struct cd_str key);

/* CD_E_OK with *made, or why not; *made is then NULL. */
enum cd_error template_make(struct desk *desk,
    const struct template_settings *settings, struct template **made,
    struct template_refusal *refusal);
void template_free(struct template **template);

/* Whether the two say the same. */
int template_same(const struct template *a, const struct template *b);

/* Length in bytes, 0 when it does not fit. */
size_t template_pack(const struct template *template, char *buf, size_t cap);

/* NULL for memory or an entity that does not hold. */
struct template *template_unpack(struct fields *fields);

/* "<owner>/<id>", or "<id>" of a shared one. */
void template_key(char *out, const char *owner, const char *id);

#endif /* CHATDESK_CORE_TEMPLATES_MAKE_H */
