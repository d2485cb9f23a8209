/*
 * Lists as one text; see lister.h.
 *
 * Purpose:    joins, and looks an id up again.
 * Owner:      the caller.
 * Invariants: those of lister.h.
 */

#include "core/lister.h"

#include <stdlib.h>
#include <string.h>

#include "core/id.h"
#include "core/text.h"


static void
lister_put(struct lister *list, const char *text)
{
    char    *more;
    size_t   len = strlen(text);

    more = list->failed ? NULL : realloc(list->text, list->len + len + 1);
    if (more == NULL) {
        list->failed = 1;
        return;
    }

    memcpy(more + list->len, text, len + 1);
    list->text = more;
    list->len += len;
}


void
lister_add(struct lister *list, const char *id, const char *name)
{
    if (list->len > 0) {
        lister_put(list, ", ");
    }

    lister_put(list, id);

    if (name != NULL) {
        lister_put(list, "=");
        lister_put(list, name);
    }
}


int
lister_end(struct lister *list, char **slot, size_t max_points)
{
    int  rc = -1;

    if (!list->failed && text_points(list->text, list->len) <= max_points) {
        rc = text_set(slot, str_of(list->text != NULL ? list->text : ""),
                      max_points);
    }

    free(list->text);
    list->text = NULL;

    return rc;
}


int
lister_has(const char *text, const char *id, size_t len)
{
    size_t  part;

    while (text != NULL && *text != '\0') {
        part = strcspn(text, "=,");

        if (part == len && memcmp(text, id, len) == 0) {
            return 1;
        }

        text = strstr(text, ", ");
        text = text != NULL ? text + 2 : NULL;
    }

    return 0;
}
