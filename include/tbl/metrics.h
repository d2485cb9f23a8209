/*
 * Counters and gauges of the module, in the order of the status page.
 *
 * CD_METRIC(ID, name, TYPE, doc)     TYPE is COUNTER or GAUGE
 */

CD_METRIC(SESSIONS,        sessions,        GAUGE,   "WebSocket sessions open")
CD_METRIC(ACCEPTED,        accepted,        COUNTER, "WebSocket handshakes completed")
CD_METRIC(REFUSED,         refused,         COUNTER, "handshakes and hellos refused")
CD_METRIC(FRAMES_IN,       frames_in,       COUNTER, "messages read from clients")
CD_METRIC(FRAMES_OUT,      frames_out,      COUNTER, "messages queued to clients")
CD_METRIC(BYTES_IN,        bytes_in,        COUNTER, "bytes of messages read from clients")
CD_METRIC(BYTES_OUT,       bytes_out,       COUNTER, "bytes of messages queued to clients")
CD_METRIC(BAD,             bad,             COUNTER, "frames refused as bad requests or protocol errors")
CD_METRIC(BUSY,            busy,            COUNTER, "requests refused because Redis was not ready")
CD_METRIC(FEEDS,           feeds,           GAUGE,   "feeds subscribed")
CD_METRIC(HOLES,           holes,           COUNTER, "holes found in feeds and filled from the window")
CD_METRIC(REDIS_COMMANDS,  redis_commands,  COUNTER, "commands sent to Redis")
CD_METRIC(REDIS_RECONNECTS, redis_reconnects, COUNTER, "connections to Redis lost")
CD_METRIC(POLLS,           polls,           GAUGE,   "long-polls under way")
CD_METRIC(POLL_REQUESTS,   poll_requests,   COUNTER, "long-polls begun")
