/*
 * Entries of records; see record_entry.h.
 *
 * Purpose:    from names and values to bytes.
 * Owner:      nothing.
 * Invariants: those of record_entry.h.
 */

#include "core/record_entry.h"

#include "chatdesk_wire.h"


void
entry_uint(struct entry *entry, const char *key, uint64_t number)
{
    if (entry->count < ENTRY_PAIRS_MAX) {
        entry->pairs[entry->count].key = key;
        entry->pairs[entry->count].text = NULL;
        entry->pairs[entry->count++].number = number;
    }
}


void
entry_text(struct entry *entry, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0' && entry->count < ENTRY_PAIRS_MAX) {
        entry->pairs[entry->count].key = key;
        entry->pairs[entry->count++].text = text;
    }
}


void
entry_open(struct entry *entry, uint64_t at_ms, const char *what)
{
    entry->count = 0;
    entry_uint(entry, "at", at_ms);
    entry_text(entry, "what", what);
}


static void
pack_text(msgpack_packer *pk, const char *text)
{
    msgpack_pack_str(pk, strlen(text));
    msgpack_pack_str_body(pk, text, strlen(text));
}


size_t
entry_pack(const struct entry *entry, char *data, size_t size)
{
    unsigned            i;
    msgpack_packer      pk;
    struct cd_wire_out  out = { data, size, 0, 0 };

    msgpack_packer_init(&pk, &out, cd_wire_write);
    msgpack_pack_map(&pk, entry->count);

    for (i = 0; i < entry->count; i++) {
        pack_text(&pk, entry->pairs[i].key);

        if (entry->pairs[i].text != NULL) {
            pack_text(&pk, entry->pairs[i].text);
        } else {
            msgpack_pack_uint64(&pk, entry->pairs[i].number);
        }
    }

    return out.failed ? 0 : out.len;
}
