/*
 * Kinds of notices: what an agent is told, beside the cards.
 *
 * CD_NOTICE(ID, name, number, doc)
 *
 *   name    value of `kind`
 *   number  stands in stored entities, never reused
 */

CD_NOTICE(MESSAGE, message, 1, "messages of others in an active chat that nobody looks at")
CD_NOTICE(OFFER,   offer,   2, "a chat is offered to the agent")
CD_NOTICE(WAIT,    wait,    3, "for supervisors: chats wait longer than their queue allows")
CD_NOTICE(HAND,    hand,    4, "for supervisors: an agent asks for help in a chat")
