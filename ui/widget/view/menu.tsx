/*
 * The options of an agent's message, to pick one from.
 *
 * Invariant: a menu is picked from once; when it is settled, or when the
 *            chat has ended, its buttons stay, so that nothing loses the
 *            focus.
 */

import type { VNode } from 'preact';

import { CHECK, Drawing } from '../../shared/icons';
import type { MessageFrame } from '../../shared/tables';
import { useScreen } from '../host';
import { phaseOf } from '../people';


export function Menu({ message }: { message: MessageFrame }): VNode {
    const { session, language } = useScreen();
    const conversation = session.conversation.value;
    const picked = conversation?.picks.value.get(message.mid)
        ?? session.items.value.find((item) => item.picks === message.mid
                                    && item.state !== 'failed')?.text;
    const over = picked !== undefined || phaseOf(conversation) === 'closed';

    return (
        <div class="menu" role="group" part="menu"
             aria-label={language.value.texts.choices}>
            {message.choices?.map((option) => (
                <button
                    type="button" key={option} dir="auto" part="choice"
                    aria-disabled={over} aria-pressed={option === picked}
                    onClick={() => over || session.send(option, message.mid)}
                >
                    {option === picked && <Drawing path={CHECK} size={16} />}
                    {option}
                </button>
            ))}
        </div>
    );
}
