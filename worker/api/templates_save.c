/*
 * /v1/templates and /v1/me/templates, written; and texts that are tried out.
 *
 * Purpose:    from a body to struct template_settings, and what the core says
 *             to it.
 * Owner:      what a body is read into lives for one call.
 * Invariants: shared templates are written by supervisors (routes.c), own
 *             ones by their owner alone; every change is in the audit log;
 *             a refusal names the field and, in a text, the place.
 */

#include "api/templates.h"

#include <stdlib.h>
#include <string.h>

#include "api/audit.h"
#include "core/state.h"
#include "core/templates_make.h"

#define QUEUES_MAX   1000
#define LOCALES_MAX  16         /* CD_LIMIT(TEMPLATE_LOCALES) */
#define CHOICES_MAX  10


static struct cd_str
member_text(struct json_at *at)
{
    struct cd_str  str = { "", 0 };

    if (!json_object_is_type(at->value, json_type_string)) {
        json_fault(at, "expected a string");
        return str;
    }

    str.data = json_object_get_string(at->value);
    str.len = (size_t) json_object_get_string_len(at->value);

    return str;
}


/* A string that is passed on to the core as text with an end. */

static const char *
member_word(struct json_at *body, const char *name)
{
    struct cd_str   str;
    struct json_at  at = json_member(body, name);

    if (at.value == NULL) {
        return "";
    }

    str = member_text(&at);

    if (strlen(str.data) != str.len) {
        json_fault(&at, "expected text without control characters");
    }

    return str.data;
}


static size_t
member_words(struct json_at *body, const char *name, size_t most,
    const char **words)
{
    size_t          i, count;
    struct cd_str   str;
    struct json_at  at, list = json_member(body, name);

    if (list.value == NULL) {
        return 0;
    }

    count = json_count(&list, 0, most);

    for (i = 0; i < count; i++) {
        at = json_element(&list, i);
        str = member_text(&at);
        words[i] = str.data;

        if (strlen(str.data) != str.len) {
            json_fault(&at, "expected text without control characters");
        }
    }

    return count;
}


/* "templates/<id>", "templates/<owner>/<id>" */

static void
template_audit(struct api_call *call, const char *what, const char *owner)
{
    char  id[TEMPLATE_KEY_MAX + 1];

    template_key(id, owner, call->param[0]);
    api_audit(call, what, "templates", id);
}


/* what a body is read into */
struct template_body {
    struct template_settings  settings;
    struct locale_settings    locales[LOCALES_MAX];
    const char               *choices[LOCALES_MAX][CHOICES_MAX];
    const char               *queues[QUEUES_MAX];
};


static void
body_texts(struct json_at *body, struct template_body *to)
{
    size_t          i;
    struct json_at  at, item, list = json_member(body, "texts");
    static const char *const  names[] = { "lang", "text", "?choices", NULL };

    to->settings.locales = to->locales;
    to->settings.locale_count = json_count(&list, 1, LOCALES_MAX);

    for (i = 0; i < to->settings.locale_count; i++) {
        item = json_element(&list, i);
        json_members(&item, names);
        to->locales[i].lang = member_word(&item, "lang");
        at = json_member(&item, "text");
        to->locales[i].text = member_text(&at);
        to->locales[i].choices = to->choices[i];
        to->locales[i].choice_count = member_words(&item, "choices",
                                                   CHOICES_MAX,
                                                   to->choices[i]);
    }
}


static enum cd_error
body_refused(struct api_call *call, enum cd_error error,
    const struct template_refusal *refusal)
{
    if (error == CD_E_INTERNAL) {
        return api_no_memory(call);
    }

    if (refusal->line > 0) {
        return api_refuse(call, error, refusal->field,
                          "line %u, column %u: %s", refusal->line,
                          refusal->column, refusal->why);
    }

    return api_refuse(call, error, refusal->field[0] ? refusal->field : NULL,
                      "%s%s%s", refusal->field,
                      refusal->field[0] != '\0' ? ": " : "", refusal->why);
}


static void
body_read(struct api_call *call, struct template_body *to, int own)
{
    struct json_at            body = api_body(call);
    static const char *const  names[] = {
        "title", "?shortcut", "?queues", "texts", NULL
    };

    json_members(&body, names);
    to->settings.owner = template_owner(call, own);
    to->settings.id = call->param[0];
    to->settings.title = member_word(&body, "title");
    to->settings.shortcut = member_word(&body, "shortcut");
    to->settings.queues = to->queues;
    to->settings.queue_count = member_words(&body, "queues", QUEUES_MAX,
                                            to->queues);
    body_texts(&body, to);
}


static enum cd_error
template_put(struct api_call *call, const struct template_settings *settings)
{
    int                      known;
    uint64_t                 revision;
    enum cd_error            error;
    struct template         *old;
    struct template_refusal  refusal;

    old = templates_find(&call->on->desk->templates, settings->owner,
                         settings->id);
    known = old != NULL;
    revision = call->on->desk->templates.revision;
    error = template_match(call, old);

    if (error != CD_E_OK) {
        return error;
    }

    error = desk_put_template(call->on->desk, settings, call->on->now_ms,
                              call->on->changes, &refusal);
    if (error != CD_E_OK) {
        return body_refused(call, error, &refusal);
    }

    call->status = known ? 200 : 201;

    if (call->on->desk->templates.revision != revision) {
        template_audit(call, known ? "update" : "create", settings->owner);
    }

    return CD_E_OK;
}


/* ?dry_run=1: what is wrong with it, or nothing. */

static enum cd_error
template_try(struct api_call *call, const struct template_settings *settings)
{
    enum cd_error            error;
    struct template_refusal  refusal = { "", NULL, 0, 0 };

    error = templates_try_one(call->on->desk, settings, &refusal);

    return error == CD_E_OK ? CD_E_OK : body_refused(call, error, &refusal);
}


static enum cd_error
template_save(struct api_call *call, int own)
{
    uint64_t               dry = 0;
    enum cd_error          error;
    struct template_body  *to = calloc(1, sizeof(*to));

    if (to == NULL) {
        return api_no_memory(call);
    }

    body_read(call, to, own);
    error = api_body_fault(call);

    if (error == CD_E_OK) {
        error = api_query_whole(call, "dry_run", 0, 1, 0, &dry);
    }

    if (error == CD_E_OK) {
        error = dry ? template_try(call, &to->settings)
                    : template_put(call, &to->settings);
    }

    free(to);

    return error == CD_E_OK && !dry ? template_answer(call, own) : error;
}


static enum cd_error
template_remove(struct api_call *call, int own)
{
    enum cd_error     error;
    const char       *owner = template_owner(call, own);
    struct template  *template = template_named(call, own);

    if (template == NULL) {
        return template_none(call, call->param[0]);
    }

    error = template_match(call, template);

    if (error == CD_E_OK) {
        error = desk_drop_template(call->on->desk, owner, call->param[0],
                                   call->on->now_ms, call->on->changes);
    }

    if (error == CD_E_OK) {
        template_audit(call, "delete", owner);
    }

    return error;
}


enum cd_error
templates_save(struct api_call *call)
{
    return template_save(call, 0);
}


enum cd_error
templates_remove(struct api_call *call)
{
    return template_remove(call, 0);
}


enum cd_error
my_templates_save(struct api_call *call)
{
    return template_mine(call, template_save);
}


enum cd_error
my_templates_remove(struct api_call *call)
{
    return template_mine(call, template_remove);
}


static void
put_fault(struct api_call *call, const struct template_refusal *refusal)
{
    struct json_object  *fault = json_object_new_object();

    api_put_text(fault, "text", refusal->why);
    api_put_whole(fault, "line", refusal->line);
    api_put_whole(fault, "column", refusal->column);
    api_put(call->answer, "fault", fault);
}


/* What a text would become with values of examples, or what is wrong with
   it: an answer either way, for this is asked while somebody types. */

enum cd_error
templates_try(struct api_call *call)
{
    char                     *out;
    struct cd_str             text;
    enum cd_error             error;
    struct json_at            body = api_body(call), at;
    struct template_refusal   refusal = { "", NULL, 0, 0 };
    static const char *const  names[] = { "text", NULL };

    json_members(&body, names);
    at = json_member(&body, "text");
    text = member_text(&at);
    error = api_body_fault(call);

    if (error != CD_E_OK) {
        return error;
    }

    out = malloc(TEMPLATE_RESULT_MAX);

    if (out == NULL || api_answer(call) == NULL) {
        free(out);
        return api_no_memory(call);
    }

    if (templates_check(call->on->desk, text, out, &refusal) == CD_E_OK) {
        api_put_text(call->answer, "text", out);

    } else {
        put_fault(call, &refusal);
    }

    free(out);

    return CD_E_OK;
}
