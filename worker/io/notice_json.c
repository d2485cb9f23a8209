/*
 * A notice as JSON; see notice_json.h.
 *
 * Purpose:    one row for each member.
 * Owner:      nothing.
 * Invariants: those of notice_json.h.
 */

#include "io/notice_json.h"

static const struct member {
    const char  *name;
    unsigned     field;
} members[] = {
    { "about", CD_F_ABOUT }, { "type", CD_F_KIND }, { "conv", CD_F_CONV },
    { "name", CD_F_NAME }, { "queue", CD_F_QUEUE }, { "count", CD_F_COUNT },
    { "preview", CD_F_PREVIEW }, { "since", CD_F_SINCE },
    { "expires", CD_F_EXPIRES }
};


static struct json_object *
member_value(const struct cd_frame *frame, unsigned field)
{
    struct cd_str  text = cd_frame_str(frame, field);

    return cd_field_row(field)->type == CD_TYPE_UINT
           ? json_object_new_uint64(cd_frame_uint(frame, field))
           : json_object_new_string_len(text.data, (int) text.len);
}


struct json_object *
notice_json(const struct outbox_job *job, struct cd_frame *frame)
{
    size_t               i;
    struct json_object  *json;

    if (cd_frame_decode(frame, job->frame, job->frame_len) != 0) {
        return NULL;
    }

    json = json_object_new_object();

    for (i = 0; json != NULL && i < sizeof(members) / sizeof(members[0]);
         i++)
    {
        if (cd_frame_has(frame, members[i].field)) {
            json_object_object_add(json, members[i].name,
                                   member_value(frame, members[i].field));
        }
    }

    if (json != NULL) {
        json_object_object_add(json, "state", json_object_new_string(
            frame->type == CD_T_NOTICE ? "told" : "over"));
        json_object_object_add(json, "at",
                               json_object_new_uint64(frame->at_ms));
    }

    return json;
}
