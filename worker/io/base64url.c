/*
 * base64url; see base64url.h.
 *
 * Purpose:    six bits a character.
 * Owner:      nothing.
 * Invariants: those of base64url.h.
 */

#include "io/base64url.h"

#include <stdint.h>
#include <string.h>

static const char  digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789-_";


size_t
base64url_write(char *out, const void *data, size_t len)
{
    size_t                i, at = 0;
    unsigned              bits = 0;
    uint32_t              hold = 0;
    const unsigned char  *in = data;

    for (i = 0; i < len; i++) {
        hold = hold << 8 | in[i];

        for (bits += 8; bits >= 6; bits -= 6) {
            out[at++] = digits[hold >> (bits - 6) & 63];
        }
    }

    if (bits > 0) {
        out[at++] = digits[hold << (6 - bits) & 63];
    }

    out[at] = '\0';

    return at;
}


int
base64url_read(unsigned char *out, size_t len, const char *text)
{
    size_t       at = 0;
    unsigned     bits = 0;
    uint32_t     hold = 0;
    const char  *digit;

    if (strlen(text) != BASE64URL_SIZE(len) - 1) {
        return -1;
    }

    for ( ; *text != '\0'; text++) {
        digit = strchr(digits, *text);
        if (digit == NULL) {
            return -1;
        }

        hold = hold << 6 | (uint32_t) (digit - digits);
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            out[at++] = (unsigned char) (hold >> bits);
        }
    }

    return at == len && (hold & ((1u << bits) - 1)) == 0 ? 0 : -1;
}
