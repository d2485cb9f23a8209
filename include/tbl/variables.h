/*
 * Variables of templates.
 *
 * CD_VARIABLE(ID, name, doc)
 *
 *   name  what stands between {{ and }}, or in front of |
 *   doc   what takes its place
 *
 * Besides these a template knows custom.<key>, an attribute of the
 * conversation or the desk; its key has 1 to 32 of [a-z0-9_].
 */

CD_VARIABLE(CLIENT_NAME,  client.name,  "name that the visitor gave")
CD_VARIABLE(CLIENT_EMAIL, client.email, "e-mail address that the visitor gave")
CD_VARIABLE(CLIENT_LANG,  client.lang,  "language of the visitor's browser or choice")
CD_VARIABLE(AGENT_NAME,   agent.name,   "display name of the agent who writes")
CD_VARIABLE(AGENT_LOGIN,  agent.login,  "login of the agent who writes")
CD_VARIABLE(QUEUE_NAME,   queue.name,   "name of the conversation's queue")
CD_VARIABLE(CONV_NUMBER,  conv.number,  "number of the interaction")
CD_VARIABLE(CONV_PAGE,    conv.page,    "address of the page the visitor writes from")
CD_VARIABLE(CONV_TITLE,   conv.title,   "title of that page")
