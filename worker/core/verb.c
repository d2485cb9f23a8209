/*
 * Who asks about which conversation; see verb.h.
 *
 * Purpose:    one look-up for all verbs.
 * Owner:      nothing.
 * Invariants: those of verb.h.
 */

#include "core/verb.h"

#include "core/presence.h"
#include "core/state.h"


struct verb
verb_of(struct desk *desk, const struct cd_frame *entry)
{
    struct verb  verb = { NULL, NULL, NULL };

    verb.conversation = conversation_find(&desk->conversations,
                                          cd_frame_str(entry, CD_F_CONV));

    if (entry_role(entry) == ROLE_AGENT) {
        verb.agent = agent_find(&desk->agents, cd_frame_str(entry, CD_F_WHO));
    }

    if (verb.conversation != NULL && verb.agent != NULL) {
        verb.seat = seat_find(verb.conversation, verb.agent);
    }

    return verb;
}


int
verb_is_member(const struct verb *verb)
{
    return verb->seat != NULL && verb->seat->state == SEAT_ACTIVE;
}
