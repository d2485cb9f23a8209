/*
 * One template; see templates_make.h.
 *
 * Purpose:    every bound is checked here, with the field at fault.
 * Owner:      a template owns its copies.
 * Invariants: those of templates_make.h.
 *
 * An entity is a map (entity_map.h) with the keys of enum template_key_no;
 * a language is a map of its own.
 */

#include "core/templates_make.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/flow_desk.h"
#include "core/state.h"
#include "core/text.h"

#define TITLE_MAX_POINTS  80

enum template_key_no {
    TEMPLATE_OWNER = 1,
    TEMPLATE_ID = 2,
    TEMPLATE_TITLE = 3,
    TEMPLATE_SHORTCUT = 4,
    TEMPLATE_QUEUES = 5,        /* array of ids */
    TEMPLATE_LOCALES = 6,       /* array of maps */
    TEMPLATE_REVISION = 7
};

enum locale_key_no { LOCALE_LANG = 1, LOCALE_TEXT = 2, LOCALE_CHOICES = 3 };


void
template_free(struct template **owned)
{
    size_t            i;
    struct template  *template = *owned;

    *owned = NULL;

    if (template == NULL) {
        return;
    }

    for (i = 0; i < template->locale_count; i++) {
        template_text_free(&template->locales[i].text);
        free(template->locales[i].choices);
    }

    free(template->locales);
    free(template->queues);
    free(template->title);
    free(template);
}


/* Copies a word of these characters; 0, or -1 when it is none. */

static int
word_set(char *out, size_t max, const char *word, const char *more)
{
    size_t  i, len = strlen(word);

    if (len == 0 || len > max) {
        return -1;
    }

    for (i = 0; i < len; i++) {
        if (!(word[i] >= 'a' && word[i] <= 'z')
            && !(word[i] >= '0' && word[i] <= '9')
            && strchr(more, word[i]) == NULL)
        {
            return -1;
        }
    }

    memcpy(out, word, len + 1);

    return 0;
}

#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


static enum cd_error
make_fault(struct template_refusal *refusal, const char *field,
    const char *why)
{
    snprintf(refusal->field, sizeof(refusal->field), "%s", field);
    refusal->why = why;

    return CD_E_BAD_REQUEST;
}


static enum cd_error
make_queues(struct desk *desk, const struct template_settings *settings,
    struct template *template, struct template_refusal *refusal)
{
    size_t  i;

    template->queues = calloc(settings->queue_count + 1,
                              sizeof(*template->queues));
    if (template->queues == NULL) {
        desk_fail(desk);
        return CD_E_INTERNAL;
    }

    for (i = 0; i < settings->queue_count; i++) {
        if (queue_find(&desk->queues, settings->queues[i]) == NULL
            || login_set(&template->queues[i], str_of(settings->queues[i]))
               != 0)
        {
            return make_fault(refusal, "queues", "there is no such queue");
        }
        template->queue_count++;
    }

    return CD_E_OK;
}


/* The options as a LIST, each made fit for one line; NULL with a fault. */

static char *
make_choices(const struct locale_settings *settings, const char **why)
{
    char    *list, *p;
    size_t   i, j, len;
    size_t   each = 4 * CD_LIMIT_LIST_ITEM + 1;

    if (settings->choice_count < CD_LIMIT_CHOICES_MIN
        || settings->choice_count > cd_field_row(CD_F_CHOICES)->max)
    {
        *why = "expected two to ten choices";
        return NULL;
    }

    p = list = malloc(settings->choice_count * each + 1);
    *why = "no memory";

    for (i = 0; list != NULL && i < settings->choice_count; i++) {
        len = template_clean(p, str_of(settings->choices[i]),
                             CD_LIMIT_LIST_ITEM);

        for (j = 0; j < i && strcmp(settings->choices[i],
                                    settings->choices[j]) != 0; j++)
        {
            continue;
        }

        if (len == 0 || len != strlen(settings->choices[i]) || j < i
            || strspn(settings->choices[i], " ") == len)
        {
            *why = "a choice is empty, too long, there twice, or has "
                   "characters that it may not have";
            free(list);
            return NULL;
        }

        p += len;
        *p++ = i + 1 < settings->choice_count ? '\n' : '\0';
    }

    return list;
}


/* A part of the language that is being made. */

static enum cd_error
locale_fault(struct template_refusal *refusal,
    const struct template *template, const char *part, const char *why)
{
    snprintf(refusal->field, sizeof(refusal->field), "texts[%zu].%s",
             template->locale_count, part);
    refusal->why = why;

    return CD_E_BAD_REQUEST;
}


int
template_key_known(void *desk, struct cd_str key)
{
    struct desk  *of = desk;

    return attributes_find(&of->attributes, key) != NULL
           || flows_ask_for(of, key);
}


static enum cd_error
make_locale(struct desk *desk, const struct locale_settings *settings,
    struct template *template, struct template_refusal *refusal)
{
    size_t                 i;
    const char            *why;
    struct locale_text    *locale;
    struct template_fault  fault;

    locale = &template->locales[template->locale_count];

    if (word_set(locale->lang, LANG_MAX, settings->lang, UPPER "-") != 0) {
        return locale_fault(refusal, template, "lang",
                            "expected a language tag, such as en or pt-BR");
    }

    for (i = 0; i < template->locale_count; i++) {
        if (strcasecmp(template->locales[i].lang, locale->lang) == 0) {
            return locale_fault(refusal, template, "lang",
                                "this language is there twice");
        }
    }

    locale->text = template_parse(settings->text, &fault);

    if (locale->text != NULL
        && template_all_known(locale->text, template_key_known, desk,
                              &fault) != 0)
    {
        template_text_free(&locale->text);
    }

    if (locale->text == NULL) {
        refusal->line = fault.line;
        refusal->column = fault.column;
        return locale_fault(refusal, template, "text", fault.why);
    }

    if (settings->choice_count > 0) {
        locale->choices = make_choices(settings, &why);

        if (locale->choices == NULL) {
            template_text_free(&locale->text);
            return locale_fault(refusal, template, "choices", why);
        }
    }

    template->locale_count++;

    return CD_E_OK;
}


static enum cd_error
make_locales(struct desk *desk, const struct template_settings *settings,
    struct template *template, struct template_refusal *refusal)
{
    size_t         i;
    enum cd_error  error = CD_E_OK;

    if (settings->locale_count < 1
        || settings->locale_count > CD_LIMIT_TEMPLATE_LOCALES)
    {
        return make_fault(refusal, "texts",
                          "expected a text in 1 to 16 languages");
    }

    template->locales = calloc(settings->locale_count,
                               sizeof(*template->locales));
    if (template->locales == NULL) {
        desk_fail(desk);
        return CD_E_INTERNAL;
    }

    for (i = 0; i < settings->locale_count && error == CD_E_OK; i++) {
        error = make_locale(desk, &settings->locales[i], template, refusal);
    }

    return error;
}


static enum cd_error
make_head(const struct template_settings *settings,
    struct template *template, struct template_refusal *refusal)
{
    struct cd_str  owner = str_of(settings->owner);

    if (word_set(template->id, TEMPLATE_ID_MAX, settings->id, UPPER "._-")
        != 0)
    {
        return make_fault(refusal, "id",
                          "expected 1 to 32 of [A-Za-z0-9._-]");
    }

    if (owner.len > 0 && login_set(&template->owner, owner) != 0) {
        return make_fault(refusal, "owner", "this is no login");
    }

    if (settings->shortcut[0] != '\0'
        && word_set(template->shortcut, SHORTCUT_MAX, settings->shortcut,
                    "-") != 0)
    {
        return make_fault(refusal, "shortcut",
                          "expected 1 to 32 of [a-z0-9-]");
    }

    if (strspn(settings->title, " \t\r\n") == strlen(settings->title)) {
        return make_fault(refusal, "title", "expected a title");
    }

    template_key(template->key, template->owner.s, template->id);

    return CD_E_OK;
}


/* A title is one line and turns nothing around. */

static int
title_set(struct template *template, struct cd_str title)
{
    template->title = calloc(1, 4 * TITLE_MAX_POINTS + 1);

    return template->title != NULL
           && template_clean(template->title, title, TITLE_MAX_POINTS) > 0
           ? 0 : -1;
}


enum cd_error
template_make(struct desk *desk, const struct template_settings *settings,
    struct template **made, struct template_refusal *refusal)
{
    enum cd_error     error;
    struct template  *template = calloc(1, sizeof(*template));

    *made = NULL;

    if (template == NULL) {
        desk_fail(desk);
        return CD_E_INTERNAL;
    }

    error = make_head(settings, template, refusal);

    if (error == CD_E_OK
        && (title_set(template, str_of(settings->title)) != 0
            || strcmp(template->title, settings->title) != 0))
    {
        error = make_fault(refusal, "title",
                           "expected one line of at most 80 characters, "
                           "without any that turn the direction");
    }

    if (error == CD_E_OK) {
        error = make_queues(desk, settings, template, refusal);
    }

    if (error == CD_E_OK) {
        error = make_locales(desk, settings, template, refusal);
    }

    if (error != CD_E_OK) {
        template_free(&template);
    }

    *made = template;

    return error;
}


static int
locale_same(const struct locale_text *a, const struct locale_text *b)
{
    struct cd_str  source = template_source(a->text);

    return strcmp(a->lang, b->lang) == 0
           && source.len == template_source(b->text).len
           && memcmp(source.data, template_source(b->text).data, source.len)
              == 0
           && strcmp(a->choices != NULL ? a->choices : "",
                     b->choices != NULL ? b->choices : "") == 0;
}


int
template_same(const struct template *a, const struct template *b)
{
    size_t  i;

    if (strcmp(a->title, b->title) != 0
        || strcmp(a->shortcut, b->shortcut) != 0
        || a->queue_count != b->queue_count
        || a->locale_count != b->locale_count)
    {
        return 0;
    }

    for (i = 0; i < a->queue_count; i++) {
        if (strcmp(a->queues[i].s, b->queues[i].s) != 0) {
            return 0;
        }
    }

    for (i = 0; i < a->locale_count; i++) {
        if (!locale_same(&a->locales[i], &b->locales[i])) {
            return 0;
        }
    }

    return 1;
}


/* -- entities -- */

static void
pack_locale(struct map_out *to, const struct locale_text *locale)
{
    struct map     map = map_open(to);
    struct cd_str  text = template_source(locale->text);

    map_text(to, &map, LOCALE_LANG, locale->lang);
    msgpack_pack_unsigned_int(&to->pk, LOCALE_TEXT);
    msgpack_pack_str(&to->pk, text.len);
    msgpack_pack_str_body(&to->pk, text.data, text.len);
    map.count++;
    map_text(to, &map, LOCALE_CHOICES, locale->choices);
    map_close(to, &map);
}


size_t
template_pack(const struct template *template, char *buf, size_t cap)
{
    size_t          i, len;
    struct map      map;
    struct map_out  to;

    map_out_init(&to, buf, cap);
    map = map_open(&to);
    map_text(&to, &map, TEMPLATE_OWNER, template->owner.s);
    map_text(&to, &map, TEMPLATE_ID, template->id);
    map_text(&to, &map, TEMPLATE_TITLE, template->title);
    map_text(&to, &map, TEMPLATE_SHORTCUT, template->shortcut);
    map_array(&to, &map, TEMPLATE_QUEUES, template->queue_count);

    for (i = 0; i < template->queue_count; i++) {
        len = strlen(template->queues[i].s);
        msgpack_pack_str(&to.pk, len);
        msgpack_pack_str_body(&to.pk, template->queues[i].s, len);
    }

    map_array(&to, &map, TEMPLATE_LOCALES, template->locale_count);

    for (i = 0; i < template->locale_count; i++) {
        pack_locale(&to, &template->locales[i]);
    }

    map_uint(&to, &map, TEMPLATE_REVISION, template->revision);
    map_close(&to, &map);

    return to.out.failed ? 0 : to.out.len;
}


/* Copies a text that must fit; 0 or -1. */

static int
unpack_word(char *out, size_t max, struct fields *fields, unsigned key)
{
    struct cd_str  str = fields_str(fields, key);

    if (str.len > max) {
        return -1;
    }

    memcpy(out, str.data, str.len);
    out[str.len] = '\0';

    return 0;
}


static int
unpack_locale(struct template *template, const msgpack_object *object)
{
    struct fields          fields;
    struct cd_str          list;
    struct locale_text    *locale;
    struct template_fault  fault;

    locale = &template->locales[template->locale_count];

    if (fields_map(&fields, object) != 0
        || unpack_word(locale->lang, LANG_MAX, &fields, LOCALE_LANG) != 0)
    {
        return -1;
    }

    locale->text = template_parse(fields_str(&fields, LOCALE_TEXT), &fault);

    if (locale->text == NULL) {
        return -1;
    }

    template->locale_count++;
    list = fields_str(&fields, LOCALE_CHOICES);

    if (list.len == 0) {
        return fields.bad ? -1 : 0;
    }

    if (!cd_list_holds(list, cd_field_row(CD_F_CHOICES)->max)) {
        return -1;
    }

    locale->choices = strndup(list.data, list.len);

    return locale->choices != NULL && !fields.bad ? 0 : -1;
}


static int
unpack_lists(struct template *template, struct fields *fields)
{
    uint32_t                     i;
    struct cd_str                id;
    const msgpack_object_array  *queues, *locales;

    queues = fields_list(fields, TEMPLATE_QUEUES);
    locales = fields_list(fields, TEMPLATE_LOCALES);

    if (locales->size < 1 || locales->size > CD_LIMIT_TEMPLATE_LOCALES) {
        return -1;
    }

    template->queues = calloc(queues->size + 1u, sizeof(*template->queues));
    template->locales = calloc(locales->size, sizeof(*template->locales));

    if (template->queues == NULL || template->locales == NULL) {
        return -1;
    }

    for (i = 0; i < queues->size; i++) {
        id.data = queues->ptr[i].via.str.ptr;
        id.len = queues->ptr[i].via.str.size;

        if (queues->ptr[i].type != MSGPACK_OBJECT_STR
            || login_set(&template->queues[template->queue_count++], id) != 0)
        {
            return -1;
        }
    }

    for (i = 0; i < locales->size; i++) {
        if (unpack_locale(template, &locales->ptr[i]) != 0) {
            return -1;
        }
    }

    return 0;
}


struct template *
template_unpack(struct fields *fields)
{
    struct template  *template = calloc(1, sizeof(*template));

    if (template == NULL) {
        return NULL;
    }

    template->revision = fields_uint(fields, TEMPLATE_REVISION,
                                     UINT64_MAX - 1, 0);

    if (unpack_word(template->owner.s, LOGIN_MAX, fields, TEMPLATE_OWNER) != 0
        || unpack_word(template->id, TEMPLATE_ID_MAX, fields, TEMPLATE_ID)
           != 0
        || unpack_word(template->shortcut, SHORTCUT_MAX, fields,
                       TEMPLATE_SHORTCUT) != 0
        || title_set(template, fields_str(fields, TEMPLATE_TITLE)) != 0
        || unpack_lists(template, fields) != 0 || fields->bad)
    {
        template_free(&template);
        return NULL;
    }

    template_key(template->key, template->owner.s, template->id);

    return template;
}
