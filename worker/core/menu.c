/*
 * A menu as text; see menu.h.
 *
 * Purpose:    the question, then a line for each option.
 * Owner:      nothing.
 * Invariants: those of menu.h.
 */

#include "core/menu.h"

#include <stdio.h>

#include "core/template.h"

#define CUT  " ..."


/* Whether there is more of the question than is shown. */

static int
question_is_long(struct cd_str question)
{
    size_t  i, points = 0;

    if (question.len <= MENU_QUESTION) {
        return 0;
    }

    for (i = 0; i < question.len; i++) {
        points += (question.data[i] & 0xc0) != 0x80;
    }

    return points > MENU_QUESTION;
}


size_t
menu_text(char *out, struct cd_str question, struct cd_str choices)
{
    size_t         len;
    unsigned       number = 0;
    struct cd_str  option;

    len = template_clean(out, question, MENU_QUESTION);

    if (question_is_long(question)) {
        memcpy(out + len, CUT, sizeof(CUT) - 1);
        len += sizeof(CUT) - 1;
    }

    while (number < MENU_OPTIONS && cd_list_next(&choices, &option)) {
        len += (size_t) snprintf(out + len, MENU_TEXT_MAX - len, "\n%u. ",
                                 ++number);
        len += template_clean(out + len, option, CD_LIMIT_LIST_ITEM);
    }

    out[len] = '\0';

    return len;
}
