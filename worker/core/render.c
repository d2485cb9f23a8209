/*
 * Templates, filled in for a conversation; see templates.h.
 *
 * Purpose:    which language is taken, what stands for each variable, and
 *             the rule of `render`.
 * Owner:      nothing; a result lies in the desk's scratch buffer.
 * Invariants: nothing is filled in for somebody who is not a member; what is
 *             rendered is answered to the session that asked, never sent.
 */

#include "core/templates.h"

#include <stdio.h>

#include "core/flow_desk.h"
#include "core/presence.h"
#include "core/refuse.h"
#include "core/rights.h"
#include "core/state.h"
#include "core/templates_make.h"

/* where values come from */
struct source {
    struct desk          *desk;
    struct conversation  *conversation;     /* NULL: examples */
    struct agent         *agent;
    char                  number[24];
    int                   has_form;         /* `form` was read */
    struct form           form;
};


static struct cd_str
value_str(const char *text)
{
    return str_of(text != NULL ? text : "");
}


static struct cd_str
value_example(enum variable variable)
{
    static const char *const  examples[] = {
        [VARIABLE_CLIENT_NAME] = "Alex Doe",
        [VARIABLE_CLIENT_EMAIL] = "alex@example.com",
        [VARIABLE_CLIENT_LANG] = "en",
        [VARIABLE_AGENT_NAME] = "Sam Roe",
        [VARIABLE_AGENT_LOGIN] = "sam",
        [VARIABLE_QUEUE_NAME] = "Sales",
        [VARIABLE_CONV_NUMBER] = "1024",
        [VARIABLE_CONV_PAGE] = "https://www.example.com/cart",
        [VARIABLE_CONV_TITLE] = "Your cart",
        [VARIABLE_CUSTOM] = ""
    };

    return value_str(examples[variable]);
}


/* What the client answered in the flow's form, else the desk's attribute. */

static struct cd_str
value_custom(struct source *source, struct cd_str key)
{
    char         text[ATTRIBUTE_KEY_MAX + 1];
    const char  *value = NULL, *form = source->conversation->form;

    if (!source->has_form) {
        source->has_form = 1;
        (void) form_decode(&source->form, value_str(form));
    }

    if (key.len <= ATTRIBUTE_KEY_MAX) {
        memcpy(text, key.data, key.len);
        text[key.len] = '\0';
        value = form_value(&source->form, text);
    }

    if (value == NULL || value[0] == '\0') {
        value = attributes_find(&source->desk->attributes, key);
    }

    return value_str(value);
}


static struct cd_str
value_of(void *context, enum variable variable, struct cd_str key)
{
    struct source        *source = context;
    struct conversation  *conversation = source->conversation;

    if (conversation == NULL) {
        return value_example(variable);
    }

    switch (variable) {
    case VARIABLE_CLIENT_NAME:
        return value_str(flow_client_name(conversation));
    case VARIABLE_CLIENT_EMAIL:
        return value_str(conversation->email);
    case VARIABLE_CLIENT_LANG:
        return value_str(conversation->lang);
    case VARIABLE_AGENT_NAME:
        return value_str(source->agent->name);
    case VARIABLE_AGENT_LOGIN:
        return value_str(source->agent->id.s);
    case VARIABLE_QUEUE_NAME:
        return value_str(conversation->queue->name);
    case VARIABLE_CONV_NUMBER:
        snprintf(source->number, sizeof(source->number), "%llu",
                 (unsigned long long) conversation->number);
        return value_str(source->number);
    case VARIABLE_CONV_PAGE:
        return value_str(conversation->page);
    case VARIABLE_CONV_TITLE:
        return value_str(conversation->title);
    case VARIABLE_CUSTOM:
        return value_custom(source, key);
    }

    return value_str(NULL);
}


enum cd_error
templates_check(struct desk *desk, struct cd_str text, char *out,
    struct template_refusal *refusal)
{
    struct source          source = { .conversation = NULL };
    struct template_text  *parsed;
    struct template_fault  fault;

    parsed = template_parse(text, &fault);

    if (parsed != NULL
        && template_all_known(parsed, template_key_known, desk, &fault) != 0)
    {
        template_text_free(&parsed);
    }

    if (parsed == NULL) {
        snprintf(refusal->field, sizeof(refusal->field), "text");
        refusal->why = fault.why;
        refusal->line = fault.line;
        refusal->column = fault.column;
        return CD_E_BAD_REQUEST;
    }

    template_render(parsed, value_of, &source, out);
    template_text_free(&parsed);

    return CD_E_OK;
}


/* The language that is wanted or the nearest wider one (RFC 4647, section
   3.4): pt-BR, pt, and then the template's first. */

static const struct locale_text *
locale_for(const struct template *template, const char *lang)
{
    size_t  i, len = strlen(lang);

    while (len > 0) {
        for (i = 0; i < template->locale_count; i++) {
            if (strlen(template->locales[i].lang) == len
                && strncasecmp(template->locales[i].lang, lang, len) == 0)
            {
                return &template->locales[i];
            }
        }

        while (len > 0 && lang[len - 1] != '-') {
            len--;
        }

        len -= len > 0;
    }

    return &template->locales[0];
}


size_t
template_fill(const struct template *template, struct desk *desk,
    struct conversation *conversation, const char *login, const char *lang,
    char *out, const char **choices)
{
    struct source              source = {
        .desk = desk, .conversation = conversation
    };
    const struct locale_text  *locale = locale_for(template, lang);

    source.agent = agent_find(&desk->agents, str_of(login));
    *choices = locale->choices;

    return template_render(locale->text, value_of, &source, out);
}


static int
template_serves(const struct template *template, const struct queue *queue)
{
    size_t  i;

    for (i = 0; i < template->queue_count; i++) {
        if (strcmp(template->queues[i].s, queue->id.s) == 0) {
            return 1;
        }
    }

    return template->queue_count == 0;
}


/* The agent's own one, or the shared one for this queue; `own` says which. */

static const struct template *
template_for(struct desk *desk, const struct agent *agent,
    const struct conversation *conversation, struct cd_str wanted,
    enum render_own own)
{
    char              id[TEMPLATE_ID_MAX + 1] = "";
    struct template  *template = NULL;

    if (wanted.len > TEMPLATE_ID_MAX) {
        return NULL;
    }

    memcpy(id, wanted.data, wanted.len);
    if (own != RENDER_SHARED) {
        template = templates_find(&desk->templates, agent->id.s, id);
    }

    if (template == NULL && own != RENDER_OWN) {
        template = templates_find(&desk->templates, "", id);
    }

    return template != NULL && template_serves(template, conversation->queue)
           ? template : NULL;
}


static void
render_answer(struct desk *desk, const struct cd_frame *entry,
    const char *text, size_t len, const char *choices)
{
    struct id        node, session, re, conv;
    struct cd_str    template = cd_frame_str(entry, CD_F_TEMPLATE);
    struct cd_frame  frame;

    if (id_set(&node, cd_frame_str(entry, CD_F_NODE)) != 0
        || id_set(&session, cd_frame_str(entry, CD_F_SESSION)) != 0
        || id_set(&re, cd_frame_str(entry, CD_F_ID)) != 0
        || id_set(&conv, cd_frame_str(entry, CD_F_CONV)) != 0)
    {
        return;
    }

    cd_frame_init(&frame, CD_T_RENDERED);
    frame.at_ms = desk->now_ms;
    cd_frame_set_str(&frame, CD_F_SESSION, session.s, strlen(session.s));
    cd_frame_set_str(&frame, CD_F_RE, re.s, strlen(re.s));
    cd_frame_set_str(&frame, CD_F_CONV, conv.s, strlen(conv.s));
    cd_frame_set_str(&frame, CD_F_TEMPLATE, template.data, template.len);
    cd_frame_set_str(&frame, CD_F_TEXT, text, len);

    if (choices != NULL) {
        cd_frame_set_str(&frame, CD_F_CHOICES, choices, strlen(choices));
    }

    changes_node(desk->changes, node.s, &frame);
}


enum cd_error
desk_render(struct desk *desk, const struct render_wish *wish, char *out,
    size_t *len, const char **choices)
{
    char                    lang[LANG_MAX + 1] = "";
    struct seat            *seat = NULL;
    struct agent           *agent;
    struct cd_str           tag = wish->lang;
    struct conversation    *conversation;
    const struct template  *template;

    conversation = conversation_find(&desk->conversations, wish->conv);
    agent = agent_find(&desk->agents, wish->who);

    if (conversation != NULL && agent != NULL) {
        seat = seat_find(conversation, agent);
    }

    if (seat == NULL || seat->state != SEAT_ACTIVE) {
        return CD_E_NOT_FOUND;
    }

    if (!rights_button(agent, BUTTON_TEMPLATE)) {
        return CD_E_FORBIDDEN;
    }

    template = template_for(desk, agent, conversation, wish->template,
                            wish->own);
    if (template == NULL) {
        return CD_E_NO_TEMPLATE;
    }

    if (tag.len == 0 && conversation->lang != NULL) {
        tag = str_of(conversation->lang);
    }

    memcpy(lang, tag.data, tag.len <= LANG_MAX ? tag.len : 0);
    *len = template_fill(template, desk, conversation, agent->id.s, lang, out,
                         choices);

    return CD_E_OK;
}


void
templates_render(struct desk *desk, const struct cd_frame *entry)
{
    size_t              len;
    const char         *choices;
    enum cd_error       error = CD_E_NOT_FOUND;
    struct render_wish  wish = {
        cd_frame_str(entry, CD_F_WHO), cd_frame_str(entry, CD_F_CONV),
        cd_frame_str(entry, CD_F_TEMPLATE), cd_frame_str(entry, CD_F_LANG),
        RENDER_EITHER
    };

    if (cd_frame_has(entry, CD_F_OWN)) {
        wish.own = cd_frame_uint(entry, CD_F_OWN) ? RENDER_OWN
                                                  : RENDER_SHARED;
    }

    if (entry_role(entry) == ROLE_AGENT) {
        error = desk_render(desk, &wish, desk->scratch, &len, &choices);
    }

    if (error != CD_E_OK) {
        refuse(desk, entry, error);
        return;
    }

    render_answer(desk, entry, desk->scratch, len, choices);
}
