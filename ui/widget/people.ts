/*
 * Who the visitor talks to: read from a conversation's registers.
 */

import type { Conversation } from '../shared/conversation';
import type { MemberFrame } from '../shared/tables';

/* The agents who are in the conversation now. */

export function agentsOf(conversation: Conversation | null): MemberFrame[] {
    return [...conversation?.members.value.values() ?? []]
        .filter((member) => member.role === 'agent' && !member.gone);
}


export function phaseOf(conversation: Conversation | null) {
    return conversation?.phase.value?.phase;
}
