/*
 * Whether an address is global; see global_address.h.
 *
 * Purpose:    two tables of prefixes.
 * Owner:      nothing.
 * Invariants: those of global_address.h.
 */

#include "io/global_address.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <netinet/in.h>

struct prefix {
    uint8_t   bytes[16];
    unsigned  bits;
};

static const struct prefix  special_4[] = {
    { { 0 }, 8 },                       /* this network */
    { { 10 }, 8 },                      /* private */
    { { 100, 64 }, 10 },                /* shared by a provider */
    { { 127 }, 8 },                     /* this host */
    { { 169, 254 }, 16 },               /* this link */
    { { 172, 16 }, 12 },                /* private */
    { { 192, 0, 0 }, 24 },              /* protocols */
    { { 192, 0, 2 }, 24 },              /* documentation */
    { { 192, 88, 99 }, 24 },            /* relays of 6to4 */
    { { 192, 168 }, 16 },               /* private */
    { { 198, 18 }, 15 },                /* measuring */
    { { 198, 51, 100 }, 24 },           /* documentation */
    { { 203, 0, 113 }, 24 },            /* documentation */
    { { 224 }, 4 },                     /* groups */
    { { 240 }, 4 }                      /* reserved, and all of them */
};

/* within 2000::/3, outside of which nothing is global */
static const struct prefix  special_6[] = {
    { { 0x20, 0x01 }, 23 },             /* protocols, tunnels */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
    { { 0x3f, 0xff }, 20 }              /* documentation */
};

/* those in front of an IPv4 address, and where that begins */
static const struct {
    struct prefix  prefix;
    unsigned       at;
} carriers[] = {
    { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 }, 12 },
    { { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 },
    { { { 0x20, 0x02 }, 16 }, 2 }
};


static int
prefix_fits(const struct prefix *prefix, const uint8_t *bytes)
{
    unsigned  whole = prefix->bits / 8, rest = prefix->bits % 8;

    return memcmp(prefix->bytes, bytes, whole) == 0
           && (rest == 0
               || (prefix->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0);
}


static int
is_special(const struct prefix *prefixes, size_t count, const uint8_t *bytes)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        if (prefix_fits(&prefixes[i], bytes)) {
            return 1;
        }
    }

    return 0;
}


static int
global_4(const uint8_t *bytes)
{
    return !is_special(special_4, sizeof(special_4) / sizeof(special_4[0]),
                       bytes);
}


static int
global_6(const uint8_t *bytes)
{
    size_t  i;

    for (i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
        if (prefix_fits(&carriers[i].prefix, bytes)) {
            return global_4(bytes + carriers[i].at);
        }
    }

    return bytes[0] >> 5 == 1
           && !is_special(special_6,
                          sizeof(special_6) / sizeof(special_6[0]), bytes);
}


int
global_address(const struct sockaddr *address, socklen_t len)
{
    struct sockaddr_in   v4;
    struct sockaddr_in6  v6;

    if (address->sa_family == AF_INET && len >= sizeof(v4)) {
        memcpy(&v4, address, sizeof(v4));
        return global_4((const uint8_t *) &v4.sin_addr);
    }

    if (address->sa_family == AF_INET6 && len >= sizeof(v6)) {
        memcpy(&v6, address, sizeof(v6));
        return global_6((const uint8_t *) &v6.sin6_addr);
    }

    return 0;
}
