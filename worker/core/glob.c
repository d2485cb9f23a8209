/*
 * Globs; see glob.h.
 *
 * Purpose:    match with one place to come back to: the last `*`.
 * Owner:      nothing.
 * Invariants: going back to an earlier `*` is never needed, for what the
 *             later one left over it could take as well.
 */

#include "core/glob.h"

#include <stddef.h>


static unsigned char
glob_fold(char c)
{
    unsigned char  byte = (unsigned char) c;

    return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}


int
glob_match(const char *pattern, struct cd_str text)
{
    size_t       at = 0, again = 0;
    const char  *star = NULL;

    while (at < text.len) {

        if (*pattern == '*') {
            star = ++pattern;
            again = at;

        } else if (*pattern != '\0'
                   && glob_fold(*pattern) == glob_fold(text.data[at]))
        {
            pattern++;
            at++;

        } else if (star != NULL) {
            pattern = star;
            at = ++again;

        } else {
            return 0;
        }
    }

    while (*pattern == '*') {
        pattern++;
    }

    return *pattern == '\0';
}
