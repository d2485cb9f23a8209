/*
 * Refusals; see refuse.h.
 *
 * Purpose:    the `refused` frame for the node of the session that asked.
 * Owner:      nothing.
 * Invariants: every id in it is checked.
 */

#include "core/refuse.h"

#include "core/id.h"
#include "core/state.h"


void
refuse_field(struct desk *desk, const struct cd_frame *entry,
    enum cd_error error, const char *field)
{
    const char       *code = cd_error_row(error)->code;
    struct id         session, node, re, conv;
    struct cd_frame   frame;

    desk->refused = error;

    if (id_set(&session, cd_frame_str(entry, CD_F_SESSION)) != 0
        || id_set(&node, cd_frame_str(entry, CD_F_NODE)) != 0
        || id_set(&re, cd_frame_str(entry, CD_F_ID)) != 0)
    {
        return;
    }

    cd_frame_init(&frame, CD_T_REFUSED);
    cd_frame_set_str(&frame, CD_F_SESSION, session.s, strlen(session.s));
    cd_frame_set_str(&frame, CD_F_RE, re.s, strlen(re.s));
    cd_frame_set_str(&frame, CD_F_CODE, code, strlen(code));

    if (id_set(&conv, cd_frame_str(entry, CD_F_CONV)) == 0) {
        cd_frame_set_str(&frame, CD_F_CONV, conv.s, strlen(conv.s));
    }

    if (field != NULL) {
        cd_frame_set_str(&frame, CD_F_FIELD, field, strlen(field));
    }

    changes_node(desk->changes, node.s, &frame);
}


void
refuse(struct desk *desk, const struct cd_frame *entry, enum cd_error error)
{
    refuse_field(desk, entry, error, NULL);
}
