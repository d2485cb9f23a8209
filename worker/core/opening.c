/*
 * How a conversation begins; see opening.h.
 *
 *   start --> form fits? --> open, or takes messages? --> rule --> queue
 *                |                   |
 *                +-------------------+--> refused, and shut in Redis
 *
 * Purpose:    from the entry to a conversation that waits in its queue.
 * Owner:      nothing.
 * Invariants: what the visitor typed is bounded and on one line before it is
 *             kept; a start that is refused leaves nothing open in Redis,
 *             where cd_start has made a conversation of it already.
 */

#include "core/opening.h"

#include "core/admit.h"
#include "core/flow_desk.h"
#include "core/presence.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/reopening.h"
#include "core/state.h"
#include "core/text.h"

#define REFUSED_KEEP_MS  60000      /* a refused one, until Redis drops it */

/* a start, looked at */
struct opening {
    const struct cd_frame *entry;
    struct id              id;
    struct id              who;
    struct admission       admitted;
};


static int
opening_texts(struct conversation *conversation,
    const struct opening *opening)
{
    size_t       i;
    const char  *answer;
    struct {
        unsigned     field;
        char       **slot;
        const char  *key;       /* of the form, that means the same */
    } rows[] = {
        { CD_F_NAME, &conversation->name, "name" },
        { CD_F_EMAIL, &conversation->email, "email" },
        { CD_F_PAGE, &conversation->page, NULL },
        { CD_F_TITLE, &conversation->title, NULL },
        { CD_F_LANG, &conversation->lang, NULL }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_str  text = cd_frame_str(opening->entry, rows[i].field);

        answer = text.len == 0 && rows[i].key != NULL
                 ? form_value(&opening->admitted.form, rows[i].key) : NULL;

        if (answer != NULL) {
            text = str_of(answer);
        }

        if (text_set(rows[i].slot, text, cd_field_row(rows[i].field)->max)
            != 0)
        {
            return -1;
        }
    }

    return text_set(&conversation->form,
                    str_of(opening->admitted.form_text), FORM_BYTES);
}


/* What the rule that holds says, beside where it waits. */

static int
opening_rule(struct desk *desk, struct conversation *conversation,
    const struct rule *rule)
{
    char  skills[SKILLS_TEXT_MAX] = "";

    if (rule != NULL) {
        skills_text(&rule->settings->skills, skills);
    }

    conversation->needs = skills_bits_of(&desk->skills, skills);

    return text_set(&conversation->rule,
                    str_of(rule != NULL ? rule->settings->name : ""),
                    cd_field_row(CD_F_NAME)->max) != 0
           || text_set(&conversation->skills, str_of(skills),
                       SKILLS_TEXT_MAX) != 0 ? -1 : 0;
}


/* What a start says of a conversation, new or going on. */

static int
opening_fill(struct desk *desk, struct conversation *conversation,
    const struct opening *opening)
{
    const struct admission  *admitted = &opening->admitted;

    conversation->flow = admitted->flow;
    conversation->channel = flow_channel(admitted->flow);
    conversation->queue = admitted->queue;
    conversation->routed = (uint8_t) admitted->by;
    conversation->priority = (uint8_t) admitted->route.priority;
    conversation->offline = !admitted->route.open;
    conversation->since_ms = desk->now_ms;
    conversation->active_at_ms = desk->now_ms;

    return opening_texts(conversation, opening) != 0
           || opening_rule(desk, conversation, admitted->route.rule) != 0
           ? -1 : 0;
}


static struct conversation *
opening_make(struct desk *desk, const struct opening *opening)
{
    struct visitor       *visitor;
    struct conversation  *conversation;

    visitor = visitor_get(desk, &opening->who);
    if (visitor == NULL) {
        return NULL;
    }

    conversation = conversation_new(&desk->conversations, &opening->id,
                                    desk->next_number);
    if (conversation == NULL) {
        visitor_release(desk, visitor);
        return NULL;
    }

    visitor_link(visitor, conversation);

    if (opening_fill(desk, conversation, opening) != 0) {
        conversation_free(desk, conversation);
        return NULL;
    }

    desk->next_number++;
    desk->dirty = 1;

    return conversation;
}


/* Remembers answers for the visitor's next start: these, and those of before
   to other questions. */

static void
opening_remember(struct desk *desk, const struct opening *opening,
    const struct form *form)
{
    char                         text[FORM_BYTES + 1];
    char                         keys[FORM_FIELDS_MAX * (FORM_KEY_MAX + 1)
                                      + 1];
    size_t                       i, len = 0, key;
    struct form                  all;
    const struct admission      *admitted = &opening->admitted;
    const struct flow_settings  *flow = &admitted->flow->settings;

    form_join(&all, form, &admitted->known, flow->fields, flow->field_count);

    for (i = 0; i < all.count; i++) {
        key = strlen(all.answers[i].key);

        if (i > 0) {
            keys[len++] = ',';
        }

        memcpy(keys + len, all.answers[i].key, key);
        len += key;
    }

    keys[len] = '\0';
    (void) form_encode(&all, text, sizeof(text));
    changes_form(desk->changes, opening->who.s, text, keys,
                 CD_LIMIT_TOKEN_MAX_MS);
}


/* Refused: what cd_start has opened is shut again; one that would have gone on
   stays as it was.  An answer of before that the form takes no more is known
   no more, so that it is asked for. */

static void
opening_refuse(struct desk *desk, const struct opening *opening)
{
    int                       again;
    const struct flow        *flow = opening->admitted.flow;
    static const struct form  none;

    again = flow != NULL && cd_frame_has(opening->entry, CD_F_MEMBERS);

    if (opening->admitted.stale > 0) {
        opening_remember(desk, opening, &none);
    }

    refuse_field(desk, opening->entry, opening->admitted.error,
                 opening->admitted.field);
    changes_close(desk->changes, opening->id.s, opening->who.s,
                  again ? flow->settings.keep_ms : REFUSED_KEEP_MS,
                  again && flow->settings.append ? flow->id.s : "");
}


/* Let in or not; -1 when the start was refused. */

static int
opening_look(struct desk *desk, struct opening *opening)
{
    const struct cd_frame  *entry = opening->entry;
    struct admission       *admitted = &opening->admitted;

    admitted->flow_id = cd_frame_str(entry, CD_F_FLOW);
    admitted->page = cd_frame_str(entry, CD_F_PAGE);
    admitted->lang = cd_frame_str(entry, CD_F_LANG);
    admitted->text = cd_frame_str(entry, CD_F_TEXT);
    admitted->answers = cd_frame_str(entry, CD_F_FORM);
    admitted->before = cd_frame_str(entry, CD_F_ANSWERS);
    admitted->named = cd_frame_str(entry, CD_F_QUEUE);

    if (admit(desk, admitted, desk->now_ms, NULL) != 0) {
        opening_refuse(desk, opening);
        return -1;
    }

    return 0;
}


/* Where no menus are shown an answer in words picks; cd_post looks there. */

static void
opening_menus(struct desk *desk, const struct conversation *conversation,
    int again)
{
    static const char  plain[] = "p";

    if (!flow_has_menus(conversation->flow)) {
        changes_conv_set(desk->changes, conversation->id.s, plain, "1");

    } else if (again) {
        changes_conv_unset(desk->changes, conversation->id.s, plain);
    }
}


/* It waits, both sides hear of it, and the desk greets. */

static void
opening_done(struct desk *desk, struct conversation *conversation,
    const struct opening *opening, int again)
{
    const char  *greeting = opening->admitted.route.greeting;
    const char  *name = flow_client_name(conversation);
    const char  *who = conversation->visitor->id.s;

    conversation_set_phase(desk, conversation, CD_PHASE_WAITING);
    conversation_touch(desk, conversation, DIRTY_VISITOR_BOTH);
    opening_menus(desk, conversation, again);

    if (again || conversation->offline) {
        publish_event_why(desk, conversation, EVENT_OPENED, ROLE_VISITOR,
                          who, name, again ? WHY_REOPENED : WHY_OFFLINE);
    } else {
        publish_event(desk, conversation, EVENT_OPENED, ROLE_VISITOR, who,
                      name);
    }

    if (greeting != NULL) {
        publish_say(desk, conversation, greeting);
    }

    if (opening->admitted.form.count > 0) {
        opening_remember(desk, opening, &opening->admitted.form);
    }
}


/* One that is known: closed here, it goes on, for cd_start has opened it. */

static void
opening_again(struct desk *desk, struct conversation *conversation,
    const struct opening *opening)
{
    reopening_clear(desk, conversation);

    if (opening_fill(desk, conversation, opening) != 0) {
        desk_fail(desk);
        return;
    }

    opening_done(desk, conversation, opening, 1);
}


void
opening_start(struct desk *desk, const struct cd_frame *entry)
{
    struct cd_str         members, conv = cd_frame_str(entry, CD_F_CONV);
    struct opening        opening;
    struct conversation  *conversation;

    opening.entry = entry;

    if (entry_role(entry) != ROLE_VISITOR
        || id_set(&opening.who, cd_frame_str(entry, CD_F_WHO)) != 0
        || id_set(&opening.id, conv) != 0)
    {
        refuse(desk, entry, CD_E_BAD_REQUEST);
        return;
    }

    presence_begin(desk, entry);
    conversation = conversation_find(&desk->conversations, conv);

    if ((conversation != NULL
         && (!conversation_is_over(conversation)
             || !conversation->reopens
             || !cd_str_is(str_of(opening.who.s),
                           conversation->visitor->id.s)))
        || opening_look(desk, &opening) != 0)
    {
        return;
    }

    if (conversation != NULL) {
        opening_again(desk, conversation, &opening);
        return;
    }

    conversation = opening_make(desk, &opening);
    if (conversation == NULL) {
        desk_fail(desk);
        return;
    }

    members = cd_frame_str(entry, CD_F_MEMBERS);
    reopening_members(desk, conversation, members);
    opening_done(desk, conversation, &opening,
                 cd_frame_has(entry, CD_F_MEMBERS));
}
