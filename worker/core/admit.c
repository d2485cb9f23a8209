/*
 * A visitor who comes; see admit.h.
 *
 * Purpose:    flow, form, rules and hours, in this order.
 * Owner:      nothing.
 * Invariants: those of admit.h.
 */

#include "core/admit.h"

#include "core/state.h"


static int
admit_refuse(struct admission *admission, enum cd_error error,
    const char *field)
{
    if (admission->error == CD_E_OK) {
        admission->error = error;
        admission->field = field;
    }

    return -1;
}


static enum form_fault
admit_check(const struct admission *admission, uint64_t now_ms,
    const char **key)
{
    const struct flow  *flow = admission->flow;

    return form_check(&admission->form, flow->settings.fields,
                      flow->settings.field_count,
                      hours_open(flow->hours, now_ms), key);
}


/* The form with what is known, checked, and as text. */

static int
admit_form(struct admission *admission, uint64_t now_ms)
{
    const char                  *key = NULL;
    enum form_fault              fault;
    const struct flow_settings  *settings = &admission->flow->settings;

    if (form_decode(&admission->form, admission->answers) != 0) {
        return admit_refuse(admission, CD_E_BAD_REQUEST, "form");
    }

    fault = admit_check(admission, now_ms, &key);

    if (fault == FORM_MISSING || fault == FORM_GOOD) {
        (void) form_decode(&admission->known, admission->before);
        admission->stale = form_merge(&admission->form, &admission->known,
                                      settings->fields,
                                      settings->field_count);
        fault = admit_check(admission, now_ms, &key);
    }

    if (fault == FORM_LONG) {
        return admit_refuse(admission, CD_E_TOO_LONG, key);
    }

    if (fault != FORM_GOOD) {
        return admit_refuse(admission, CD_E_BAD_REQUEST, key);
    }

    if (admission->form.count > 0
        && form_encode(&admission->form, admission->form_text,
                       sizeof(admission->form_text))
           == 0)
    {
        return admit_refuse(admission, CD_E_TOO_LONG, "form");
    }

    return 0;
}


/* A rule that names a queue wins, then the visitor's page, then the flow. */

static void
admit_queue(struct desk *desk, struct admission *admission)
{
    const struct route  *route = &admission->route;

    admission->by = ROUTED_BY_RULE;
    admission->queue = route->queue;

    if (route->rule != NULL && route->rule->queue != NULL) {
        return;
    }

    admission->by = ROUTED_BY_VISITOR;
    admission->queue = queue_named(&desk->queues, admission->named);

    if (admission->queue == NULL) {
        admission->by = ROUTED_BY_FLOW;
        admission->queue = route->queue;
    }
}


int
admit(struct desk *desk, struct admission *admission, uint64_t now_ms,
    enum rule_verdict *verdicts)
{
    struct visit  visit = {
        admission->page, admission->lang, admission->text, &admission->form,
        now_ms
    };

    admission->form_text[0] = '\0';
    admission->known.count = 0;
    admission->stale = 0;
    admission->error = CD_E_OK;
    admission->field = NULL;
    admission->flow = flow_find(&desk->flows, admission->flow_id.len > 0
                                ? admission->flow_id : str_of(FLOW_DEFAULT));

    if (admission->flow == NULL) {
        return admit_refuse(admission, CD_E_NO_FLOW, "flow");
    }

    if (admit_form(admission, now_ms) != 0 && verdicts == NULL) {
        return -1;
    }

    rule_route(admission->flow, &visit, &admission->route, verdicts);
    admit_queue(desk, admission);

    if (!admission->route.open
        && admission->flow->settings.closed == FLOW_CLOSED_HIDE)
    {
        return admit_refuse(admission, CD_E_OUT_OF_HOURS, NULL);
    }

    return admission->error == CD_E_OK ? 0 : -1;
}
