/*
 * Channels: the kinds of work that a presence state takes or leaves.
 *
 * Purpose:    one number for each, for arrays and masks.
 * Owner:      constant.
 * Invariants: the numbers stand in stored entities; 0 is what a conversation
 *             has of which nothing else is known.
 */

#ifndef CHATDESK_CORE_CHANNEL_H
#define CHATDESK_CORE_CHANNEL_H

#include "chatdesk_wire.h"

enum channel {
    CHANNEL_CHAT = 0,           /* the widget: the client waits at the page */
    CHANNEL_MESSAGING = 1,      /* comes and goes: SMS, WhatsApp, mail */
    CHANNEL_ITEM = 2,           /* other work: a case, an incident */
    CHANNELS_MAX
};

#define CHANNELS_ALL  ((1u << CHANNELS_MAX) - 1)


static inline const char *
channel_name(enum channel channel)
{
    static const char *const  names[] = { "chat", "messaging", "item" };

    return names[channel];
}


/* CHANNELS_MAX for a name that there is not. */

static inline enum channel
channel_named(struct cd_str name)
{
    unsigned  channel;

    for (channel = 0; channel < CHANNELS_MAX; channel++) {
        if (cd_str_is(name, channel_name((enum channel) channel))) {
            break;
        }
    }

    return (enum channel) channel;
}

#endif /* CHATDESK_CORE_CHANNEL_H */
