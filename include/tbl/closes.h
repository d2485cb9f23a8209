/*
 * WebSocket close codes that ChatDesk sends (RFC 6455, section 7.4; the
 * 44xx are its own, from the range for applications).
 *
 * CD_CLOSE(ID, code, reason, doc)
 */

CD_CLOSE(NORMAL,        1000, "bye",              "the client closed; answered in kind")
CD_CLOSE(GOING_AWAY,    1001, "going away",       "the server is shutting down")
CD_CLOSE(PROTOCOL,      1002, "protocol error",   "the frame breaks RFC 6455")
CD_CLOSE(UNSUPPORTED,   1003, "text only",        "a binary message on a text protocol")
CD_CLOSE(BAD_UTF8,      1007, "invalid UTF-8",    "a text message is not UTF-8")
CD_CLOSE(POLICY,        1008, "policy",           "five bad requests, fragments dribbled, or hello missing in time")
CD_CLOSE(TOO_BIG,       1009, "too big",          "frame, message or number of fragments over the limit")
CD_CLOSE(INTERNAL,      1011, "internal error",   "memory ran out for this session")
CD_CLOSE(RESTART,       1012, "restart",          "nginx reloads; connect again at once")
CD_CLOSE(TRY_LATER,     1013, "try later",        "the reader fell behind or the server is over its limits; resume")
CD_CLOSE(SIGNED_OUT,    4401, "signed out",       "the login ended; sign in again")
CD_CLOSE(FORBIDDEN,     4403, "forbidden",        "origin or role not allowed")
CD_CLOSE(SUPERSEDED,    4409, "superseded",       "too many connections of one person; the oldest was closed")
