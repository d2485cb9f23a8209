/*
 * Settings: API keys of programs.
 *
 *   {"id": "crm", "role": "supervisor", "sha256": "<64 hex digits>"}
 *
 * Purpose:    the list "keys"; a desk may have none.
 * Owner:      the array is the desk_file's.
 * Invariants: those of io/desk_kind.h; the key itself is nowhere.
 */

#include "io/desk_kind.h"

#include <stdlib.h>
#include <string.h>

#define HASH_LEN  64


static int
keys_open(struct desk_file *file, size_t count)
{
    file->keys = desk_rows(count, sizeof(*file->keys));
    file->key_count = file->keys != NULL ? count : 0;

    return file->keys != NULL ? 0 : -1;
}


static void
keys_item(struct json_at *item, const char *id, struct desk_file *file,
    size_t i)
{
    struct json_at        at;
    struct key_settings  *key = &file->keys[i];
    static const char *const  names[] = { "id", "role", "sha256", NULL };

    json_members(item, names);
    key->id = id;
    key->role = desk_role(item);
    at = json_member(item, "sha256");
    key->hash = json_word(&at, "0123456789abcdef", HASH_LEN);

    if (strlen(key->hash) != HASH_LEN) {
        json_fault(&at, "expected the SHA-256 of the key, 64 hex digits");
    }
}


static void
keys_close(struct desk_file *file)
{
    free(file->keys);
}


const struct desk_kind  desk_kind_keys = {
    "keys", "id", DESK_ID_BYTES, 1, 0, 1000,
    keys_open, keys_item, keys_close, NULL
};
