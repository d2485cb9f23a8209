/*
 * /v1/desk and /v1/config: the scalars, and all of the settings at once.
 *
 * Purpose:    reads and changes that are about more than one object; what
 *             `chatdeskctl` works with.
 * Owner:      documents are shared with struct config.
 * Invariants: a change of many objects holds as a whole or not at all; a dry
 *             run answers what would change and changes nothing.
 */

#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "api/settings.h"
#include "io/desk_kind.h"
#include "io/document.h"

#define CHANGES_MAX  200        /* that an answer lists; the rest is counted */


static struct json_object *
config_root(const struct api_call *call)
{
    return config_file(call->on->config)->root;
}


static void
config_tag(const struct api_call *call, char *tag, size_t size)
{
    snprintf(tag, size, "\"r%llu\"",
             (unsigned long long) config_revision(call->on->config));
}


/* -- changes -- */

struct told {
    struct api_call     *call;
    struct json_object  *list;
    uint64_t             count;
};


static const char *
told_kind(enum desk_kind_no kind)
{
    return kind == DESK_KINDS ? "desk" : desk_kind(kind)->name;
}


static const char *
told_what(const struct json_object *old, const struct json_object *fresh)
{
    return old == NULL ? "create" : fresh == NULL ? "delete" : "update";
}


static void
told_change(void *data, enum desk_kind_no kind, const char *id,
    struct json_object *old, struct json_object *fresh)
{
    struct told         *told = data;
    struct json_object  *item;

    if (told->count++ >= CHANGES_MAX) {
        return;
    }

    item = json_object_new_object();
    api_put_text(item, "change", told_what(old, fresh));
    api_put_text(item, "kind", told_kind(kind));
    api_put_text(item, "id", id[0] != '\0' ? id : NULL);

    if (json_object_array_add(told->list, item) != 0) {
        json_object_put(item);
    }
}


/* {"revision": n, "count": n, "changes": [...]} from what differs. */

static enum cd_error
config_tell(struct api_call *call, struct json_object *old,
    struct json_object *fresh)
{
    struct told  told = { call, json_object_new_array(), 0 };

    if (told.list == NULL || api_answer(call) == NULL) {
        json_object_put(told.list);
        return api_no_memory(call);
    }

    document_diff(old, fresh, told_change, &told);
    api_put_whole(call->answer, "revision",
                  config_revision(call->on->config));
    api_put_whole(call->answer, "count", told.count);
    api_put(call->answer, "changes", told.list);

    return CD_E_OK;
}


static void
audit_change(void *data, enum desk_kind_no kind, const char *id,
    struct json_object *old, struct json_object *fresh)
{
    struct told  *told = data;

    if (told->count++ < CHANGES_MAX) {
        api_audit(told->call, told_what(old, fresh), told_kind(kind), id);
    }
}


int
api_settings_apply(struct api_call *call, struct json_object *document,
    struct fault *fault)
{
    int                  rc;
    char                 more[40];
    struct told          told = { call, NULL, 0 };
    struct json_object  *old = json_object_get(config_root(call));

    rc = config_change(call->on->config, document, call->on->desk,
                       call->on->now_ms, call->on->changes, fault);

    if (rc == 0) {
        document_diff(old, document, audit_change, &told);
    }

    if (told.count > CHANGES_MAX) {
        snprintf(more, sizeof(more), "%llu more",
                 (unsigned long long) (told.count - CHANGES_MAX));
        api_audit(call, "update", "config", more);
    }

    json_object_put(old);

    return rc;
}


/* Makes a document hold, or tells what that would change; takes it over. */

static enum cd_error
config_take(struct api_call *call, struct json_object *document)
{
    uint64_t             dry;
    struct fault         fault = { "" };
    enum cd_error        error;
    struct json_object  *old = json_object_get(config_root(call));
    struct json_object  *sorted = NULL;

    /* as it came: sorting would lose what is no list */
    if (config_try(call->on->config, document, &fault) == 0) {
        sorted = document_sorted(document);
    }

    json_object_put(document);
    error = api_query_whole(call, "dry_run", 0, 1, 0, &dry);

    if (error == CD_E_OK && sorted != NULL && !dry) {
        api_settings_apply(call, sorted, &fault);
    }

    if (error == CD_E_OK && fault.text[0] != '\0') {
        error = api_refuse(call, CD_E_BAD_REQUEST, NULL, "%s", fault.text);

    } else if (error == CD_E_OK && sorted == NULL) {
        error = api_no_memory(call);
    }

    if (error == CD_E_OK) {
        error = config_tell(call, old, sorted);
        config_tag(call, call->tag, sizeof(call->tag));
    }

    json_object_put(old);
    json_object_put(sorted);

    return error;
}


static enum cd_error
config_match(struct api_call *call)
{
    char  tag[sizeof(call->tag)];

    config_tag(call, tag, sizeof(tag));

    return api_if_match(call, tag);
}


/* -- /v1/desk -- */

enum cd_error
desk_get(struct api_call *call)
{
    call->answer = document_scalars(config_root(call));

    if (call->answer == NULL) {
        return api_no_memory(call);
    }

    api_settings_tag(call->answer, call->tag, sizeof(call->tag));

    return CD_E_OK;
}


enum cd_error
desk_patch(struct api_call *call)
{
    enum cd_error        error;
    struct fault         fault = { "" };
    struct json_at       body = api_body(call);
    struct json_object  *scalars = document_scalars(config_root(call));
    struct json_object  *document;
    char                 tag[sizeof(call->tag)];

    if (scalars == NULL) {
        return api_no_memory(call);
    }

    api_settings_tag(scalars, tag, sizeof(tag));
    error = api_if_match(call, tag);

    json_object_object_foreach(body.value, name, value) {
        if (desk_kind_named(name) != DESK_KINDS) {
            error = api_refuse(call, CD_E_BAD_REQUEST, name,
                               "\"%s\" has a path of its own", name);
        }

        if (value == NULL) {
            json_object_object_del(scalars, name);
        } else {
            api_put(scalars, name, json_object_get(value));
        }
    }

    document = document_with_scalars(config_root(call), scalars);
    json_object_put(scalars);

    if (document == NULL) {
        return api_no_memory(call);
    }

    if (error == CD_E_OK
        && api_settings_apply(call, document, &fault) != 0)
    {
        error = api_refuse(call, CD_E_BAD_REQUEST, NULL, "%s", fault.text);
    }

    json_object_put(document);

    return error == CD_E_OK ? desk_get(call) : error;
}


/* -- /v1/config -- */

/* One object with its kind, as apply and export want them. */

static void
config_add(struct api_page *page, const char *kind,
    struct json_object *object)
{
    struct json_object  *item = json_object_new_object();

    api_put_text(item, "kind", kind);
    api_put(item, "object", object);
    api_page_add(page, item);
}


/* The objects of one list behind the cursor; CD_E_OK and 1 in *full when the
   page has no room for more. */

static int
config_list(struct api_call *call, struct api_page *page,
    enum desk_kind_no kind, const char *after, char *last, size_t size)
{
    size_t               i, count;
    struct json_object  *list = NULL, *object;

    json_object_object_get_ex(config_root(call), desk_kind(kind)->name,
                              &list);
    count = json_object_array_length(list);

    for (i = 0; i < count; i++) {
        object = json_object_array_get_idx(list, i);

        if (strcmp(document_id(kind, object), after) <= 0) {
            continue;
        }

        if (api_page_full(page)) {
            return 1;
        }

        config_add(page, desk_kind(kind)->name, json_object_get(object));
        snprintf(last, size, "%s/%s", desk_kind(kind)->name,
                 document_id(kind, object));
    }

    return 0;
}


enum cd_error
config_get(struct api_call *call)
{
    int                kind, begin = 0, full = 0;
    char               cursor[160], last[160] = "";
    const char        *after = "";
    enum cd_error      error;
    struct api_page    page;

    error = api_page_open(call, &page);
    if (error != CD_E_OK) {
        return error;
    }

    api_put_whole(call->answer, "revision",
                  config_revision(call->on->config));
    api_put_text(call->answer, "alert", config_alert(call->on->config));
    config_tag(call, call->tag, sizeof(call->tag));
    snprintf(cursor, sizeof(cursor), "%s", page.after);

    if (cursor[0] == '\0') {
        config_add(&page, "desk", document_scalars(config_root(call)));

    } else if (strchr(cursor, '/') != NULL) {
        after = strchr(cursor, '/') + 1;
        cursor[strcspn(cursor, "/")] = '\0';
        begin = desk_kind_named(cursor);
    }

    for (kind = begin; kind < DESK_KINDS && !full; kind++) {
        full = config_list(call, &page, (enum desk_kind_no) kind, after,
                           last, sizeof(last));
        after = "";
    }

    return api_page_close(call, &page, full ? last : NULL);
}


enum cd_error
config_put(struct api_call *call)
{
    enum cd_error   error = config_match(call);
    struct json_at  body = api_body(call);

    return error == CD_E_OK ? config_take(call, json_object_get(body.value))
                            : error;
}


/* Puts, or with `ids` drops, what one list of the body names. */

static enum cd_error
patch_list(struct api_call *call, struct json_object **document,
    enum desk_kind_no kind, struct json_object *list, int drop)
{
    size_t               i, count;
    const char          *id;
    struct json_object  *item, *next;

    if (!json_object_is_type(list, json_type_array)) {
        return api_refuse(call, CD_E_BAD_REQUEST, desk_kind(kind)->name,
                          "%s: expected an array", desk_kind(kind)->name);
    }

    count = json_object_array_length(list);

    for (i = 0; i < count; i++) {
        item = json_object_array_get_idx(list, i);

        if (!json_object_is_type(item, drop ? json_type_string
                                            : json_type_object))
        {
            return api_refuse(call, CD_E_BAD_REQUEST, desk_kind(kind)->name,
                              "%s[%zu]: expected %s", desk_kind(kind)->name,
                              i, drop ? "an id" : "an object");
        }

        id = drop ? json_object_get_string(item) : document_id(kind, item);
        next = document_with(*document, kind, id, drop ? NULL : item);

        if (next == NULL) {
            return api_no_memory(call);
        }

        json_object_put(*document);
        *document = next;
    }

    return CD_E_OK;
}


static enum cd_error
patch_lists(struct api_call *call, struct json_object **document,
    const char *member, int drop)
{
    enum cd_error        error = CD_E_OK;
    struct json_object  *lists = NULL;

    if (!json_object_object_get_ex(call->body, member, &lists)) {
        return CD_E_OK;
    }

    if (!json_object_is_type(lists, json_type_object)) {
        return api_refuse(call, CD_E_BAD_REQUEST, member,
                          "%s: expected an object", member);
    }

    json_object_object_foreach(lists, name, list) {
        if (desk_kind_named(name) == DESK_KINDS) {
            return api_refuse(call, CD_E_BAD_REQUEST, member,
                              "%s: there is no kind \"%s\"", member, name);
        }

        error = patch_list(call, document, desk_kind_named(name), list,
                           drop);
        if (error != CD_E_OK) {
            return error;
        }
    }

    return error;
}


/* {"desk": {...}, "put": {"queues": [...]}, "delete": {"queues": ["id"]}} */

enum cd_error
config_patch(struct api_call *call)
{
    enum cd_error        error = config_match(call);
    struct json_at       body = api_body(call), at;
    struct json_object  *document = json_object_get(config_root(call));
    struct json_object  *next;
    static const char *const  names[] = {
        "?desk", "?put", "?delete", NULL
    };

    json_members(&body, names);

    if (error == CD_E_OK) {
        error = api_body_fault(call);
    }

    at = json_member(&body, "desk");

    if (error == CD_E_OK && at.value != NULL
        && !json_object_is_type(at.value, json_type_object))
    {
        error = api_refuse(call, CD_E_BAD_REQUEST, "desk",
                           "desk: expected an object");
    }

    if (error == CD_E_OK && at.value != NULL) {
        next = document_with_scalars(document, at.value);
        json_object_put(document);
        document = next;
        error = document == NULL ? api_no_memory(call) : CD_E_OK;
    }

    if (error == CD_E_OK) {
        error = patch_lists(call, &document, "put", 0);
    }

    if (error == CD_E_OK) {
        error = patch_lists(call, &document, "delete", 1);
    }

    if (error != CD_E_OK) {
        json_object_put(document);
        return error;
    }

    return config_take(call, document);
}
