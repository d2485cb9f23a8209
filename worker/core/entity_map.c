/*
 * Maps by key, written and read; see entity_map.h.
 *
 * Purpose:    packs and looks up; knows no entity.
 * Owner:      nothing.
 * Invariants: those of entity_map.h.
 */

#include "core/entity_map.h"

#define MAP_HEAD  3             /* map 16: 0xde and two bytes */


void
map_out_init(struct map_out *to, char *buf, size_t cap)
{
    to->out.data = buf;
    to->out.cap = cap;
    to->out.len = 0;
    to->out.failed = 0;
    msgpack_packer_init(&to->pk, &to->out, cd_wire_write);
}


/* The head has a fixed width, so that its number can be put in at the end. */

struct map
map_open(struct map_out *to)
{
    struct map  map = { to->out.len, 0 };

    cd_wire_write(&to->out, "\xde\0\0", MAP_HEAD);

    return map;
}


void
map_close(struct map_out *to, const struct map *map)
{
    if (!to->out.failed) {
        cd_wire_put_be((unsigned char *) to->out.data + map->at + 1,
                       map->count, 2);
    }
}


static void
map_key(struct map_out *to, struct map *map, unsigned key)
{
    map->count++;
    msgpack_pack_unsigned_int(&to->pk, key);
}


void
map_uint(struct map_out *to, struct map *map, unsigned key, uint64_t value)
{
    if (value != 0) {
        map_key(to, map, key);
        msgpack_pack_uint64(&to->pk, value);
    }
}


void
map_text(struct map_out *to, struct map *map, unsigned key, const char *text)
{
    map_bytes(to, map, key, text, text != NULL ? strlen(text) : 0);
}


void
map_bytes(struct map_out *to, struct map *map, unsigned key, const char *data,
    size_t len)
{
    if (len > 0) {
        map_key(to, map, key);
        msgpack_pack_str(&to->pk, len);
        msgpack_pack_str_body(&to->pk, data, len);
    }
}


void
map_array(struct map_out *to, struct map *map, unsigned key, size_t count)
{
    map_key(to, map, key);
    msgpack_pack_array(&to->pk, count);
}


int
fields_map(struct fields *fields, const msgpack_object *object)
{
    uint32_t                  i;
    uint64_t                  key;
    const msgpack_object_kv  *pair;

    memset(fields, 0, sizeof(*fields));

    if (object->type != MSGPACK_OBJECT_MAP) {
        fields->bad = 1;
        return -1;
    }

    for (i = 0; i < object->via.map.size; i++) {
        pair = &object->via.map.ptr[i];
        key = pair->key.via.u64;

        if (pair->key.type != MSGPACK_OBJECT_POSITIVE_INTEGER
            || (key < ENTITY_KEYS_MAX && fields->value[key] != NULL))
        {
            fields->bad = 1;
            return -1;
        }

        if (key < ENTITY_KEYS_MAX) {
            fields->value[key] = &pair->val;
        }
    }

    return 0;
}


int
fields_array(struct fields *fields, const msgpack_object *object,
    const uint8_t *keys, size_t count)
{
    size_t  i;

    memset(fields, 0, sizeof(*fields));

    if (object->type != MSGPACK_OBJECT_ARRAY
        || object->via.array.size != count)
    {
        fields->bad = 1;
        return -1;
    }

    for (i = 0; i < count; i++) {
        fields->value[keys[i]] = &object->via.array.ptr[i];
    }

    return 0;
}


uint64_t
fields_uint(struct fields *fields, unsigned key, uint64_t max,
    uint64_t missing)
{
    const msgpack_object  *value = fields->value[key];

    if (value == NULL) {
        return missing;
    }

    if (value->type != MSGPACK_OBJECT_POSITIVE_INTEGER
        || value->via.u64 > max)
    {
        fields->bad = 1;
        return missing;
    }

    return value->via.u64;
}


struct cd_str
fields_str(struct fields *fields, unsigned key)
{
    struct cd_str          str = { "", 0 };
    const msgpack_object  *value = fields->value[key];

    if (value == NULL) {
        return str;
    }

    if (value->type != MSGPACK_OBJECT_STR) {
        fields->bad = 1;
        return str;
    }

    /* msgpack-c has no pointer for an empty string */
    if (value->via.str.size > 0) {
        str.data = value->via.str.ptr;
        str.len = value->via.str.size;
    }

    return str;
}


const msgpack_object_array *
fields_list(struct fields *fields, unsigned key)
{
    static const msgpack_object_array   none = { 0, NULL };
    const msgpack_object               *value = fields->value[key];

    if (value == NULL) {
        return &none;
    }

    if (value->type != MSGPACK_OBJECT_ARRAY) {
        fields->bad = 1;
        return &none;
    }

    return &value->via.array;
}
