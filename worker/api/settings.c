/*
 * /v1/<kind> and /v1/<kind>/{id}: one object of the settings.
 *
 * The kind is the first part of the path; a list of the document that a new
 * kind registers (io/desk_kind.h) needs its rows in routes.c and nothing here.
 *
 * Purpose:    lists, reads, puts, patches, deletes.
 * Owner:      objects are shared with the documents of struct config.
 * Invariants: a change holds for all of the settings or is refused as a
 *             whole, in the words that the file would be refused with;
 *             no answer has a password's hash.
 */

#include "api/settings.h"

#include <stdio.h>
#include <string.h>

#include "io/desk_kind.h"
#include "io/document.h"

/* what nobody is shown */
static const char *const  secrets[] = {
    "password_hash", "secret", NULL
};


static enum desk_kind_no
settings_kind(const struct api_call *call)
{
    return desk_kind_named(call->path_text);
}


static struct json_object *
settings_root(const struct api_call *call)
{
    return config_file(call->on->config)->root;
}


/* A copy without secrets; NULL for memory. */

static struct json_object *
settings_shown(struct json_object *object)
{
    size_t               i;
    struct json_object  *copy = json_object_new_object();

    json_object_object_foreach(object, name, value) {
        api_put(copy, name, json_object_get(value));
    }

    for (i = 0; secrets[i] != NULL; i++) {
        json_object_object_del(copy, secrets[i]);
    }

    return copy;
}


/* A short name of the object's content, FNV-1a of its text. */

void
api_settings_tag(struct json_object *object, char *tag, size_t size)
{
    uint64_t     hash = 14695981039346656037u;
    const char  *c = json_object_to_json_string_ext(object,
                                                    JSON_C_TO_STRING_PLAIN);

    for ( ; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char) *c) * 1099511628211u;
    }

    snprintf(tag, size, "\"%016llx\"", (unsigned long long) hash);
}


enum cd_error
api_if_match(struct api_call *call, const char *tag)
{
    struct cd_str  wanted = cd_frame_str(call->ask, CD_F_TAG);

    if (wanted.len == 0 || cd_str_is(wanted, tag)
        || (cd_str_is(wanted, "*") && tag[0] != '\0'))
    {
        return CD_E_OK;
    }

    return api_refuse(call, CD_E_STALE, "If-Match", "%s",
                      cd_error_row(CD_E_STALE)->text);
}


enum cd_error
settings_list(struct api_call *call)
{
    size_t               i, count;
    const char          *last = NULL, *id;
    enum cd_error        error;
    struct api_page      page;
    enum desk_kind_no    kind = settings_kind(call);
    struct json_object  *list = NULL, *object;

    error = api_page_open(call, &page);
    if (error != CD_E_OK) {
        return error;
    }

    json_object_object_get_ex(settings_root(call), call->path_text, &list);
    count = json_object_array_length(list);

    for (i = 0; i < count; i++) {
        object = json_object_array_get_idx(list, i);
        id = document_id(kind, object);

        if (strcmp(id, page.after) <= 0) {
            continue;
        }

        if (api_page_full(&page)) {
            return api_page_close(call, &page, last);
        }

        api_page_add(&page, settings_shown(object));
        last = id;
    }

    return api_page_close(call, &page, NULL);
}


static enum cd_error
settings_none(struct api_call *call)
{
    return api_refuse(call, CD_E_NOT_FOUND, NULL,
                      "there is no \"%s\" among the %s", call->param[0],
                      call->path_text);
}


static enum cd_error
settings_show(struct api_call *call, struct json_object *object)
{
    api_settings_tag(object, call->tag, sizeof(call->tag));
    call->answer = settings_shown(object);

    return call->answer != NULL ? CD_E_OK : api_no_memory(call);
}


enum cd_error
settings_get(struct api_call *call)
{
    struct json_object  *object;

    object = document_find(settings_root(call), settings_kind(call),
                           call->param[0]);

    return object != NULL ? settings_show(call, object)
                          : settings_none(call);
}


/* The fault of a document as that of one of its objects: without the list
   and the place in it, which the client does not know. */

static enum cd_error
settings_fault(struct api_call *call, const char *kind, struct fault *fault)
{
    char         begin[700], field[sizeof(call->field)] = "";
    const char  *text = fault->text, *end;

    snprintf(begin, sizeof(begin), "the settings: %s[", kind);

    if (strncmp(text, begin, strlen(begin)) == 0
        && (end = strchr(text, ']')) != NULL)
    {
        text = end[1] == '.' ? end + 2 : end + 3;
        end = strstr(text, ": ");

        if (end != NULL && (size_t) (end - text) < sizeof(field)) {
            memcpy(field, text, (size_t) (end - text));
        }
    }

    return api_refuse(call, CD_E_BAD_REQUEST, field, "%s", text);
}


/* What an agent's object has not when it was read from an answer. */

static enum cd_error
settings_keep(struct api_call *call, struct json_object *object,
    struct json_object *old)
{
    size_t               i;
    struct json_object  *value;

    for (i = 0; old != NULL && secrets[i] != NULL; i++) {
        if (!json_object_object_get_ex(object, secrets[i], NULL)
            && json_object_object_get_ex(old, secrets[i], &value)
            && json_object_object_add(object, secrets[i],
                                      json_object_get(value)) != 0)
        {
            json_object_put(value);
            return api_no_memory(call);
        }
    }

    return CD_E_OK;
}


/* The object's own id must be that of the path; it may be missing. */

static enum cd_error
settings_named(struct api_call *call, struct json_object *object)
{
    const char          *name = desk_kind(settings_kind(call))->id;
    struct json_object  *id = NULL;

    if (!json_object_object_get_ex(object, name, &id)) {
        api_put_text(object, name, call->param[0]);
        return CD_E_OK;
    }

    if (!json_object_is_type(id, json_type_string)
        || strcmp(json_object_get_string(id), call->param[0]) != 0)
    {
        return api_refuse(call, CD_E_BAD_REQUEST, name,
                          "%s: expected \"%s\", as in the path", name,
                          call->param[0]);
    }

    return CD_E_OK;
}


/* Makes a document with `object` for the id of the path hold. */

static enum cd_error
settings_change(struct api_call *call, struct json_object *object)
{
    int                  rc;
    struct fault         fault = { "" };
    struct json_object  *document;

    document = document_with(settings_root(call), settings_kind(call),
                             call->param[0], object);
    if (document == NULL) {
        return api_no_memory(call);
    }

    rc = api_settings_apply(call, document, &fault);
    json_object_put(document);

    if (rc == 0) {
        return CD_E_OK;
    }

    return object != NULL ? settings_fault(call, call->path_text, &fault)
           : api_refuse(call, CD_E_IN_USE, NULL, "%s", fault.text);
}


static enum cd_error
settings_write(struct api_call *call, struct json_object *object,
    struct json_object *old)
{
    char           tag[sizeof(call->tag)] = "";
    enum cd_error  error;

    if (old != NULL) {
        api_settings_tag(old, tag, sizeof(tag));
    }

    error = api_if_match(call, tag);

    if (error == CD_E_OK) {
        error = settings_named(call, object);
    }

    if (error == CD_E_OK) {
        error = settings_keep(call, object, old);
    }

    if (error == CD_E_OK && (old == NULL || !json_object_equal(old, object)))
    {
        error = settings_change(call, object);
    }

    if (error != CD_E_OK) {
        return error;
    }

    call->status = old == NULL ? 201 : 200;

    return settings_show(call, object);
}


/* A member that is null is one that is left out, as where it is removed. */

enum cd_error
settings_put(struct api_call *call)
{
    struct json_at       body = api_body(call);
    struct json_object  *old;

    json_object_object_foreach(body.value, name, value) {
        if (value == NULL) {
            json_object_object_del(body.value, name);
        }
    }

    old = document_find(settings_root(call), settings_kind(call),
                        call->param[0]);

    return settings_write(call, body.value, old);
}


/* RFC 7396, one level deep: members replace, null removes. */

enum cd_error
settings_patch(struct api_call *call)
{
    enum cd_error        error;
    struct json_at       body = api_body(call);
    struct json_object  *old, *object;

    old = document_find(settings_root(call), settings_kind(call),
                        call->param[0]);
    if (old == NULL) {
        return settings_none(call);
    }

    object = json_object_new_object();

    json_object_object_foreach(old, name, value) {
        api_put(object, name, json_object_get(value));
    }

    json_object_object_foreach(body.value, changed, to) {
        if (to == NULL) {
            json_object_object_del(object, changed);
        } else {
            api_put(object, changed, json_object_get(to));
        }
    }

    error = settings_write(call, object, old);
    json_object_put(object);

    return error;
}


enum cd_error
settings_delete(struct api_call *call)
{
    char                 tag[sizeof(call->tag)];
    enum cd_error        error;
    struct json_object  *old;

    old = document_find(settings_root(call), settings_kind(call),
                        call->param[0]);
    if (old == NULL) {
        return settings_none(call);
    }

    api_settings_tag(old, tag, sizeof(tag));
    error = api_if_match(call, tag);

    return error == CD_E_OK ? settings_change(call, NULL) : error;
}
