/*
 * Top of the panel: whom the visitor talks to, whether they are there, and
 * the ways out.  Closing the panel is not ending the chat.
 */

import type { VNode } from 'preact';

import { Avatar } from '../../shared/avatar';
import { DOWN, LEAVE, Drawing } from '../../shared/icons';
import { useScreen } from '../host';
import type { Texts } from '../locale';
import { agentsOf, phaseOf } from '../people';


function stateOf(phase: string | undefined, present: boolean, texts: Texts) {
    switch (phase) {
    case 'waiting':
    case 'offered':
        return { dot: 'amber', text: texts.inQueue };

    case 'active':
        return present ? { dot: 'green', text: texts.online }
                       : { dot: 'grey', text: texts.away };

    case 'closed':
        return { dot: 'grey', text: texts.over };
    }

    return null;
}


export function Header(): VNode {
    const { host, session, language, asking } = useScreen();
    const { texts } = language.value;
    const conversation = session.conversation.value;
    const agents = agentsOf(conversation);
    const phase = phaseOf(conversation);
    const first = agents[0];
    const state = stateOf(phase, agents.some((one) => one.present), texts);
    const names = agents.map((agent) => agent.name ?? texts.agent);

    return (
        <header part="header">
            {first !== undefined
                && <Avatar id={first.who} name={first.name ?? texts.agent} />}
            <div class="title">
                <h2>{names.join(', ') || texts.title}</h2>
                {state !== null && (
                    <p>
                        <i class={`dot ${state.dot}`} aria-hidden="true" />
                        {state.text}
                    </p>
                )}
            </div>
            {phase !== undefined && phase !== 'closed' && (
                <button type="button" class="tool end" title={texts.menuEnd}
                        aria-label={texts.menuEnd} part="end"
                        onClick={() => { asking.value = true; }}>
                    <Drawing path={LEAVE} />
                </button>
            )}
            <button type="button" class="tool close" title={texts.close}
                    aria-label={texts.close} part="close"
                    onClick={() => host.close()}>
                <Drawing path={DOWN} />
            </button>
        </header>
    );
}
