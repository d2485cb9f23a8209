/*
 * Fields of frames.
 *
 * CD_FIELD(ID, name, number, TYPE, max, doc)
 *
 *   ID      C constant, becomes CD_F_<ID>
 *   name    member name in the browser's JSON
 *   number  MessagePack map key on the bus, 1..127, never reused
 *   TYPE    STR   UTF-8 text; max counts Unicode code points
 *           TOKEN 1..max bytes of [A-Za-z0-9._-]
 *           UINT  0..max
 *           BOOL  true or false; max is ignored
 *           LIST  1..max items of text, each one line of at most LIST_ITEM
 *                 code points with something to read; an array of strings in
 *                 JSON, on the bus one string with a line feed between items
 *   doc     one line for the protocol tables
 *
 * Passwords, tokens and tickets are STR or TOKEN like any other field, but
 * never reach a log line; see docs/security.md.
 */

CD_FIELD(ID,          id,           1, TOKEN, 22,  "request id drawn by the client; the answer repeats it as `re`")
CD_FIELD(RE,          re,           2, TOKEN, 22,  "request id this frame answers")
CD_FIELD(FEED,        feed,         3, TOKEN, 22,  "`inbox` or a conversation id")
CD_FIELD(CONV,        conv,         4, TOKEN, 22,  "conversation id, 22 characters")
CD_FIELD(ERA,         era,          5, UINT,  9007199254740991, "era of the desk's numbering")
CD_FIELD(N,           n,            6, UINT,  4294967295, "number of the frame in its feed")
CD_FIELD(V,           v,            7, UINT,  4294967295, "number of the same frame on the visitor side; 0 when it is not there")
CD_FIELD(AT,          at,           8, UINT,  9007199254740991, "time, milliseconds since 1970-01-01 UTC")
CD_FIELD(MID,         mid,          9, TOKEN, 34,  "message id: `<device>.<k>`")
CD_FIELD(K,           k,           10, UINT,  4294967295, "the device's message counter in this conversation, from 1 without gaps")
CD_FIELD(TEXT,        text,        11, STR,   8000, "message text, plain")
CD_FIELD(PRIVATE,     private,     12, BOOL,  1,   "true on a note that only agents see")
CD_FIELD(FROM,        from,        13, TOKEN, 64,  "id of the sender")
CD_FIELD(WHO,         who,         14, TOKEN, 64,  "id of the member the frame is about")
CD_FIELD(ROLE,        role,        15, TOKEN, 16,  "`visitor` or `agent`")
CD_FIELD(NAME,        name,        16, STR,   80,  "display name")
CD_FIELD(ON,          on,          17, BOOL,  1,   "true while typing")
CD_FIELD(GOT,         got,         18, UINT,  4294967295, "highest `v` that has reached a device of this member")
CD_FIELD(READ,        read,        19, UINT,  4294967295, "highest `v` that this member has read")
CD_FIELD(WHAT,        what,        20, TOKEN, 16,  "what happened; see the table of events")
CD_FIELD(PHASE,       phase,       21, TOKEN, 16,  "phase of the conversation; see the table of phases")
CD_FIELD(QUEUE,       queue,       22, STR,   80,  "queue name")
CD_FIELD(STATE,       state,       23, TOKEN, 32,  "presence state of the agent")
CD_FIELD(PRESENT,     present,     24, BOOL,  1,   "true while at least one device is connected")
CD_FIELD(GONE,        gone,        25, BOOL,  1,   "true when the member has left the conversation")
CD_FIELD(EXPIRES,     expires,     26, UINT,  9007199254740991, "when the offer runs out, milliseconds UTC")
CD_FIELD(ACCEPT_MS,   accept_ms,   27, UINT,  3600000, "length of the accept time limit")
CD_FIELD(SINCE,       since,       28, UINT,  9007199254740991, "when the conversation was opened, milliseconds UTC")
CD_FIELD(UNREAD,      unread,      29, UINT,  4294967295, "messages of others that this agent has not read")
CD_FIELD(CLIENT_AT,   client_at,   30, UINT,  9007199254740991, "time of the visitor's last message, 0 for none")
CD_FIELD(REPLY_AT,    reply_at,    31, UINT,  9007199254740991, "time of the last reply to the visitor, 0 for none")
CD_FIELD(PREVIEW,     preview,     32, STR,   120, "first characters of the newest message")
CD_FIELD(EMAIL,       email,       33, STR,   254, "e-mail address that the visitor typed")
CD_FIELD(PAGE,        page,        34, STR,   1024, "address of the page the visitor writes from, without query and fragment")
CD_FIELD(TITLE,       title,       35, STR,   200, "title of that page")
CD_FIELD(LANG,        lang,        36, TOKEN, 35,  "BCP 47 language tag")
CD_FIELD(DEVICE,      device,      37, TOKEN, 22,  "random id of the browser's device, 22 characters")
CD_FIELD(TOKEN,       token,       38, TOKEN, 512, "visitor token")
CD_FIELD(TICKET,      ticket,      39, TOKEN, 64,  "single-use ticket of an agent's session")
CD_FIELD(SESSION,     session,     40, TOKEN, 64,  "id of this connection")
CD_FIELD(NODE,        node,        41, TOKEN, 22,  "nginx worker process (bus only)")
CD_FIELD(CODE,        code,        42, TOKEN, 32,  "error code; see the table of errors")
CD_FIELD(FIELD,       field,       43, STR,   64,  "name of the field at fault")
CD_FIELD(RETRY_AFTER, retry_after, 44, UINT,  86400000, "milliseconds to wait before trying again")
CD_FIELD(EXPECTED,    expected,    45, UINT,  4294967295, "counter that the desk expects next")
CD_FIELD(WHY,         why,         46, TOKEN, 32,  "reason; see the table of reasons")
CD_FIELD(CAPACITY,    capacity,    47, UINT,  1000, "chats the agent may hold at once")
CD_FIELD(ACTIVE,      active,      48, UINT,  1000, "chats the agent holds now")
CD_FIELD(PROFILE,     profile,     49, STR,   80,  "name of the agent's profile")
CD_FIELD(QUEUES,      queues,      50, STR,   1000, "names of the profile's queues, separated by a comma and a space")
CD_FIELD(NUMBER,      number,      51, UINT,  9007199254740991, "interaction number, counted for each desk")
CD_FIELD(HEAD,        head,        52, UINT,  4294967295, "number of the newest frame of the feed")
CD_FIELD(RESET,       reset,       53, BOOL,  1,   "true when the client must forget what it has of the feed")
CD_FIELD(HEARTBEAT_MS, heartbeat_ms, 54, UINT, 3600000, "silence after which the client should send `ping`")
CD_FIELD(MAX_TEXT,    max_text,    55, UINT,  1000000, "longest message text, in code points")
CD_FIELD(LOGIN,       login,       56, TOKEN, 64,  "account name")
CD_FIELD(PASSWORD,    password,    57, STR,   256, "password (pub/sub only, never stored)")
CD_FIELD(STATUS,      status,      58, UINT,  599, "HTTP status of the answer (bus only)")
CD_FIELD(CLOSED_BY,   closed_by,   59, TOKEN, 16,  "`visitor`, `agent` or `system`")
CD_FIELD(SESSION_KEY, session_key, 60, TOKEN, 64,  "SHA-256 of a session token, hex (bus only)")
CD_FIELD(ADDRESS,     address,     61, STR,   64,  "peer address (bus only)")
CD_FIELD(CHOICES,     choices,    111, LIST,  10,  "options of a menu, at least two, no two alike")
CD_FIELD(PICKS,       picks,      112, TOKEN, 34,  "id of the message whose menu this one picks from; `text` is the option")
CD_FIELD(ABOUT,       about,      117, TOKEN, 80,  "what a notice is about: a conversation's id, or `queue.` and a queue's id")
CD_FIELD(KIND,        kind,       118, TOKEN, 16,  "kind of a notice; see the table of notices")
CD_FIELD(COUNT,       count,      119, UINT,  4294967295, "messages that are unread, or chats that wait too long")
CD_FIELD(SOUND,       sound,      121, TOKEN, 16,  "name of the sound that the agent has chosen; `off` for none")
CD_FIELD(VOLUME,      volume,     122, UINT,  100, "its volume, percent")
CD_FIELD(SILENT,      silent,     123, STR,   80,  "kinds of notices that the agent has silenced, separated by spaces")
CD_FIELD(POPUP,       popup,      124, BOOL,  1,   "whether the agent wants notifications outside of the desktop's page")
CD_FIELD(METHOD,      method,      80, TOKEN, 8,   "HTTP method of a request (bus only)")
CD_FIELD(PATH,        path,        81, STR,   512, "path of a request, behind `v1/` (bus only)")
CD_FIELD(QUERY,       query,       82, STR,   2048, "what stands behind the `?` of a request (bus only)")
CD_FIELD(BODY,        body,        83, STR,   57344, "JSON body of a request or of an answer (bus only)")
CD_FIELD(KEY_HASH,    key_hash,    84, TOKEN, 64,  "SHA-256 of an API key, hex (bus only)")
CD_FIELD(TAG,         tag,         85, STR,   64,  "If-Match of a request, ETag of an answer (bus only)")
CD_FIELD(ONCE,        once,        86, STR,   64,  "Idempotency-Key of a request (bus only)")
CD_FIELD(ALLOW,       allow,       87, STR,   64,  "methods that a path takes (bus only)")
