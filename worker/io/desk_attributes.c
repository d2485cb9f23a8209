/*
 * Settings: attributes of the desk, that templates fill in.
 *
 *   {"key": "phone", "value": "+351 21 000 000"}
 *
 * Purpose:    the list "attributes".
 * Owner:      the array is the desk_file's.
 * Invariants: those of io/desk_kind.h; a key is what a template may name
 *             behind `custom.`.
 */

#include "io/desk_kind.h"

#include <stdlib.h>
#include <string.h>

#include "chatdesk_tables.h"


static int
attributes_open(struct desk_file *file, size_t count)
{
    file->settings.attributes = desk_rows(count,
                                          sizeof(struct attribute_settings));
    file->settings.attribute_count = file->settings.attributes != NULL
                                     ? count : 0;

    return file->settings.attributes != NULL ? 0 : -1;
}


static void
attributes_item(struct json_at *item, const char *id, struct desk_file *file,
    size_t i)
{
    struct json_at              at;
    struct attribute_settings  *row;
    static const char *const    names[] = { "key", "value", NULL };

    row = (struct attribute_settings *) &file->settings.attributes[i];
    json_members(item, names);
    row->key = id;
    at = json_member(item, "key");

    if (strlen(id) > ATTRIBUTE_KEY_MAX) {
        json_fault(&at, "expected at most %d characters",
                   ATTRIBUTE_KEY_MAX);
    }

    at = json_member(item, "value");
    row->value = json_text(&at, ATTRIBUTE_MAX);
}


static void
attributes_close(struct desk_file *file)
{
    free((void *) file->settings.attributes);
}


const struct desk_kind  desk_kind_attributes = {
    "attributes", "key", "abcdefghijklmnopqrstuvwxyz0123456789_", 1, 0,
    ATTRIBUTES_MAX, attributes_open, attributes_item, attributes_close,
    NULL
};
