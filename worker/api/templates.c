/*
 * /v1/templates and /v1/me/templates, read: predefined texts.
 *
 * Purpose:    the list that desktops keep in step, single templates, and what
 *             one becomes in a conversation.
 * Owner:      nothing.
 * Invariants: agents see the shared ones and their own.
 */

#include "api/templates.h"

#include <stdio.h>
#include <string.h>

#include "api/settings.h"
#include "core/state.h"
#include "io/desk_kind.h"

const char *
template_owner(struct api_call *call, int own)
{
    return own ? call->who : "";
}


/* Ids and, as cards show them, names. */

static void
put_queues(struct api_call *call, struct json_object *item,
    const struct template *template)
{
    size_t               i;
    struct queue        *queue;
    struct json_object  *ids = json_object_new_array();
    struct json_object  *names = json_object_new_array();

    for (i = 0; i < template->queue_count; i++) {
        queue = queue_find(&call->on->desk->queues, template->queues[i].s);
        json_object_array_add(ids,
            json_object_new_string(template->queues[i].s));

        if (queue != NULL) {
            json_object_array_add(names, json_object_new_string(queue->name));
        }
    }

    api_put(item, "queues", ids);
    api_put(item, "queue_names", names);
}


static struct json_object *
template_choices(const char *choices)
{
    struct cd_str        item, rest = str_of(choices);
    struct json_object  *list = json_object_new_array();

    while (cd_list_next(&rest, &item)) {
        json_object_array_add(list, json_object_new_string_len(item.data,
                                                      (int) item.len));
    }

    return list;
}


/* What a list shows: everything but the texts. */

static struct json_object *
template_row(struct api_call *call, const struct template *template)
{
    size_t               i;
    struct json_object  *item = json_object_new_object();
    struct json_object  *langs = json_object_new_array();

    for (i = 0; i < template->locale_count; i++) {
        json_object_array_add(langs,
            json_object_new_string(template->locales[i].lang));
    }

    api_put_text(item, "id", template->id);
    api_put_bool(item, "own", template->owner.s[0] != '\0');
    api_put_text(item, "title", template->title);
    api_put_text(item, "shortcut", template->shortcut[0] != '\0'
                                   ? template->shortcut : NULL);
    put_queues(call, item, template);
    api_put(item, "langs", langs);
    api_put_bool(item, "choices", template->locales[0].choices != NULL);
    api_put_whole(item, "revision", template->revision);

    return item;
}


static struct json_object *
template_full(struct api_call *call, const struct template *template)
{
    size_t                     i;
    struct cd_str              source;
    struct json_object        *item = template_row(call, template), *one;
    struct json_object        *texts = json_object_new_array();
    const struct locale_text  *locale;

    for (i = 0; i < template->locale_count; i++) {
        locale = &template->locales[i];
        source = template_source(locale->text);
        one = json_object_new_object();
        api_put_text(one, "lang", locale->lang);
        api_put(one, "text", json_object_new_string_len(source.data,
                                                  (int) source.len));
        if (locale->choices != NULL) {
            api_put(one, "choices", template_choices(locale->choices));
        }
        json_object_array_add(texts, one);
    }

    api_put(item, "texts", texts);

    return item;
}


/* Removals since a revision that the caller may know of. */

static void
list_gone(struct api_call *call, uint64_t since)
{
    size_t                   i, len = strlen(call->who);
    const char              *key;
    struct json_object      *gone = json_object_new_array(), *item;
    const struct templates  *templates = &call->on->desk->templates;

    for (i = 0; i < TEMPLATES_GONE; i++) {
        key = templates->gone[i].key;

        if (templates->gone[i].revision <= since
            || (strchr(key, '/') != NULL
                && (strncmp(key, call->who, len) != 0 || key[len] != '/')))
        {
            continue;
        }

        item = json_object_new_object();
        api_put_bool(item, "own", strchr(key, '/') != NULL);
        api_put_text(item, "id", strchr(key, '/') != NULL ? key + len + 1
                                                          : key);
        json_object_array_add(gone, item);
    }

    api_put(call->answer, "gone", gone);
}


/* ?texts=1: with the texts.  ?since=: what changed after that revision;
   `reset` when that is no longer known and everything is given. */

enum cd_error
templates_list(struct api_call *call)
{
    int                reset;
    uint64_t           since, full = 0;
    const char        *last = NULL;
    enum cd_error      error;
    struct api_page    page;
    struct template   *template;
    struct templates  *templates = &call->on->desk->templates;

    error = api_query_whole(call, "since", 0, INT64_MAX, 0, &since);

    if (error == CD_E_OK) {
        error = api_query_whole(call, "texts", 0, 1, 0, &full);
    }

    if (error == CD_E_OK) {
        error = api_page_open(call, &page);
    }

    if (error != CD_E_OK) {
        return error;
    }

    reset = since < templates->floor || since > templates->revision;
    api_put_whole(call->answer, "revision", templates->revision);
    api_put_bool(call->answer, "reset", reset);
    template = templates_after(templates, page.after);

    for ( ; template != NULL && !api_page_full(&page);
         template = templates_next(template))
    {
        last = template->key;

        if (template_visible(template, call->who)
            && (reset || template->revision > since))
        {
            api_page_add(&page, full ? template_full(call, template)
                                     : template_row(call, template));
        }
    }

    list_gone(call, reset ? templates->revision : since);

    return api_page_close(call, &page, template != NULL ? last : NULL);
}


struct template *
template_named(struct api_call *call, int own)
{
    return templates_find(&call->on->desk->templates,
                          template_owner(call, own), call->param[0]);
}


enum cd_error
template_none(struct api_call *call, const char *id)
{
    return api_refuse(call, CD_E_NO_TEMPLATE, NULL,
                      "there is no template \"%s\"", id);
}


static void
template_tag(const struct template *template, char *tag, size_t size)
{
    snprintf(tag, size, "\"t%llu\"",
             (unsigned long long) template->revision);
}


enum cd_error
template_match(struct api_call *call, const struct template *template)
{
    char  tag[sizeof(call->tag)] = "";

    if (template != NULL) {
        template_tag(template, tag, sizeof(tag));
    }

    return api_if_match(call, tag);
}


enum cd_error
template_answer(struct api_call *call, int own)
{
    struct template  *template = template_named(call, own);

    if (template == NULL) {
        return template_none(call, call->param[0]);
    }

    template_tag(template, call->tag, sizeof(call->tag));
    call->answer = template_full(call, template);

    return call->answer != NULL ? CD_E_OK : api_no_memory(call);
}


enum cd_error
template_mine(struct api_call *call, enum cd_error (*act)(struct api_call *,
    int))
{
    return call->who[0] != '\0'
           ? act(call, 1)
           : api_refuse(call, CD_E_FORBIDDEN, NULL,
                        "an API key has no templates of its own");
}


enum cd_error
templates_get(struct api_call *call)
{
    return template_answer(call, 0);
}


enum cd_error
my_templates_get(struct api_call *call)
{
    return template_mine(call, template_answer);
}


/* -- filling in -- */

static enum cd_error
render_answer(struct api_call *call, const char *template, const char *text,
    const char *choices)
{
    if (api_answer(call) == NULL) {
        return api_no_memory(call);
    }

    api_put_text(call->answer, "template", template);
    api_put_text(call->answer, "text", text);

    if (choices != NULL) {
        api_put(call->answer, "choices", template_choices(choices));
    }

    return CD_E_OK;
}


/* What the frame `render` is answered with; nothing is sent. */

enum cd_error
templates_fill(struct api_call *call)
{
    char                     *out;
    size_t                    len;
    const char               *agent, *template, *lang, *choices;
    enum cd_error             error;
    struct json_at            body = api_body(call), at;
    struct render_wish        wish;
    static const char *const  names[] = { "template", "?lang", "?own", "?as",
                                          NULL };

    json_members(&body, names);
    at = json_member(&body, "template");
    template = json_word(&at, DESK_ID_BYTES, TEMPLATE_ID_MAX);
    at = json_member(&body, "lang");
    lang = at.value != NULL ? json_text(&at, LANG_MAX) : "";
    at = json_member(&body, "own");
    wish.own = at.value == NULL ? RENDER_EITHER
               : json_flag(&at) ? RENDER_OWN : RENDER_SHARED;
    error = api_body_fault(call);

    if (error == CD_E_OK) {
        error = api_actor(call, API_ROLE_ADMIN, &agent);
    }

    if (error != CD_E_OK) {
        return error;
    }

    out = malloc(TEMPLATE_RESULT_MAX);
    if (out == NULL) {
        return api_no_memory(call);
    }

    wish.who = str_of(agent);
    wish.conv = str_of(call->param[0]);
    wish.template = str_of(template);
    wish.lang = str_of(lang);
    error = desk_render(call->on->desk, &wish, out, &len, &choices);

    if (error == CD_E_OK) {
        error = render_answer(call, template, out, choices);

    } else if (error == CD_E_NO_TEMPLATE) {
        error = template_none(call, template);
    }

    free(out);

    return error;
}
