/*
 * The panel's frame: header, news of the connection, log, and at the foot
 * what the visitor can do now.
 *
 * Invariant: when the foot changes under the visitor's hands, the focus goes
 *            to what has taken its place.
 */

import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

import { useScreen } from '../host';
import { phaseOf } from '../people';
import { Banner } from './banner';
import { Composer } from './composer';
import { Ended, EndQuestion } from './ending';
import { Header } from './header';
import { Log } from './log';

const FEET = { ended: Ended, question: EndQuestion, composer: Composer };


export function App(): VNode {
    const { host, session, asking } = useScreen();
    const ended = phaseOf(session.conversation.value) === 'closed';
    const foot = ended ? 'ended' : asking.value ? 'question' : 'composer';
    const before = useRef(foot);
    const Foot = FEET[foot];

    /* read before the screen changes: what is removed loses the focus */
    const held = host.section.contains(host.shadowRoot?.activeElement ?? null);

    useLayoutEffect(() => {
        if (before.current !== foot && held) {
            host.section.querySelector<HTMLElement>(
                'textarea, .again, .plain')?.focus();
        }

        before.current = foot;
        asking.value &&= !ended;
    }, [foot]);

    return (
        <div class="frame">
            <Header />
            <Banner />
            <Log />
            <Foot />
        </div>
    );
}
