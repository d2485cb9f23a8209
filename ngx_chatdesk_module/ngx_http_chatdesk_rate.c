/*
 * The token bucket, counted the way limit_req does: as an excess that
 * drains with time.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_rate.h.
 */

#include "ngx_http_chatdesk_rate.h"


uint32_t
ngx_http_chatdesk_rate_take(ngx_http_chatdesk_rate_t *rate,
    const ngx_http_chatdesk_rate_conf_t *conf, uint64_t now_ms)
{
    uint64_t  drained, over, room;

    if (now_ms > rate->last_ms) {
        drained = now_ms - rate->last_ms;

        /* one millisecond drains per_second thousandths */
        if (drained > rate->excess / conf->per_second) {
            rate->excess = 0;

        } else {
            rate->excess -= (uint32_t) drained * conf->per_second;
        }
    }

    rate->last_ms = now_ms;

    room = (uint64_t) conf->burst * 1000;

    if (rate->excess + UINT64_C(1000) <= room) {
        rate->excess += 1000;
        return 0;
    }

    over = rate->excess + UINT64_C(1000) - room;

    return (uint32_t) ((over + conf->per_second - 1) / conf->per_second);
}
