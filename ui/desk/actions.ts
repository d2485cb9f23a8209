/*
 * What the palette offers: the chats and the things that can be done.
 */

import type { Desk } from './desk';
import { clientName } from './people';
import { statesOf } from './states';
import { THEMES, theme } from './theme';

export interface Action {
    id: string;
    words: string;
    kind: string;
    run: () => void;
}

export function actionsFor(desk: Desk): Action[] {
    return [...chats(desk), ...presences(desk), ...others(desk)];
}

function chats(desk: Desk): Action[] {
    return desk.tabs.value.flatMap((conv) => {
        const card = desk.inbox.card(conv)?.value;

        return card === undefined ? [] : [{
            id: conv,
            words: `${clientName(card)} (${card.queue})`,
            kind: card.phase === 'offered' ? 'Offer' : 'Chat',
            run: () => desk.open(conv),
        }];
    });
}

function presences(desk: Desk): Action[] {
    return statesOf(desk.inbox.me.value).map(({ id, word, note }) => ({
        id: `state-${id}`,
        words: note === undefined ? `Presence: ${word}`
                                  : `Become ${word.toLowerCase()}`,
        kind: 'Presence',
        run: () => desk.setPresence(id),
    }));
}

function others(desk: Desk): Action[] {
    return [
        ...(desk.ongoing.offered.value ? [{
            id: 'ongoing', words: 'Ongoing messages', kind: 'List',
            run: () => desk.showList(true),
        }] : []),
        ...THEMES.map((choice) => ({
            id: `theme-${choice}`,
            words: choice === 'auto' ? 'Theme like the system'
                                     : `Theme ${choice}`,
            kind: 'Look',
            run: () => {
                theme.value = choice;
            },
        })),
        {
            id: 'notifications', words: 'Notifications and sounds',
            kind: 'Settings',
            run: () => desk.show('notifications'),
        },
        {
            id: 'templates', words: 'Templates', kind: 'Settings',
            run: () => desk.show('templates'),
        },
        {
            id: 'help', words: 'Keyboard help', kind: 'Help',
            run: () => desk.show('help'),
        },
        {
            id: 'sign-out', words: 'Sign out', kind: 'Account',
            run: () => void desk.signOut(),
        },
    ];
}
