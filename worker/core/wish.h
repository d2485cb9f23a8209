/*
 * What an agent has chosen about notifications.
 *
 * Purpose:    kept for the agent, not for a browser: every device shows and
 *             follows it.
 * Owner:      the agent; NULL until it has chosen for the first time.
 * Invariants: `silent` holds bits of kinds alone.
 */

#ifndef CHATDESK_CORE_WISH_H
#define CHATDESK_CORE_WISH_H

#include "core/notices.h"

struct agent;
struct cd_frame;

#define SOUND_MAX  16

struct wish {
    char     sound[SOUND_MAX + 1];
    unsigned volume;            /* percent */
    unsigned silent;            /* bits of the kinds */
    int      popup;
};

/* The rule of the entry `notify`. */
void wish_choose(struct desk *desk, const struct cd_frame *entry);

/* The silenced kinds as words; `out` holds WISH_SILENT_MAX. */
#define WISH_SILENT_MAX  81
void wish_silent(const struct wish *wish, char *out);

/* 0; -1 for memory or words that are no kinds. */
int wish_set(struct agent *agent, struct cd_str sound, unsigned volume,
    struct cd_str silent, int popup);

#endif /* CHATDESK_CORE_WISH_H */
