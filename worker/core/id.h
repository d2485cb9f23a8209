/*
 * Ids that come from outside, checked and bounded.
 *
 * Purpose:    the only way by which an id gets into the core.
 * Owner:      plain values, copied.
 * Invariants: terminated; only characters that docs/bus.md allows, so an id
 *             can be put into a key's name without further care.
 */

#ifndef CHATDESK_CORE_ID_H
#define CHATDESK_CORE_ID_H

#include "chatdesk_wire.h"

#define ID_MAX     22           /* conversation, visitor, session, node */
#define LOGIN_MAX  64           /* agent, and ids in the settings */

struct id {
    char s[ID_MAX + 1];
};

struct login {
    char s[LOGIN_MAX + 1];
};

/* 0; -1 when `str` is empty, too long or has other characters; the target
   is then the empty id. */
int id_set(struct id *id, struct cd_str str);
int login_set(struct login *login, struct cd_str str);

static inline struct cd_str
str_of(const char *text)
{
    struct cd_str  str = { text, strlen(text) };

    return str;
}

#endif /* CHATDESK_CORE_ID_H */
