/*
 * The agent desktop begins here: is somebody signed in? Then their desk,
 * else the sign-in.
 *
 * Owns which of the two is shown, and the one Desk there is.
 */

import { signal } from '@preact/signals';
import { render } from 'preact';

import { Keep } from '../shared/storage';
import { CLOSES } from '../shared/tables';
import { ApiError, currentSession } from './api';
import type { Person } from './api';
import { Customs } from './custom';
import { Desk } from './desk';
import { claimDevice } from './device';
import { phone } from './media';
import { startTheme } from './theme';
import { Frame } from './view/frame';
import { SignIn } from './view/signin';
import { Stopped } from './view/stopped';

type Screen =
    | { is: 'loading' }
    | { is: 'sign-in'; reason?: string }
    | { is: 'stopped'; why: number }
    | { is: 'unreachable' }
    | { is: 'desk'; desk: Desk };

const WHO = 'who';

const screen = signal<Screen>({ is: 'loading' });
const customs = new Customs();
const keep = new Keep('chatdesk.desk.', () => sessionStorage);

function leave(next: Screen): void {
    const now = screen.peek();

    screen.value = next;

    if (now.is === 'desk') {
        now.desk.stop();
    }
}

/* What a browser tab keeps belongs to one login. */
function forget(): void {
    for (const key of keep.keys()) {
        keep.set(key, undefined);
    }
}

async function enter(person: Person): Promise<void> {
    if (keep.get(WHO) !== person.who) {
        forget();
        keep.set(WHO, person.who);
    }

    const desk = new Desk({
        person, keep, customs,
        device: await claimDevice(keep),
        onSignedOut: () => {
            leave({ is: 'sign-in' });
            forget();
        },
        onDenied: (why) => leave(why === CLOSES.SIGNED_OUT
            ? {
                is: 'sign-in',
                reason: 'You were signed out. Sign in to go on; open chats '
                    + 'are kept for you.',
            }
            : { is: 'stopped', why }),
    });

    desk.listOpen.value = phone.peek();
    screen.value = { is: 'desk', desk };
    desk.start();
}

async function begin(): Promise<void> {
    screen.value = { is: 'loading' };

    try {
        await enter(await currentSession());

    } catch (error) {
        screen.value = error instanceof ApiError
            && error.code === 'unauthorized'
            ? { is: 'sign-in' } : { is: 'unreachable' };
    }
}

function App() {
    const now = screen.value;

    switch (now.is) {
    case 'desk':
        return <Frame desk={now.desk} />;
    case 'sign-in':
        return <SignIn reason={now.reason} onSignedIn={enter} />;
    case 'stopped':
    case 'unreachable':
        return <Stopped why={now.is === 'stopped' ? now.why : 0}
                        onAgain={begin} />;
    default:
        return <main class="sign-in" aria-busy="true" />;
    }
}

Object.assign(globalThis, {
    chatdesk: Object.freeze({ notifications: customs.face }),
});
dispatchEvent(new Event('chatdesk:ready'));

startTheme();
render(<App />, document.getElementById('app') as HTMLElement);
void begin();
