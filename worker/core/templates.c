/*
 * The desk's templates, found, stored, announced; see templates.h.
 *
 * Purpose:    the index and everything around it; templates_check.c says
 *             what may get in, render.c what comes out.
 * Owner:      the desk.
 * Invariants: those of templates.h.
 */

#include "core/templates.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/publish.h"
#include "core/state.h"
#include "core/templates_make.h"


static int
key_compare(struct template *a, struct template *b)
{
    return strcmp(a->key, b->key);
}


static int
shortcut_compare(struct template *a, struct template *b)
{
    int  order = strcmp(a->owner.s, b->owner.s);

    return order != 0 ? order : strcmp(a->shortcut, b->shortcut);
}


TREE_GENERATE(template_keys, template, link, key_compare)
TREE_GENERATE(template_shortcuts, template, shortcut_link, shortcut_compare)


void
templates_init(struct templates *templates)
{
    RB_INIT(&templates->keys);
    RB_INIT(&templates->shortcuts);
    timer_init(&templates->timer, TIMER_TEMPLATES, "templates");
}


static void
template_leave(struct templates *templates, struct template *template)
{
    RB_REMOVE(template_keys, &templates->keys, template);

    if (template->shortcut[0] != '\0') {
        RB_REMOVE(template_shortcuts, &templates->shortcuts, template);
    }

    templates->count--;
    template_free(&template);
}


static void
template_enter(struct templates *templates, struct template *template)
{
    RB_INSERT(template_keys, &templates->keys, template);

    if (template->shortcut[0] != '\0') {
        RB_INSERT(template_shortcuts, &templates->shortcuts, template);
    }

    templates->count++;
}


void
templates_free(struct templates *templates)
{
    struct template  *template;

    while ((template = RB_MIN(template_keys, &templates->keys)) != NULL) {
        template_leave(templates, template);
    }
}


void
template_key(char *out, const char *owner, const char *id)
{
    snprintf(out, TEMPLATE_KEY_MAX + 1, "%s%s%s", owner,
             owner[0] != '\0' ? "/" : "", id);
}


struct template *
templates_find(struct templates *templates, const char *owner,
    const char *id)
{
    struct template  wanted;

    if (strlen(owner) > LOGIN_MAX || strlen(id) > TEMPLATE_ID_MAX) {
        return NULL;
    }

    template_key(wanted.key, owner, id);

    return RB_FIND(template_keys, &templates->keys, &wanted);
}


struct template *
templates_after(struct templates *templates, const char *key)
{
    struct template  wanted, *found;

    snprintf(wanted.key, sizeof(wanted.key), "%s", key);
    found = RB_NFIND(template_keys, &templates->keys, &wanted);

    return found != NULL && strcmp(found->key, wanted.key) == 0
           ? templates_next(found) : found;
}


struct template *
templates_next(struct template *template)
{
    return RB_NEXT(template_keys, NULL, template);
}


int
template_visible(const struct template *template, const char *login)
{
    return template->owner.s[0] == '\0'
           || strcmp(template->owner.s, login) == 0;
}


static size_t
templates_owned(struct templates *templates, const char *owner)
{
    size_t            count = 0;
    char              key[TEMPLATE_KEY_MAX + 1];
    struct template  *template;

    template_key(key, owner, "");

    for (template = templates_after(templates, key);
         template != NULL && strcmp(template->owner.s, owner) == 0;
         template = templates_next(template))
    {
        count++;
    }

    return count;
}


static enum cd_error
refuse_as(struct template_refusal *refusal, enum cd_error error,
    const char *field, const char *why)
{
    snprintf(refusal->field, sizeof(refusal->field), "%s", field);
    refusal->why = why;

    return error;
}


/* Whether it has room among the others. */

static enum cd_error
templates_room(struct templates *templates, struct template *template,
    struct template_refusal *refusal)
{
    struct template  *old, *same = NULL;

    old = templates_find(templates, template->owner.s, template->id);

    if (template->shortcut[0] != '\0') {
        same = RB_FIND(template_shortcuts, &templates->shortcuts, template);
    }

    if (same != NULL && same != old) {
        return refuse_as(refusal, CD_E_BAD_REQUEST, "shortcut",
                         "another template has this shortcut");
    }

    if (old == NULL && templates->count >= CD_LIMIT_TEMPLATES) {
        return refuse_as(refusal, CD_E_TOO_MANY, "",
                         "the desk has as many templates as it may have");
    }

    if (old == NULL && template->owner.s[0] != '\0'
        && templates_owned(templates, template->owner.s)
           >= CD_LIMIT_TEMPLATES_OWN)
    {
        return refuse_as(refusal, CD_E_TOO_MANY, "",
                         "you have as many templates as you may have");
    }

    return CD_E_OK;
}


/* The next revision; the flush announces it. */

static uint64_t
templates_changed(struct desk *desk)
{
    struct templates  *templates = &desk->templates;

    desk->dirty = 1;

    /* the clock was put back since the last announcement */
    if (templates->tell_ms > desk->now_ms + CD_LIMIT_TEMPLATES_TELL_MS) {
        timer_stop(&desk->timers, &templates->timer);
        templates->tell_ms = 0;
    }

    return ++templates->revision;
}


static enum cd_error
templates_put(struct desk *desk, const struct template_settings *settings,
    struct template_refusal *refusal)
{
    size_t             len;
    enum cd_error      error;
    struct template   *template, *old;
    struct templates  *templates = &desk->templates;

    memset(refusal, 0, sizeof(*refusal));
    error = template_make(desk, settings, &template, refusal);

    if (error == CD_E_OK) {
        error = templates_room(templates, template, refusal);
    }

    if (error != CD_E_OK) {
        template_free(&template);
        return error;
    }

    old = templates_find(templates, settings->owner, settings->id);

    if (old != NULL && template_same(old, template)) {
        template_free(&template);
        return CD_E_OK;
    }

    template->revision = templates->revision + 1;
    len = template_pack(template, desk->scratch, CD_LIMIT_BUS_FRAME);

    if (len == 0) {
        template_free(&template);
        return refuse_as(refusal, CD_E_TOO_LONG, "texts",
                         "all languages together are too long");
    }

    if (old != NULL) {
        template_leave(templates, old);
    }

    template_enter(templates, template);
    templates_changed(desk);
    changes_put(desk->changes, ENTITY_TEMPLATE, template->key, desk->scratch,
                len);

    return CD_E_OK;
}


static enum cd_error
templates_drop(struct desk *desk, const char *owner, const char *id)
{
    struct template   *template;
    struct templates  *templates = &desk->templates;

    template = templates_find(templates, owner, id);

    if (template == NULL) {
        return CD_E_NO_TEMPLATE;
    }

    /* the removal that falls out of the ring can no longer be told */
    if (templates->gone[templates->gone_next].revision > templates->floor) {
        templates->floor = templates->gone[templates->gone_next].revision;
    }

    snprintf(templates->gone[templates->gone_next].key,
             sizeof(templates->gone[0].key), "%s", template->key);
    templates->gone[templates->gone_next].revision = templates_changed(desk);
    templates->gone_next = (templates->gone_next + 1) % TEMPLATES_GONE;

    changes_drop(desk->changes, ENTITY_TEMPLATE, template->key);
    template_leave(templates, template);

    return CD_E_OK;
}


/* -- calls of the desk -- */

enum cd_error
templates_try_one(struct desk *desk,
    const struct template_settings *settings,
    struct template_refusal *refusal)
{
    enum cd_error     error;
    struct template  *made;

    error = template_make(desk, settings, &made, refusal);
    template_free(&made);

    return error;
}


enum cd_error
desk_put_template(struct desk *desk,
    const struct template_settings *settings, uint64_t now_ms,
    struct changes *changes, struct template_refusal *refusal)
{
    enum cd_error  error;

    desk_enter(desk, now_ms, changes);
    error = templates_put(desk, settings, refusal);
    desk_close(desk);

    return error;
}


enum cd_error
desk_drop_template(struct desk *desk, const char *owner, const char *id,
    uint64_t now_ms, struct changes *changes)
{
    enum cd_error  error;

    desk_enter(desk, now_ms, changes);
    error = templates_drop(desk, owner, id);
    desk_close(desk);

    return error;
}


int
templates_load(struct desk *desk, const char *key, struct fields *fields)
{
    struct template   *template = template_unpack(fields);
    struct templates  *templates = &desk->templates;

    if (template == NULL || strcmp(template->key, key) != 0
        || RB_FIND(template_keys, &templates->keys, template) != NULL
        || (template->shortcut[0] != '\0'
            && RB_FIND(template_shortcuts, &templates->shortcuts, template)
               != NULL))
    {
        template_free(&template);
        return -1;
    }

    template_enter(templates, template);

    return 0;
}


void
templates_greet(struct desk *desk, const struct agent *agent)
{
    if (desk->templates.told > 0) {
        publish_templates(desk, agent);
    }
}


void
templates_loaded(struct desk *desk)
{
    struct templates  *templates = &desk->templates;

    if (templates->told != templates->revision) {
        timer_set(&desk->timers, &templates->timer, templates->tell_ms);
    }
}


static int
templates_wait(struct desk *desk)
{
    struct templates  *templates = &desk->templates;

    if (templates->timer.at_ms == 0 && desk->now_ms < templates->tell_ms) {
        timer_set(&desk->timers, &templates->timer, templates->tell_ms);
    }

    return templates->timer.at_ms != 0;
}


void
templates_flush(struct desk *desk)
{
    struct agent      *agent;
    struct templates  *templates = &desk->templates;

    if (templates->told == templates->revision || templates_wait(desk)) {
        return;
    }

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        if (agent->sessions > 0) {
            publish_templates(desk, agent);
        }
    }

    timer_stop(&desk->timers, &templates->timer);
    templates->told = templates->revision;
    templates->tell_ms = desk->now_ms + CD_LIMIT_TEMPLATES_TELL_MS;
    desk->dirty = 1;
}
