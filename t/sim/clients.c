/*
 * The people of the simulator: visitors, agents, nginx workers.
 *
 * Purpose:    one random deed at a time, through the parts of the functions
 *             that decide what gets into the log; now and then a request
 *             comes twice, late, never, or makes no sense.
 * Owner:      struct sim.
 * Invariants: a message or a start gets into the log only if the functions
 *             would have let it in; control requests always do.
 */

#include "sim.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const  presence_words[] = {
    "available", "available", "available", "busy", "away", "offline", "x",
    "lunch", "chats", "post"
};


void
sim_put(struct cd_frame *frame, unsigned field, const char *text)
{
    cd_frame_set_str(frame, field, text, strlen(text));
}


static void
draw_id(struct sim *sim, char *out, const char *kind)
{
    snprintf(out, 24, "%s%06llu", kind, (unsigned long long) sim->ids++);
}


static const char *
who_of(struct sim *sim, const struct sim_session *session)
{
    return session->is_agent ? sim->agents[session->person].id
                             : sim->visitor_ids[session->person];
}


void
sim_entry(struct sim *sim, struct cd_frame *frame, unsigned type,
    const struct sim_session *session)
{
    cd_frame_init(frame, type);
    frame->at_ms = sim->now_ms;
    sim_put(frame, CD_F_WHO, who_of(sim, session));
    sim_put(frame, CD_F_ROLE, session->is_agent ? "agent" : "visitor");
    sim_put(frame, CD_F_SESSION, session->id);
    sim_put(frame, CD_F_NODE, session->node_id);
}


/* Some connected session of a kind; NULL when there is none. */

struct sim_session *
sim_pick_session(struct sim *sim, int is_agent)
{
    size_t               i, at;
    struct sim_session  *session;

    if (sim->session_count == 0) {
        return NULL;
    }

    at = sim_below(sim, (unsigned) sim->session_count);

    for (i = 0; i < sim->session_count; i++) {
        session = &sim->sessions[(at + i) % sim->session_count];

        if (session->connected && session->is_agent == is_agent) {
            return session;
        }
    }

    return NULL;
}


struct sim_conv *
sim_pick_conv(struct sim *sim)
{
    unsigned  recent;

    if (sim->conv_count == 0) {
        return NULL;
    }

    recent = sim->conv_count < 24 ? (unsigned) sim->conv_count : 24;

    return &sim->convs[sim->conv_count - 1 - sim_below(sim, recent)];
}


/* A control request: logged, or late, or lost; sometimes twice. */

void
sim_send_control(struct sim *sim, const struct cd_frame *frame)
{
    char               buf[2048];
    unsigned           slot;
    struct sim_entry  *late;

    if (sim_chance(sim, 3)) {
        return;
    }

    if (sim_chance(sim, 5)) {
        slot = sim_below(sim, SIM_LATE);
        late = &sim->late[slot];
        free(late->envelope);
        late->len = cd_frame_encode(frame, buf, sizeof(buf));
        late->envelope = malloc(late->len);
        memcpy(late->envelope, buf, late->len);
        return;
    }

    sim_log(sim, frame);

    if (sim_chance(sim, 4)) {
        sim_log(sim, frame);
    }
}


static void
late_arrives(struct sim *sim)
{
    struct cd_frame    frame;
    struct sim_entry  *late = &sim->late[sim_below(sim, SIM_LATE)];

    if (late->envelope == NULL) {
        return;
    }

    if (cd_frame_decode(&frame, late->envelope, late->len) == 0) {
        sim_log(sim, &frame);
    }

    free(late->envelope);
    late->envelope = NULL;
}


static void
log_online(struct sim *sim, struct sim_session *session, const char *conv)
{
    struct cd_frame  frame;

    sim_entry(sim, &frame, CD_T_ONLINE, session);
    if (conv != NULL) {
        sim_put(&frame, CD_F_CONV, conv);
    }

    session->in_hash = 1;
    sim_log(sim, &frame);
}


/* cd_hello_visitor, cd_hello_agent */

static void
session_begins(struct sim *sim, int is_agent)
{
    int                  node, person;
    struct sim_session  *session;

    node = (int) sim_below(sim, SIM_NODES);
    person = (int) sim_below(sim, is_agent ? SIM_AGENTS : SIM_VISITORS);

    if (!sim->nodes[node].alive || sim->session_count == SIM_SESSIONS) {
        return;
    }

    session = &sim->sessions[sim->session_count++];
    memset(session, 0, sizeof(struct sim_session));
    draw_id(sim, session->id, "s");
    memcpy(session->node_id, sim->nodes[node].id, sizeof(session->node_id));
    session->node = node;
    session->is_agent = is_agent;
    session->person = person;
    session->connected = 1;

    if (is_agent) {
        log_online(sim, session, NULL);

    } else if (sim->visitors[person].open_conv >= 0) {
        log_online(sim, session,
                   sim->convs[sim->visitors[person].open_conv].id);
    }
}


/* cd_bye */

static void
session_ends(struct sim *sim, struct sim_session *session)
{
    struct cd_frame  frame;

    if (session == NULL) {
        return;
    }

    session->connected = 0;

    if (session->in_hash) {
        session->in_hash = 0;
        sim_entry(sim, &frame, CD_T_OFFLINE, session);
        sim_log(sim, &frame);
    }
}


/* cd_start */

static void
start(struct sim *sim)
{
    int                  flow = sim_chance(sim, 35);
    char                 name[40], members[128];
    struct cd_frame      frame;
    struct sim_conv     *conv;
    struct sim_person   *visitor;
    struct sim_session  *session = sim_pick_session(sim, 0);
    static const char *const  queues[] = {
        "q0", "Queue 1", "q2", "no such", ""
    };

    if (session == NULL || sim->conv_count == SIM_CONVS) {
        return;
    }

    visitor = &sim->visitors[session->person];

    if (visitor->open_conv >= 0) {
        log_online(sim, session, sim->convs[visitor->open_conv].id);
        return;
    }

    conv = sim_again(sim, visitor, flow);

    if (conv == NULL) {
        conv = &sim->convs[sim->conv_count];
        memset(conv, 0, sizeof(struct sim_conv));
        draw_id(sim, conv->id, "c");
        conv->visitor = session->person;
        conv->open = 1;
        conv->was_offered = -1;
        conv->flow = flow;
        visitor->open_conv = (int) sim->conv_count++;
    }

    session->in_hash = 1;

    sim_entry(sim, &frame, CD_T_START, session);
    sim_put(&frame, CD_F_ID, "1");
    sim_put(&frame, CD_F_CONV, conv->id);
    snprintf(name, sizeof(name), "Zo\xc3\xab \xff\n%u", sim_below(sim, 99));
    sim_put(&frame, CD_F_NAME, name);
    sim_put(&frame, CD_F_EMAIL, "zoe@example.org");
    sim_put(&frame, CD_F_QUEUE, queues[sim_below(sim, 5)]);
    sim_flow_fill(sim, &frame, session->person);

    if (flow > 0) {
        sim_put(&frame, CD_F_FLOW, sim_flow_ids[flow]);
    }

    if (conv->pending) {
        sim_members(sim, conv, members, sizeof(members));
        sim_put(&frame, CD_F_MEMBERS, members);
    }

    sim_log(sim, &frame);
}


/* cd_post */

static void
post_one(struct sim *sim, struct sim_conv *conv,
    const struct sim_session *session)
{
    int                  is_agent = session->is_agent, note;
    struct cd_frame      frame;
    struct sim_message  *message;

    note = is_agent
           && (conv->member[session->person] == SIM_OBSERVER
               || sim_chance(sim, 30));
    conv->messages = realloc(conv->messages, (conv->message_count + 1)
                             * sizeof(struct sim_message));
    message = &conv->messages[conv->message_count++];
    message->n = ++conv->side_d.head;
    conv->side_v.head += !note;
    message->agent = is_agent ? session->person : -1;
    message->note = note;
    message->at_ms = sim->now_ms;
    snprintf(message->text, sizeof(message->text), "text %u",
             sim_below(sim, 1000));

    cd_frame_init(&frame, CD_T_MESSAGE);
    frame.n = message->n;
    frame.v = note ? 0 : conv->side_v.head;
    frame.at_ms = message->at_ms;
    sim_put(&frame, CD_F_CONV, conv->id);
    sim_put(&frame, CD_F_MID, "d.1");
    sim_put(&frame, CD_F_FROM, who_of(sim, session));
    sim_put(&frame, CD_F_ROLE, is_agent ? "agent" : "visitor");
    sim_put(&frame, CD_F_TEXT, message->text);

    if (note) {
        cd_frame_set_uint(&frame, CD_F_PRIVATE, 1);
    }

    sim_log(sim, &frame);

    if (sim_chance(sim, 4)) {
        sim_log(sim, &frame);
    }
}


static void
post(struct sim *sim)
{
    int                        is_agent = sim_chance(sim, 50);
    unsigned                   count;
    struct sim_conv           *conv = sim_pick_conv(sim);
    const struct sim_session  *session = sim_pick_session(sim, is_agent);

    if (conv == NULL || session == NULL || !conv->open
        || (is_agent ? !conv->member[session->person]
                     : session->person != conv->visitor))
    {
        return;
    }

    /* now and then more than the core keeps one by one */
    count = sim_chance(sim, 2) ? 80 : 1;

    while (count-- > 0) {
        post_one(sim, conv, session);
    }
}


/* cd_mark */

static void
mark(struct sim *sim)
{
    uint32_t             n;
    struct cd_frame      frame;
    struct sim_conv     *conv = sim_pick_conv(sim);
    struct sim_session  *session = sim_pick_session(sim, 1);

    if (conv == NULL || session == NULL
        || conv->member[session->person] != SIM_MEMBER
        || conv->side_d.head == 0)
    {
        return;
    }

    n = sim_chance(sim, 50) ? conv->side_d.head
                            : 1 + sim_below(sim, conv->side_d.head);

    if (n <= conv->mark[session->person]) {
        return;
    }

    conv->mark[session->person] = n;
    conv->side_v.head++;
    conv->side_d.head++;
    sim_entry(sim, &frame, CD_T_MARK_SET, session);
    sim_put(&frame, CD_F_CONV, conv->id);
    frame.n = n;
    sim_log(sim, &frame);
}


static void
visitor_ends(struct sim *sim)
{
    struct cd_frame      frame;
    struct sim_conv     *conv = sim_pick_conv(sim);
    struct sim_session  *session = sim_pick_session(sim, 0);

    if (conv == NULL || session == NULL) {
        return;
    }

    sim_entry(sim, &frame, CD_T_END, session);
    sim_put(&frame, CD_F_ID, "8");
    sim_put(&frame, CD_F_CONV, conv->id);

    if (sim_chance(sim, 80)) {
        sim_put(&frame, CD_F_WHO, sim_client_id(sim, conv));
    }

    sim_send_control(sim, &frame);
}


static void
agent_chooses(struct sim *sim)
{
    struct cd_frame      frame;
    struct sim_session  *session = sim_pick_session(sim, 1);

    if (session == NULL) {
        return;
    }

    sim_entry(sim, &frame, CD_T_PRESENCE, session);
    sim_put(&frame, CD_F_ID, "9");
    sim_put(&frame, CD_F_STATE,
        presence_words[sim_below(sim, sizeof(presence_words)
                                      / sizeof(presence_words[0]))]);
    sim_send_control(sim, &frame);
}


/* A node dies with all its sockets; the clients notice at once. */

static void
node_dies(struct sim *sim)
{
    int               node = (int) sim_below(sim, SIM_NODES);
    size_t            i;
    struct sim_node  *dead = &sim->nodes[node];

    if (!dead->alive) {
        return;
    }

    dead->alive = 0;
    dead->lease_ms = sim->now_ms + CD_LIMIT_NODE_LEASE_MS;

    for (i = 0; i < sim->session_count; i++) {
        if (sim->sessions[i].node == node) {
            sim->sessions[i].connected = 0;
        }
    }
}


/* Entries that no client of ours would cause. */

static void
junk(struct sim *sim)
{
    unsigned             type;
    struct cd_frame      frame;
    struct sim_session  *session = sim_pick_session(sim, sim_chance(sim, 50));
    static const unsigned  types[] = {
        CD_T_ACCEPT, CD_T_REJECT, CD_T_END, CD_T_DISMISS, CD_T_PRESENCE,
        CD_T_INVITE, CD_T_TRANSFER, CD_T_LEAVE, CD_T_WRAP, CD_T_MONITOR,
        CD_T_BARGE, CD_T_TAKEOVER, CD_T_HAND, CD_T_MESSAGE, CD_T_MARK_SET,
        CD_T_CARD, CD_T_HELLO
    };

    if (session == NULL) {
        return;
    }

    type = types[sim_below(sim, sizeof(types) / sizeof(types[0]))];
    sim_entry(sim, &frame, type, session);
    frame.n = (uint32_t) sim_random(sim);

    switch (sim_below(sim, 4)) {
    case 0:
        sim_put(&frame, CD_F_CONV, "nobody-knows-this-one");
        break;
    case 1:
        sim_put(&frame, CD_F_CONV, "{}:\n");
        break;
    case 2:
        sim_put(&frame, CD_F_WHO, "");
        break;
    default:
        sim_put(&frame, CD_F_ROLE, "system");
    }

    sim_log(sim, &frame);
}


static void
clock_moves(struct sim *sim)
{
    switch (sim_below(sim, 20)) {
    case 0:
        sim->now_ms += 60000;
        break;
    case 1:
        sim->now_ms += sim_below(sim, 200) * 1000;
        break;
    case 2:
        sim->now_ms -= sim_below(sim, 3000);
        break;
    case 3:
        if (sim_chance(sim, 20)) {
            sim->now_ms += CD_LIMIT_CLOSED_KEEP_MS;
        }
        break;
    default:
        sim->now_ms += sim_below(sim, 3000);
    }
}


void
sim_client_step(struct sim *sim)
{
    unsigned  deed = sim_below(sim, 114);

    if (deed < 8) {
        session_begins(sim, 1);
    } else if (deed < 16) {
        session_begins(sim, 0);
    } else if (deed < 20) {
        session_ends(sim, sim_pick_session(sim, sim_chance(sim, 50)));
    } else if (deed < 30) {
        start(sim);
    } else if (deed < 44) {
        sim_agent_asks(sim, CD_T_ACCEPT);
    } else if (deed < 48) {
        sim_agent_asks(sim, CD_T_REJECT);
    } else if (deed < 62) {
        post(sim);
    } else if (deed < 64) {
        sim_agent_looks(sim);
    } else if (deed < 69) {
        mark(sim);
    } else if (deed < 70) {
        if (sim_chance(sim, 20)) {
            sim_agent_wishes(sim);
        } else if (sim_chance(sim, 50)) {
            sim_agent_here(sim);
        } else {
            sim_agent_looks(sim);
        }
    } else if (deed < 73) {
        sim_agent_asks(sim, CD_T_END);
    } else if (deed < 76) {
        visitor_ends(sim);
    } else if (deed < 84) {
        sim_agent_asks(sim, CD_T_DISMISS);
    } else if (deed < 88) {
        agent_chooses(sim);
    } else if (deed < 89) {
        node_dies(sim);
    } else if (deed < 92) {
        late_arrives(sim);
    } else if (deed < 93) {
        junk(sim);
    } else if (deed < 100) {
        clock_moves(sim);
    } else if (deed < 109) {
        sim_member_asks(sim);
    } else if (deed < 112) {
        sim_supervisor_asks(sim);
    } else {
        sim_item_step(sim);
    }
}


void
sim_clients_init(struct sim *sim)
{
    int  i;

    for (i = 0; i < SIM_VISITORS; i++) {
        draw_id(sim, sim->visitor_ids[i], "v");
    }

    for (i = 0; i <= SIM_VISITORS; i++) {
        sim->visitors[i].open_conv = -1;
        sim->visitors[i].ended_conv = -1;
    }

    for (i = 0; i < SIM_NODES; i++) {
        draw_id(sim, sim->nodes[i].id, "n");
        sim->nodes[i].alive = 1;
    }
}
