/*
 * The panel's frame: header, news of the connection, log, and at the foot
 * what the visitor can do now.
 */

import type { VNode } from 'preact';

import { useScreen } from '../host';
import { phaseOf } from '../people';
import { Banner } from './banner';
import { Composer } from './composer';
import { Ended, EndQuestion } from './ending';
import { Header } from './header';
import { Log } from './log';


export function App(): VNode {
    const { session, asking } = useScreen();
    const phase = phaseOf(session.conversation.value);
    const foot = phase === 'closed' ? <Ended />
        : asking.value ? <EndQuestion /> : <Composer />;

    return (
        <div class="frame">
            <Header />
            <Banner />
            <Log />
            {foot}
        </div>
    );
}
