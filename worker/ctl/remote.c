/*
 * The settings of a desk, read in pages and written at once or in parts.
 *
 * Purpose:    see ctl.h.
 * Owner:      documents belong to the caller.
 * Invariants: every write names the revision that it was made for, so that a
 *             change of somebody else is never lost; after each part the
 *             settings hold.
 */

#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "io/desk_kind.h"
#include "io/document.h"

#define READS_MAX  3            /* when others change the settings meanwhile */


/* -- reading -- */

static int
read_item(struct json_object *document, struct json_object *item)
{
    const char          *name;
    struct json_object  *kind = NULL, *object = NULL, *list = NULL;

    if (!json_object_object_get_ex(item, "kind", &kind)
        || !json_object_object_get_ex(item, "object", &object)
        || !json_object_is_type(object, json_type_object))
    {
        return -1;
    }

    name = json_object_get_string(kind);

    if (strcmp(name, "desk") == 0) {
        json_object_object_foreach(object, member, value) {
            json_object_object_add(document, member, json_object_get(value));
        }
        return 0;
    }

    if (!json_object_object_get_ex(document, name, &list)) {
        list = json_object_new_array();
        json_object_object_add(document, name, list);
    }

    return json_object_array_add(list, json_object_get(object));
}


/* One page; the next cursor in `cursor`, empty after the last.  0 or -1. */

static int
read_page(struct ctl *ctl, struct json_object *document, char *cursor,
    size_t size, struct fault *fault)
{
    int                  rc = 0;
    char                 path[256];
    size_t               i;
    struct json_object  *page, *items = NULL, *next = NULL;

    snprintf(path, sizeof(path), "config?limit=500%s%s",
             cursor[0] != '\0' ? "&cursor=" : "", cursor);
    page = ctl_request(ctl, "GET", path, NULL, NULL, fault);

    if (page == NULL) {
        return -1;
    }

    json_object_object_get_ex(page, "items", &items);
    json_object_object_get_ex(page, "next", &next);

    for (i = 0; json_object_is_type(items, json_type_array)
                && i < json_object_array_length(items); i++)
    {
        rc |= read_item(document, json_object_array_get_idx(items, i));
    }

    snprintf(cursor, size, "%s",
             next != NULL ? json_object_get_string(next) : "");

    if (items == NULL || rc != 0) {
        fault_set(fault, "the desk's answer is not a page of settings");
        rc = -1;
    }

    json_object_put(page);

    return rc;
}


/* All pages of one revision; 1 when it was another one in between. */

static int
read_pages(struct ctl *ctl, struct json_object *document,
    struct fault *fault)
{
    char  cursor[192] = "", tag[CTL_TAG_MAX] = "";

    do {
        if (read_page(ctl, document, cursor, sizeof(cursor), fault) != 0) {
            return -1;
        }

        if (tag[0] != '\0' && strcmp(tag, ctl->tag) != 0) {
            return 1;
        }

        memcpy(tag, ctl->tag, sizeof(tag));
    } while (cursor[0] != '\0');

    return 0;
}


struct json_object *
ctl_read(struct ctl *ctl, struct fault *fault)
{
    int                  i, rc = 1;
    struct json_object  *document, *sorted = NULL;

    for (i = 0; i < READS_MAX && rc > 0; i++) {
        document = json_object_new_object();
        rc = read_pages(ctl, document, fault);

        if (rc == 0) {
            sorted = document_sorted(document);
        }

        json_object_put(document);
    }

    if (rc > 0) {
        fault_set(fault, "the settings are being changed; try again");
    }

    return sorted;
}


/* -- writing -- */

struct part {
    struct ctl          *ctl;
    struct fault        *fault;
    struct json_object  *body;
    struct json_object  *put;           /* of the body */
    struct json_object  *drop;
    size_t               bytes;
    int                  dropping;      /* the pass: puts first, then drops */
    enum desk_kind_no    kind;          /* of this pass */
    int                  failed;
};


static void
part_new(struct part *part)
{
    part->body = json_object_new_object();
    part->put = json_object_new_object();
    part->drop = json_object_new_object();
    json_object_object_add(part->body, "put", part->put);
    json_object_object_add(part->body, "delete", part->drop);
    part->bytes = 0;
}


static void
part_send(struct part *part)
{
    char                 tag[CTL_TAG_MAX];
    struct json_object  *answer;

    if (!part->failed && part->bytes > 0) {
        memcpy(tag, part->ctl->tag, sizeof(tag));
        answer = ctl_request(part->ctl, "PATCH", "config", part->body, tag,
                             part->fault);
        part->failed = answer == NULL;
        json_object_put(answer);
    }

    json_object_put(part->body);
    part_new(part);
}


static void
part_add(void *data, enum desk_kind_no kind, const char *id,
    struct json_object *old, struct json_object *fresh)
{
    size_t               len = strlen(id);
    struct part         *part = data;
    struct json_object  *lists = part->dropping ? part->drop : part->put;
    struct json_object  *list = NULL;

    (void) old;

    if (kind != part->kind || kind == DESK_KINDS
        || (fresh == NULL) != part->dropping)
    {
        return;
    }

    if (fresh != NULL) {
        json_object_to_json_string_length(fresh, JSON_C_TO_STRING_PLAIN,
                                          &len);
    }

    if (part->bytes + len > CTL_BODY_MAX) {
        part_send(part);
        lists = part->dropping ? part->drop : part->put;
    }

    part->bytes += len + 4;

    if (!json_object_object_get_ex(lists, desk_kind(kind)->name, &list)) {
        list = json_object_new_array();
        json_object_object_add(lists, desk_kind(kind)->name, list);
    }

    json_object_array_add(list, fresh != NULL ? json_object_get(fresh)
                                              : json_object_new_string(id));
}


/* Objects in the order in which they refer to each other, then the scalars,
   then what goes, in the other order. */

static int
write_parts(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, struct fault *fault)
{
    int          kind;
    struct part  part = { .ctl = ctl, .fault = fault };

    part_new(&part);

    for (kind = 0; kind < DESK_KINDS; kind++) {
        part.kind = (enum desk_kind_no) kind;
        document_diff(old, wanted, part_add, &part);
    }

    part_send(&part);
    json_object_object_add(part.body, "desk", document_scalars(wanted));
    part.bytes = 1;
    part.dropping = 1;

    for (kind = DESK_KINDS - 1; kind >= 0; kind--) {
        part.kind = (enum desk_kind_no) kind;
        document_diff(old, wanted, part_add, &part);
    }

    part_send(&part);
    json_object_put(part.body);

    return part.failed ? -1 : 0;
}


/* Whether the settings fit into one request. */

static int
write_whole(struct json_object *wanted)
{
    size_t  len = 0;

    json_object_to_json_string_length(wanted, JSON_C_TO_STRING_PLAIN, &len);

    return len <= CTL_BODY_MAX;
}


static int
write_put(struct ctl *ctl, const char *path, struct json_object *wanted,
    struct fault *fault)
{
    char                 tag[CTL_TAG_MAX];
    struct json_object  *answer;

    memcpy(tag, ctl->tag, sizeof(tag));
    answer = ctl_request(ctl, "PUT", path, wanted, tag, fault);
    json_object_put(answer);

    return answer != NULL ? 0 : -1;
}


int
ctl_try(struct ctl *ctl, struct json_object *wanted, struct fault *fault)
{
    return write_whole(wanted)
           ? write_put(ctl, "config?dry_run=1", wanted, fault) : 0;
}


int
ctl_write(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, struct fault *fault)
{
    return write_whole(wanted) ? write_put(ctl, "config", wanted, fault)
                               : write_parts(ctl, old, wanted, fault);
}
