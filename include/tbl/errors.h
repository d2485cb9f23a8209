/*
 * Errors that a browser can be told.
 *
 * CD_ERROR(ID, code, http, text)
 *
 *   code  value of "code" in an error frame and in an API error body
 *   http  status when the same refusal is given to an HTTP request
 *   text  what happened and what to do, for a person
 */

CD_ERROR(BAD_REQUEST,   bad_request,   400, "The request is not valid; the field at fault is named.")
CD_ERROR(EMPTY,         empty,         400, "The message has no text.")
CD_ERROR(TOO_LONG,      too_long,      413, "The text is too long; send it in parts.")
CD_ERROR(UNAUTHORIZED,  unauthorized,  401, "The token, ticket or login is not valid or has run out; sign in again.")
CD_ERROR(FORBIDDEN,     forbidden,     403, "This role may not do that.")
CD_ERROR(BAD_ORIGIN,    bad_origin,    403, "The page's origin is not on the desk's list.")
CD_ERROR(NOT_FOUND,     not_found,     404, "There is no such conversation for you.")
CD_ERROR(CLOSED,        closed,        409, "The conversation has ended; start a new one.")
CD_ERROR(CONFLICT,      conflict,      409, "This counter was used for another text; draw a new device id.")
CD_ERROR(GAP,           gap,           409, "The counter jumped; send the expected one first.")
CD_ERROR(TOO_MANY,      too_many,      409, "Too many devices wrote in this conversation; go on in one that is open.")
CD_ERROR(OFFER_GONE,    offer_gone,    409, "The offer was taken back or has run out.")
CD_ERROR(SETTLED,       settled,       409, "One of these choices has been picked already.")
CD_ERROR(NOT_ACTIVE,    not_active,    409, "The conversation is with no agent now.")
CD_ERROR(ASK_OPEN,      ask_open,      409, "An invitation or transfer is open; take it back, or wait for its end.")
CD_ERROR(NOT_FREE,      not_free,      409, "This agent cannot take the chat now, or is in it already.")
CD_ERROR(NO_TARGET,     no_target,     404, "There is no such agent or queue; name one of them.")
CD_ERROR(LAST_AGENT,    last_agent,    409, "The visitor would be alone; transfer the chat, or end it.")
CD_ERROR(NOT_LISTED,    not_listed,    409, "The queue has no such disposition.")
CD_ERROR(NO_STATE,      no_state,      404, "The desk has no such presence state.")
CD_ERROR(NO_TEMPLATE,   no_template,   404, "There is no such template for this conversation.")
CD_ERROR(OUT_OF_HOURS,  out_of_hours,  409, "The desk is closed now; `flow` says when it opens.")
CD_ERROR(NO_FLOW,       no_flow,       404, "There is no such flow.")
CD_ERROR(NO_DESK,       no_desk,       404, "This desk is not set up; start the worker with it.")
CD_ERROR(RATE_LIMITED,  rate_limited,  429, "Too fast; wait as long as retry_after says.")
CD_ERROR(BUSY,          busy,          503, "The desk cannot take this now; try again after retry_after.")
CD_ERROR(UNAVAILABLE,   unavailable,   503, "The chat is not available now; try again after retry_after.")
CD_ERROR(INTERNAL,      internal,      500, "Something failed on our side; it was logged.")
CD_ERROR(NO_ROUTE,      no_route,      404, "The HTTP interface has no such request.")
CD_ERROR(BAD_METHOD,    bad_method,    405, "This request takes another method; see the header Allow.")
CD_ERROR(STALE,         stale,         412, "It has changed since it was read; read it again.")
CD_ERROR(IN_USE,        in_use,        409, "Something else still refers to it.")
