/*
 * Text made fit for one line; see text.h.
 *
 * Purpose:    decode, replace, cut on a code point's boundary.
 * Owner:      the caller.
 * Invariants: never reads behind the given length; well-formed is what
 *             RFC 3629 says: no overlong forms, no surrogates.
 */

#include "core/text.h"

#include <stdlib.h>


uint32_t
text_point(const unsigned char *p, size_t left, size_t *len)
{
    size_t                 i, need;
    uint32_t               point;
    static const uint32_t  least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    *len = 1;

    if (p[0] < 0x80) {
        return p[0];
    }

    if (p[0] < 0xc2 || p[0] > 0xf4) {
        return TEXT_NO_POINT;
    }

    need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    if (left < need) {
        return TEXT_NO_POINT;
    }

    point = p[0] & (0xffu >> (need + 1));

    for (i = 1; i < need; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return TEXT_NO_POINT;
        }
        point = point << 6 | (p[i] & 0x3f);
    }

    if (point < least[need] || point > 0x10ffff
        || (point >= 0xd800 && point <= 0xdfff))
    {
        return TEXT_NO_POINT;
    }

    *len = need;

    return point;
}


static int
text_breaks(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0)
           || point == 0x2028 || point == 0x2029;
}


/* How many bytes, at most `most`, need no second look; most texts do not. */

static size_t
text_plain(struct cd_str in, size_t most)
{
    size_t  i;

    most = in.len < most ? in.len : most;

    for (i = 0; i < most && in.data[i] >= 0x20 && in.data[i] < 0x7f; i++) {
        /* void */
    }

    return i;
}


size_t
text_line(char *out, struct cd_str in, size_t max_points)
{
    size_t                at, len, points, written;
    uint32_t              point;
    const unsigned char  *p = (const unsigned char *) in.data;

    written = text_plain(in, max_points);
    at = written;

    if (written > 0) {
        memcpy(out, in.data, written);
    }

    for (points = written; at < in.len && points < max_points; points++) {
        point = text_point(p + at, in.len - at, &len);

        if (point == TEXT_NO_POINT) {
            out[written++] = '?';

        } else if (text_breaks(point)) {
            out[written++] = ' ';

        } else {
            memmove(out + written, p + at, len);
            written += len;
        }

        at += len;
    }

    out[written] = '\0';

    return written;
}


size_t
text_points(const char *text, size_t len)
{
    size_t  i, points = 0;

    for (i = 0; i < len; i++) {
        points += (text[i] & 0xc0) != 0x80;
    }

    return points;
}


int
text_set(char **slot, struct cd_str in, size_t max_points)
{
    char    *copy, *fitted;
    size_t   len, points, plain;

    if (in.len == 0) {
        free(*slot);
        *slot = NULL;
        return 0;
    }

    /* a code point takes at least one byte of what came in */
    points = in.len < max_points ? in.len : max_points;
    plain = text_plain(in, points);

    copy = malloc(plain + 4 * (points - plain) + 1);
    if (copy == NULL) {
        return -1;
    }

    len = text_line(copy, in, points);
    fitted = plain < points ? realloc(copy, len + 1) : NULL;
    free(*slot);
    *slot = fitted != NULL ? fitted : copy;

    return 0;
}
