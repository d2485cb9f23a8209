/*
 * An agent's choices about notifications; see wish.h.
 *
 * Purpose:    checked, kept, told to all of the agent's devices.
 * Owner:      the agent.
 * Invariants: those of wish.h.
 */

#include "core/wish.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/notify.h"
#include "core/notify_entity.h"
#include "core/presence.h"
#include "core/publish.h"
#include "core/push.h"
#include "core/refuse.h"
#include "core/state.h"


void
wish_silent(const struct wish *wish, char *out)
{
    size_t       len = 0;
    enum notice  kind;

    out[0] = '\0';

    for (kind = NOTICE_NONE + 1; kind < NOTICES_MAX; kind++) {
        if (wish->silent & notice_bit(kind)) {
            len += (size_t) snprintf(out + len, WISH_SILENT_MAX - len,
                                     "%s%s", len > 0 ? " " : "",
                                     notice_name(kind));
        }
    }
}


/* The bits of words that are separated by one space; -1 for other words. */

static int
silent_bits(struct cd_str words, unsigned *bits)
{
    size_t         end, at = 0;
    enum notice    kind;
    struct cd_str  word;

    *bits = 0;

    while (at < words.len) {
        for (end = at; end < words.len && words.data[end] != ' '; end++) {
            /* void */
        }

        word.data = words.data + at;
        word.len = end - at;

        for (kind = NOTICE_NONE + 1; kind < NOTICES_MAX; kind++) {
            if (cd_str_is(word, notice_name(kind))) {
                break;
            }
        }

        if (kind == NOTICES_MAX) {
            return -1;
        }

        *bits |= notice_bit(kind);
        at = end + 1;
    }

    return 0;
}


int
wish_set(struct agent *agent, struct cd_str sound, unsigned volume,
    struct cd_str silent, int popup)
{
    unsigned  bits;

    if (sound.len == 0 || sound.len > SOUND_MAX
        || silent_bits(silent, &bits) != 0)
    {
        return -1;
    }

    if (agent->wish == NULL) {
        agent->wish = calloc(1, sizeof(struct wish));
    }

    if (agent->wish == NULL) {
        return -1;
    }

    memcpy(agent->wish->sound, sound.data, sound.len);
    agent->wish->sound[sound.len] = '\0';
    agent->wish->volume = volume;
    agent->wish->silent = bits;
    agent->wish->popup = popup;

    return 0;
}


void
wish_choose(struct desk *desk, const struct cd_frame *entry)
{
    struct agent  *agent = agent_find(&desk->agents,
                                      cd_frame_str(entry, CD_F_WHO));

    if (entry_role(entry) != ROLE_AGENT || agent == NULL
        || agent->profile == NULL)
    {
        refuse(desk, entry, CD_E_FORBIDDEN);
        return;
    }

    if (wish_set(agent, cd_frame_str(entry, CD_F_SOUND),
                 (unsigned) cd_frame_uint(entry, CD_F_VOLUME),
                 cd_frame_str(entry, CD_F_SILENT),
                 cd_frame_uint(entry, CD_F_POPUP) != 0)
        != 0)
    {
        refuse(desk, entry, CD_E_BAD_REQUEST);
        return;
    }

    entity_put_wish(desk, agent);
    publish_wish(desk, agent);

    if (!agent->wish->popup) {
        push_silence(desk, agent);
    }

    notify_look_all(desk, agent);
}
