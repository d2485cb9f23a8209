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
CD_PHASE(WRAPUP,  wrapup,  5, "has ended; on a card only: the agent has time to wrap it up")

CD_PHASE_EDGE(WAITING, OFFERED, "an able agent is free")
CD_PHASE_EDGE(WAITING, CLOSED,  "the visitor ends")
CD_PHASE_EDGE(OFFERED, WAITING, "rejected, not accepted in time, or the agent became unable")
CD_PHASE_EDGE(OFFERED, ACTIVE,  "accepted")
CD_PHASE_EDGE(OFFERED, CLOSED,  "the visitor ends")
CD_PHASE_EDGE(ACTIVE,  CLOSED,  "either side ends")
CD_PHASE_EDGE(ACTIVE,  WRAPUP,  "either side ends, and the queue gives time to wrap up")
CD_PHASE_EDGE(ACTIVE,  WAITING, "the last agent has been away for too long")
CD_PHASE_EDGE(WRAPUP,  CLOSED,  "wrapped up, or the time for it is over")
CD_PHASE_EDGE(CLOSED,  WAITING, "the visitor comes back, and its flow goes on with what has ended")

CD_PRESENCE(OFFLINE,   offline,   1, 0, "no device connected")
CD_PRESENCE(AVAILABLE, available, 2, 1, "takes offers")
CD_PRESENCE(BUSY,      busy,      3, 0, "here, but takes no offers")
CD_PRESENCE(AWAY,      away,      4, 0, "not at the desk")

CD_EVENT(OPENED, opened, "the conversation was opened")
CD_EVENT(JOINED, joined, "an agent joined")
CD_EVENT(LEFT,   left,   "a member left")
CD_EVENT(ENDED,  ended,  "the conversation ended")
CD_EVENT(REQUEUED, requeued, "the last agent was away for too long; it waits again, at its old place")
CD_EVENT(INVITED,  invited,  "desk side only: `who` (an agent) or `name` (a queue) was invited by `from`")
CD_EVENT(HANDING,  handing,  "desk side only: `from` hands on to `who` (an agent) or `name` (a queue)")
CD_EVENT(RETURNED, returned, "desk side only: nobody took what `who` had asked for; `why` says how it ended")
CD_EVENT(HAND_UP,  hand_up,  "desk side only: an agent asks a supervisor for help")
CD_EVENT(HAND_DOWN, hand_down, "desk side only: the help is not needed any more")

CD_WHY(ACCEPTED,  accepted,  "accepted on another device")
CD_WHY(REJECTED,  rejected,  "declined by the agent")
CD_WHY(MISSED,    missed,    "not accepted in time")
CD_WHY(WITHDRAWN, withdrawn, "taken back: the visitor ended, or the agent became unable")
CD_WHY(DISMISSED, dismissed, "removed from the inbox by the agent")
CD_WHY(EXPIRED,   expired,   "closed so long ago that it can no longer be read")
CD_WHY(LEFT,      left,      "the agent left the conversation, or watches it no more")
CD_WHY(HANDED,    handed,    "handed on to another agent")
CD_WHY(TAKEN,     taken,     "a supervisor took it over")
CD_WHY(LOST,      lost,      "the agent's devices were away for too long")
CD_WHY(OVER,      over,      "the conversation has ended")
CD_WHY(NOBODY,    nobody,    "nobody took it in time")
CD_WHY(IDLE,      idle,      "nothing was done for too long")
CD_WHY(REOPENED,  reopened,  "the visitor has come back: it waits in its queue again")
CD_WHY(OFFLINE,   offline,   "it came out of hours")
CD_WHY(SILENT,    silent,    "the visitor did not answer, also after the reminder")
CD_WHY(GONE,      gone,      "it waited, and the visitor was away for the flow's time")
CD_WHY(INACTIVE,  inactive,  "nobody wrote for so long that the janitor closed it")
CD_WHY(CANCELLED, cancelled, "the work item was cancelled where it came from")
CD_WHY(STATE_GONE, state_gone, "the settings do not have the chosen state any more")
