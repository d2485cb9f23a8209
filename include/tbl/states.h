/*
 * States, their legal edges, and the words for what happened.
 *
 * CD_PHASE(ID, name, number, doc)            phase of a conversation
 * CD_PHASE_EDGE(FROM, TO, cause)
 * CD_PRESENCE(ID, name, number, takes, doc)  presence state of an agent;
 *                                            takes: 1 when offers may come
 * CD_EVENT(ID, name, doc)                    value of `what` in an event
 * CD_WHY(ID, name, doc)                      value of `why`
 */

CD_PHASE(WAITING, waiting, 1, "in its queue, waits for an agent")
CD_PHASE(OFFERED, offered, 2, "offered to one agent, who has not answered yet")
CD_PHASE(ACTIVE,  active,  3, "an agent has accepted")
CD_PHASE(CLOSED,  closed,  4, "has ended")

CD_PHASE_EDGE(WAITING, OFFERED, "an able agent is free")
CD_PHASE_EDGE(WAITING, CLOSED,  "the visitor ends")
CD_PHASE_EDGE(OFFERED, WAITING, "rejected, not accepted in time, or the agent became unable")
CD_PHASE_EDGE(OFFERED, ACTIVE,  "accepted")
CD_PHASE_EDGE(OFFERED, CLOSED,  "the visitor ends")
CD_PHASE_EDGE(ACTIVE,  CLOSED,  "either side ends")

CD_PRESENCE(OFFLINE,   offline,   1, 0, "no device connected")
CD_PRESENCE(AVAILABLE, available, 2, 1, "takes offers")
CD_PRESENCE(BUSY,      busy,      3, 0, "here, but takes no offers")
CD_PRESENCE(AWAY,      away,      4, 0, "not at the desk")

CD_EVENT(OPENED, opened, "the conversation was opened")
CD_EVENT(JOINED, joined, "an agent joined")
CD_EVENT(LEFT,   left,   "a member left")
CD_EVENT(ENDED,  ended,  "the conversation ended")

CD_WHY(ACCEPTED,  accepted,  "accepted on another device")
CD_WHY(REJECTED,  rejected,  "declined by the agent")
CD_WHY(MISSED,    missed,    "not accepted in time")
CD_WHY(WITHDRAWN, withdrawn, "taken back: the visitor ended, or the agent became unable")
CD_WHY(DISMISSED, dismissed, "removed from the inbox by the agent")
CD_WHY(EXPIRED,   expired,   "closed so long ago that it can no longer be read")
