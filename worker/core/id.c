/*
 * Checks of ids that come from outside; see id.h.
 *
 * Purpose:    bounded copies, refused when a character does not belong.
 * Owner:      nothing is kept.
 * Invariants: ASCII only, whatever the locale.
 */

#include "core/id.h"


static int
id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_' || c == '-';
}


static int
login_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'
           || c == '_' || c == '-';
}


static int
copy_checked(char *out, size_t max, struct cd_str str, int (*allowed)(char))
{
    size_t  i;

    out[0] = '\0';

    if (str.len == 0 || str.len > max) {
        return -1;
    }

    for (i = 0; i < str.len; i++) {
        if (!allowed(str.data[i])) {
            return -1;
        }
    }

    memcpy(out, str.data, str.len);
    out[str.len] = '\0';

    return 0;
}


int
id_set(struct id *id, struct cd_str str)
{
    return copy_checked(id->s, ID_MAX, str, id_char);
}


int
login_set(struct login *login, struct cd_str str)
{
    return copy_checked(login->s, LOGIN_MAX, str, login_char);
}
