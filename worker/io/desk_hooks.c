/*
 * Settings: webhooks that are told of notices.
 *
 *   {"id": "wall", "url": "https://wall.example/in", "secret": "...",
 *    "types": ["offer", "wait"], "preview": true}
 *
 * Purpose:    the list "webhooks"; a desk may have none.
 * Owner:      the arrays are the desk_file's.
 * Invariants: those of io/desk_kind.h; an address is one of https.
 */

#include "io/desk_kind.h"

#include <stdlib.h>
#include <string.h>

#include "core/notices.h"
#include "io/https_url.h"

#define HOOKS_MAX   20
#define URL_MAX     1024
#define SECRET_MIN  32
#define SECRET_MAX  200

static const char  printable[] = "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "!#$%&'()*+,-./:;<=>?@[]^_`{|}~";


static int
hooks_open(struct desk_file *file, size_t count)
{
    file->hooks = desk_rows(count, sizeof(*file->hooks));
    file->targets = desk_rows(count, sizeof(*file->targets));
    file->settings.hooks = file->hooks;
    file->settings.hook_count = file->hooks != NULL ? count : 0;

    return file->hooks != NULL && file->targets != NULL ? 0 : -1;
}


static unsigned
read_types(struct json_at *item)
{
    size_t          i, count;
    unsigned        types = 0;
    const char     *word;
    enum notice     kind;
    struct json_at  list = json_member(item, "types"), at;

    count = json_count(&list, 1, NOTICES_MAX - 1);

    for (i = 0; i < count; i++) {
        at = json_element(&list, i);
        word = json_word(&at, "abcdefghijklmnopqrstuvwxyz", 16);

        for (kind = NOTICE_NONE + 1; kind < NOTICES_MAX; kind++) {
            if (strcmp(word, notice_name(kind)) == 0) {
                break;
            }
        }

        if (kind == NOTICES_MAX) {
            json_fault(&at, "expected message, offer, wait or hand");
            return 0;
        }

        types |= notice_bit(kind);
    }

    return types;
}


static void
hooks_item(struct json_at *item, const char *id, struct desk_file *file,
    size_t i)
{
    struct json_at         at;
    struct hook_settings  *hook = &file->hooks[i];
    struct hook_target    *target = &file->targets[i];
    static const char *const  names[] = {
        "id", "url", "secret", "types", "?preview", NULL
    };

    json_members(item, names);
    hook->id = id;
    hook->types = read_types(item);
    at = json_member(item, "preview");
    hook->preview = at.value != NULL && json_flag(&at);
    at = json_member(item, "url");
    target->url = json_text(&at, URL_MAX);

    if (!https_url(target->url, URL_MAX)) {
        json_fault(&at, "expected an address of https://");
    }

    at = json_member(item, "secret");
    target->secret = json_word(&at, printable, SECRET_MAX);

    if (strlen(target->secret) < SECRET_MIN) {
        json_fault(&at, "expected at least %d characters", SECRET_MIN);
    }
}


static void
hooks_close(struct desk_file *file)
{
    free(file->hooks);
    free(file->targets);
}


const struct desk_kind  desk_kind_webhooks = {
    "webhooks", "id", DESK_ID_BYTES, 1, 0, HOOKS_MAX,
    hooks_open, hooks_item, hooks_close, NULL
};
