/*
 * Fuzz target: envelopes from the bus.
 *
 * Whatever the bytes, cd_frame_decode() must neither overrun nor allocate
 * beyond what the input holds; what it accepts must encode again.
 *
 * link: -lmsgpackc
 */

#include <stdlib.h>

#include "chatdesk_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char      buf[2 * 65536 + CD_WIRE_HEAD];
    struct cd_frame  frame, again;
    size_t           len;

    if (cd_frame_decode(&frame, (const char *) data, size) != 0) {
        return 0;
    }

    len = cd_frame_encode(&frame, buf, sizeof(buf));

    if (len == 0 || cd_frame_decode(&again, buf, len) != 0
        || again.type != frame.type || again.n != frame.n
        || again.set[0] != frame.set[0] || again.set[1] != frame.set[1]
        || again.set[2] != frame.set[2])
    {
        abort();
    }

    return 0;
}
