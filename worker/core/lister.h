/*
 * Lists as one text: "a, b" and "id=name, id=name".
 *
 * Purpose:    what frames carry of settings, for a person and a program.
 * Owner:      a struct lister owns its text until lister_end().
 * Invariants: the error sticks until lister_end() tells it.
 */

#ifndef CHATDESK_CORE_LISTER_H
#define CHATDESK_CORE_LISTER_H

#include <stddef.h>

struct lister {
    char   *text;               /* owns */
    size_t  len;
    int     failed;
};

/* `name` NULL: the id alone. */
void lister_add(struct lister *list, const char *id, const char *name);

/* Puts the text, fit for one line, into the slot; NULL for an empty one.
   0; -1 for memory, and for a text of more code points: half a list is
   worse than none. */
int lister_end(struct lister *list, char **slot, size_t max_points);

/* Whether "id=name, ..." has the id. */
int lister_has(const char *text, const char *id, size_t len);

#endif /* CHATDESK_CORE_LISTER_H */
