/*
 * A menu as text, for where there are no menus.
 *
 *   When may we call?
 *   1. Today
 *   2. Tomorrow
 *
 * Purpose:    previews, records, and channels without menus show a message
 *             that offers choices.  An answer to it is understood where menus
 *             are settled (worker/redis/menu.lua).
 * Owner:      the caller.
 * Invariants: valid UTF-8 whatever came in; without control characters but
 *             the line feeds in front of options, without such that turn the
 *             direction of text; all options are there: a question that is
 *             too long is cut.
 */

#ifndef CHATDESK_CORE_MENU_H
#define CHATDESK_CORE_MENU_H

#include "chatdesk_wire.h"

#define MENU_QUESTION  500      /* code points, then " ..." */
#define MENU_OPTIONS   10       /* the most that the field `choices` has */

/* bytes that are always enough, with the end */
#define MENU_TEXT_MAX  (4 * MENU_QUESTION + 4 \
                        + MENU_OPTIONS * (5 + 4 * CD_LIMIT_LIST_ITEM) + 1)

/* `choices` is a LIST as on the bus; `out` has MENU_TEXT_MAX bytes and is
   terminated.  Returns the length in bytes. */
size_t menu_text(char *out, struct cd_str question, struct cd_str choices);

#endif /* CHATDESK_CORE_MENU_H */
