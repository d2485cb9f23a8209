/*
 * Forms and texts read from desk.json; see desk_form.h.
 *
 *   "form": [ { "key": "topic", "label": "Topic", "type": "choice",
 *               "required": true, "choices": [ "order", "other" ] } ],
 *   "texts": [ { "greeting": "Hello" },
 *              { "lang": "pt", "greeting": "Ola",
 *                "labels": { "topic": "Assunto" } } ]
 *
 * Purpose:    from the document to fields and words.
 * Owner:      the caller's keep.
 * Invariants: those of desk_form.h.
 */

#include "io/desk_form.h"

#include <string.h>

#include "chatdesk_tables.h"

#include "core/flow.h"
#include "core/form.h"
#include "core/id.h"

#define LABEL_MAX    120
#define CHOICES_MAX  50
#define ANSWER_MAX   500


static const char *
maybe_text(struct json_at *item, const char *name, size_t most)
{
    struct json_at  at = json_member(item, name);

    return at.value != NULL ? json_text(&at, most) : NULL;
}


/* One of these words; the first when it is missing. */

static const char *
read_word(struct json_at *item, const char *name, const char *const *words)
{
    size_t       i;
    const char  *word = maybe_text(item, name, 16);

    if (word == NULL) {
        return words[0];
    }

    for (i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            return words[i];
        }
    }

    json_fault(item, "\"%s\" cannot be \"%s\"", name, word);

    return words[0];
}


static void
read_choices(struct json_at *item, struct field_settings *field, int wanted,
    struct keep *keep)
{
    size_t                    i, count;
    const char              **choices;
    struct json_at            at, list = json_member(item, "choices");
    static const char *const  none[CHOICES_MAX];

    if ((list.value != NULL) != wanted) {
        json_fault(item, "\"choices\" are for the type \"choice\"");
        return;
    }

    count = wanted ? json_count(&list, 1, CHOICES_MAX) : 0;
    choices = keep_array(keep, none, count, sizeof(*choices));

    for (i = 0; choices != NULL && i < count; i++) {
        at = json_element(&list, i);
        choices[i] = json_text(&at, field->max < LABEL_MAX ? field->max
                                                           : LABEL_MAX);
    }

    field->choices = choices;
    field->choice_count = choices != NULL ? count : 0;
}


static void
read_field(struct json_at *item, struct field_settings *field,
    struct keep *keep)
{
    const char     *type;
    struct json_at  at = json_member(item, "key");
    static const char *const  types[] = {
        "text", "long", "email", "choice", NULL
    };
    static const char *const  whens[] = { "always", "closed", NULL };
    static const char *const  names[] = {
        "key", "label", "?type", "?required", "?when", "?max", "?choices",
        NULL
    };

    json_members(item, names);
    field->key = json_text(&at, FORM_KEY_MAX);

    if (!form_key_ok(str_of(field->key))) {
        json_fault(&at, "expected letters, digits, \"_\" and \"-\"");
    }

    at = json_member(item, "label");
    json_text(&at, LABEL_MAX);
    type = read_word(item, "type", types);
    field->closed_only = strcmp(read_word(item, "when", whens), "closed")
                         == 0;
    field->email = strcmp(type, "email") == 0;

    at = json_member(item, "required");
    if (at.value != NULL
        && !json_object_is_type(at.value, json_type_boolean))
    {
        json_fault(&at, "expected true or false");
    }
    field->required = json_object_get_boolean(at.value);

    at = json_member(item, "max");
    field->max = at.value != NULL
                 ? (unsigned) json_whole(&at, 1, ANSWER_MAX) : ANSWER_MAX;
    read_choices(item, field, strcmp(type, "choice") == 0, keep);
}


static void
read_fields(struct json_at *list, struct flow_settings *flow,
    struct keep *keep)
{
    size_t                  i, j, count;
    struct json_at          item;
    struct field_settings  *fields;
    static const struct field_settings  none[FORM_FIELDS_MAX];

    count = list->value != NULL ? json_count(list, 0, FORM_FIELDS_MAX) : 0;
    fields = keep_array(keep, none, count, sizeof(*fields));

    for (i = 0; fields != NULL && i < count; i++) {
        item = json_element(list, i);
        read_field(&item, &fields[i], keep);

        for (j = 0; j < i; j++) {
            if (strcmp(fields[j].key, fields[i].key) == 0
                && item.fault->text[0] == '\0')
            {
                json_fault(&item, "\"%s\" is there twice", fields[i].key);
            }
        }
    }

    flow->fields = fields;
    flow->field_count = fields != NULL ? count : 0;
}


/* The form with the labels of one language, as JSON text; NULL for none. */

static const char *
form_text(struct json_at *list, struct json_at *labels, struct keep *keep)
{
    size_t               i, count;
    const char          *text;
    struct json_object  *all = NULL, *field, *key, *label;

    if (list->value == NULL || list->fault->text[0] != '\0'
        || json_object_deep_copy(list->value, &all, NULL) != 0)
    {
        return NULL;
    }

    count = json_object_array_length(all);

    for (i = 0; i < count; i++) {
        field = json_object_array_get_idx(all, i);

        if (json_object_object_get_ex(field, "key", &key)
            && json_object_object_get_ex(labels->value,
                                         json_object_get_string(key), &label))
        {
            json_object_object_add(field, "label", json_object_get(label));
        }
    }

    text = keep_text(keep, json_object_to_json_string_ext(all,
                               JSON_C_TO_STRING_PLAIN
                               | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(all);

    if (text != NULL && strlen(text) > cd_field_row(CD_F_FIELDS)->max) {
        json_fault(list, "the form is too long to be told: more than %u "
                   "bytes", (unsigned) cd_field_row(CD_F_FIELDS)->max);
    }

    return text;
}


static void
read_labels(struct json_at *labels)
{
    struct json_object_iterator  it, end;

    if (labels->value == NULL) {
        return;
    }

    if (!json_object_is_type(labels->value, json_type_object)) {
        json_fault(labels, "expected an object");
        return;
    }

    it = json_object_iter_begin(labels->value);
    end = json_object_iter_end(labels->value);

    for ( ; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        struct json_at  at = json_member(labels,
                                         json_object_iter_peek_name(&it));
        json_text(&at, LABEL_MAX);
    }
}


static void
read_words(struct json_at *item, struct words_settings *words,
    struct json_at *form, struct keep *keep)
{
    size_t          most = cd_field_row(CD_F_GREETING)->max;
    struct json_at  labels = json_member(item, "labels");
    static const char *const  names[] = {
        "?lang", "?greeting", "?offline", "?reminder", "?ended", "?labels",
        NULL
    };

    json_members(item, names);
    words->lang = maybe_text(item, "lang", 35);
    words->lang = words->lang != NULL ? words->lang : "";
    words->greeting = maybe_text(item, "greeting", most);
    words->offline = maybe_text(item, "offline", most);
    words->reminder = maybe_text(item, "reminder", most);
    words->ended = maybe_text(item, "ended", most);
    read_labels(&labels);
    words->form = form_text(form, &labels, keep);
}


/* Puts the words for any language in front; makes some when there are none. */

static void
sort_words(struct json_at *list, struct words_settings *words, size_t *count,
    struct json_at *form, struct keep *keep)
{
    size_t                 i, j;
    struct json_at         nothing = *list;
    struct words_settings  any = { .lang = "" };

    for (i = 0; i < *count && words[i].lang[0] != '\0'; i++) {
        /* looks on */
    }

    if (i < *count) {
        any = words[i];

    } else {
        nothing.value = NULL;
        any.form = form_text(form, &nothing, keep);
        ++*count;
    }

    for (j = i; j > 0; j--) {
        words[j] = words[j - 1];
    }

    words[0] = any;

    for (i = 0; i < *count; i++) {
        for (j = i + 1; j < *count; j++) {
            if (strcmp(words[i].lang, words[j].lang) == 0) {
                json_fault(list, "the language \"%s\" is there twice",
                           words[i].lang);
            }
        }
    }
}


void
desk_form_read(struct json_at *item, struct flow_settings *flow,
    struct keep *keep)
{
    size_t                  i, count;
    struct json_at          element, form = json_member(item, "form");
    struct json_at          list = json_member(item, "texts");
    struct words_settings  *words;
    static const struct words_settings  none[FLOW_WORDS_MAX];

    read_fields(&form, flow, keep);

    count = list.value != NULL ? json_count(&list, 0, FLOW_WORDS_MAX - 1) : 0;
    words = keep_array(keep, none, FLOW_WORDS_MAX, sizeof(*words));

    if (words == NULL) {
        json_fault(item, "no memory");
        return;
    }

    for (i = 0; i < count; i++) {
        element = json_element(&list, i);
        read_words(&element, &words[i], &form, keep);
    }

    sort_words(&list, words, &count, &form, keep);
    flow->words = words;
    flow->words_count = count;
}
