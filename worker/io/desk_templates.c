/*
 * Shared templates in a desk.json: what can be seen without the desk.
 *
 *   {"id": "hi", "title": "Greeting", "shortcut": "hi", "queues": ["sales"],
 *    "texts": [{"lang": "en", "text": "Good day {{client.name|there}}"}]}
 *
 * Purpose:    shape, ids, shortcuts and queues of the list "templates", which
 *             chatdeskctl carries; the worker keeps templates elsewhere and
 *             passes the list over.
 * Owner:      nothing.
 * Invariants: no two ids and no two shortcuts are alike; every queue is one
 *             of the file's.
 */

#include "io/desk_kind.h"

#include <string.h>

#include "chatdesk_tables.h"

#define TEMPLATE_ID_MAX  32     /* as core/templates.h has it */


/* A word that no other template of the file may have. */

static void
templates_once(struct json_at *item, const char *name, size_t most,
    struct json_object *seen)
{
    struct json_at  at = json_member(item, name);
    const char     *word = json_word(&at, DESK_ID_BYTES, most);

    if (json_object_object_get_ex(seen, word, NULL)) {
        json_fault(&at, "\"%s\" is there twice", word);
    }

    json_object_object_add(seen, word, json_object_new_boolean(1));
}


static void
templates_texts(struct json_at *item)
{
    size_t                    i, count;
    struct json_at            one, at, list = json_member(item, "texts");
    static const char *const  names[] = { "lang", "text", "?choices", NULL };

    count = json_count(&list, 1, CD_LIMIT_TEMPLATE_LOCALES);

    for (i = 0; i < count; i++) {
        one = json_element(&list, i);
        json_members(&one, names);
        at = json_member(&one, "text");

        if (!json_object_is_type(at.value, json_type_string)) {
            json_fault(&at, "expected a string");
        }

        at = json_member(&one, "choices");

        if (at.value != NULL) {
            json_count(&at, 0, cd_field_row(CD_F_CHOICES)->max);
        }
    }
}


static void
templates_item(struct json_at *item, const struct desk_file *file,
    struct json_object *ids, struct json_object *shortcuts)
{
    size_t                    i, count;
    struct json_at            at, list = json_member(item, "queues");
    static const char *const  names[] = {
        "id", "title", "?shortcut", "?queues", "texts", NULL
    };

    json_members(item, names);
    templates_once(item, "id", TEMPLATE_ID_MAX, ids);

    if (json_object_object_get_ex(item->value, "shortcut", NULL)) {
        templates_once(item, "shortcut", TEMPLATE_ID_MAX, shortcuts);
    }

    count = list.value != NULL ? json_count(&list, 0, 1000) : 0;

    for (i = 0; i < count; i++) {
        at = json_element(&list, i);
        desk_refer(&at, file, DESK_QUEUES, "queue");
    }

    templates_texts(item);
}


void
desk_templates_check(struct json_object *templates, const char *name,
    const struct desk_file *file, struct fault *fault)
{
    size_t               i, count;
    struct json_at       list = { templates, name, fault, "templates" };
    struct json_at       item;
    struct json_object  *ids = json_object_new_object();
    struct json_object  *shortcuts = json_object_new_object();

    count = json_count(&list, 0, CD_LIMIT_TEMPLATES);

    for (i = 0; i < count && fault->text[0] == '\0'; i++) {
        item = json_element(&list, i);

        if (json_object_is_type(item.value, json_type_object)) {
            templates_item(&item, file, ids, shortcuts);
        } else {
            json_fault(&item, "expected an object");
        }
    }

    json_object_put(ids);
    json_object_put(shortcuts);
}
