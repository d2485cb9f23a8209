/*
 * MessagePack maps with small integer keys, the form of all entities.
 *
 * Purpose:    values by key: an unknown key is passed over, a missing one has
 *             a default, so entities of an older and of a newer worker load.
 * Owner:      a writer fills the caller's buffer; what is read borrows from
 *             the unpacked object.
 * Invariants: values that are the default (0, no text) are not written; the
 *             first fault of a reader or writer sticks.
 */

#ifndef CHATDESK_CORE_ENTITY_MAP_H
#define CHATDESK_CORE_ENTITY_MAP_H

#include "chatdesk_wire.h"

#define ENTITY_KEYS_MAX  128

/* writing */

struct map_out {
    struct cd_wire_out  out;
    msgpack_packer      pk;
};

/* a map that is being written: where its head stands, pairs so far */
struct map {
    size_t    at;
    unsigned  count;
};

void map_out_init(struct map_out *to, char *buf, size_t cap);
struct map map_open(struct map_out *to);
void map_close(struct map_out *to, const struct map *map);

void map_uint(struct map_out *to, struct map *map, unsigned key,
    uint64_t value);
void map_text(struct map_out *to, struct map *map, unsigned key,
    const char *text);

void map_bytes(struct map_out *to, struct map *map, unsigned key,
    const char *data, size_t len);

/* The value follows: an array of so many elements. */
void map_array(struct map_out *to, struct map *map, unsigned key,
    size_t count);

/* reading */

struct fields {
    const msgpack_object *value[ENTITY_KEYS_MAX];   /* borrows */
    int                   bad;
};

/* 0; -1 for anything but a map with whole numbers as keys, none twice. */
int fields_map(struct fields *fields, const msgpack_object *object);

/* An array whose elements have these keys, key 0 for none of them. */
int fields_array(struct fields *fields, const msgpack_object *object,
    const uint8_t *keys, size_t count);

uint64_t fields_uint(struct fields *fields, unsigned key, uint64_t max,
    uint64_t missing);
struct cd_str fields_str(struct fields *fields, unsigned key);

/* An array; of no elements when it is missing. */
const msgpack_object_array *fields_list(struct fields *fields, unsigned key);

#endif /* CHATDESK_CORE_ENTITY_MAP_H */
