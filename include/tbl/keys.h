/*
 * Redis keys and channels of one desk. Every name begins with the prefix
 * "cd:{<desk>}:", so that all of a desk lies in one cluster slot.
 *
 * CD_KEY(ID, pattern, TYPE, owner, doc)
 *
 *   pattern  what follows the prefix; a trailing colon is followed by an id
 *   TYPE     HASH, LIST, ZSET, STREAM, STRING, CHANNEL
 *   owner    who writes it: function, worker, module
 */

CD_KEY(DESK,     "desk",    HASH,    worker,   "era, library version, name; its presence means the desk is set up")
CD_KEY(LEASE,    "lease",   STRING,  function, "owner among the workers, with a time to live")
CD_KEY(EPOCH,    "epoch",   STRING,  function, "fencing epoch, counts changes of ownership")
CD_KEY(LOG,      "log",     STREAM,  function, "the desk's log")
CD_KEY(APPLIED,  "applied", STRING,  function, "id of the last log entry whose effects are stored")
CD_KEY(CONV,     "c:",      HASH,    function, "a conversation as the message path sees it, by conversation id")
CD_KEY(VISITOR,  "u:",      STRING,  function, "id of the visitor's open conversation, by visitor id")
CD_KEY(SIDE_V,   "v:",      LIST,    function, "window of the visitor side; its channel has the same name")
CD_KEY(SIDE_D,   "d:",      LIST,    function, "window of the desk side; its channel has the same name")
CD_KEY(REG_V,    "rv:",     HASH,    function, "registers of the visitor side, by `<type>:<key>`")
CD_KEY(REG_D,    "rd:",     HASH,    function, "registers of the desk side, by `<type>:<key>`")
CD_KEY(INBOX,    "i:",      HASH,    function, "registers and head of an agent's inbox; its channel has the same name")
CD_KEY(GROUP,    "g:",      HASH,    function, "registers and head of a feed of the whole desk, `queues`; its channel has the same name")
CD_KEY(RECORD,   "x:",      LIST,    worker,   "record of an interaction, by its number: MessagePack maps, oldest first")
CD_KEY(RECORDS,  "records", ZSET,    worker,   "numbers of the records that were opened")
CD_KEY(RECORDS_OF, "xa:",   ZSET,    worker,   "of them, those that an agent had a part in, by login")
CD_KEY(RECORDS_IN, "xc:",   ZSET,    worker,   "of them, those of a conversation, by its id")
CD_KEY(RECORDS_BY, "xv:",   ZSET,    worker,   "of them, the newest of a client, by visitor id")
CD_KEY(SOURCE,   "xs:",     STRING,  worker,   "number of the record that another source has opened, by `<source>/<its id>`")
CD_KEY(SOURCED,  "xo:",     HASH,    worker,   "such a record, by its number: whether it is open, who opened it, events it has")
CD_KEY(SESSION,  "s:",      HASH,    function, "a login, by the SHA-256 of its token")
CD_KEY(TICKET,   "t:",      STRING,  function, "a single-use ticket, by the SHA-256 of it")
CD_KEY(ONLINE,   "online",  HASH,    function, "sessions that are connected: session to node, role and person")
CD_KEY(NODES,    "nodes",   HASH,    function, "nginx workers and when their leases run out, ms")
CD_KEY(ENTITY,   "e:",      HASH,    worker,   "the worker's entities by kind: conv, agent, desk, alert, device, focus, outbox, wish, template, waits")
CD_KEY(VOIDS,    "voids",   HASH,    worker,   "how often all logins of an agent were made void, by agent")
CD_KEY(AUDIT,    "audit",   STREAM,  worker,   "who did what to what: at, who, what, object")
CD_KEY(FLOWS,    "flows",   HASH,    worker,   "what visitors are told of each flow before they start, by flow or `<flow>/<language>`")
CD_KEY(FORM,     "f:",      HASH,    function, "what a visitor has answered in forms, by visitor id")
CD_KEY(DEAD,     "dead",    STREAM,  worker,   "log entries that could not be applied")
CD_KEY(CALL,     "call",    CHANNEL, module,   "calls of the module to the desk's owner")
CD_KEY(NODE,     "n:",      CHANNEL, worker,   "answers to one nginx worker, by node id")
