/*
 * What differs between two documents, for people.
 *
 *   + queues/vip
 *   - queues/old
 *   ~ queues/help
 *       priority: 5 -> 3
 *
 * Purpose:    see ctl.h.
 * Owner:      nothing.
 * Invariants: hashes of passwords and keys are not printed.
 */

#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "io/desk_kind.h"
#include "io/document.h"


static int
is_secret(const char *name)
{
    return strcmp(name, "password_hash") == 0 || strcmp(name, "sha256") == 0;
}


static const char *
shown(const char *name, struct json_object *value)
{
    if (value == NULL) {
        return "nothing";
    }

    return is_secret(name) ? "(not shown)"
           : json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN
                                            | JSON_C_TO_STRING_NOSLASHESCAPE);
}


static void
show_member(const char *name, struct json_object *old,
    struct json_object *fresh)
{
    /* each text lives until its object is printed again */
    printf("    %s: %s", name, shown(name, old));
    printf(" -> %s\n", shown(name, fresh));
}


static void
show_members(struct json_object *old, struct json_object *fresh)
{
    struct json_object  *other;

    json_object_object_foreach(fresh, name, value) {
        other = NULL;
        json_object_object_get_ex(old, name, &other);

        if (!json_object_equal(value, other)) {
            show_member(name, other, value);
        }
    }

    json_object_object_foreach(old, gone, was) {
        if (!json_object_object_get_ex(fresh, gone, NULL)) {
            show_member(gone, was, NULL);
        }
    }
}


void
ctl_show_object(const char *kind, const char *id, struct json_object *old,
    struct json_object *fresh)
{
    printf("%c %s%s%s\n", old == NULL ? '+' : fresh == NULL ? '-' : '~',
           kind, id[0] != '\0' ? "/" : "", id);

    if (old != NULL && fresh != NULL) {
        show_members(old, fresh);
    }
}


static void
show_one(void *data, enum desk_kind_no kind, const char *id,
    struct json_object *old, struct json_object *fresh)
{
    size_t  *count = data;

    (*count)++;
    ctl_show_object(kind == DESK_KINDS ? "desk" : desk_kind(kind)->name, id,
                    old, fresh);
}


size_t
ctl_show(struct json_object *old, struct json_object *wanted)
{
    size_t  count = 0;

    document_diff(old, wanted, show_one, &count);

    return count;
}
