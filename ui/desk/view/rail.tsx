/*
 * The navigation rail: inbox with its dot, ongoing messages, help, presence,
 * the agent.
 *
 * The inbox's dot carries no number: it says that something is unaccepted
 * or unread, the list says what.
 */

import { Icon } from '../../shared/icons';
import type { Desk } from '../desk';
import { stateDot, stateWord, statesOf } from '../states';
import { THEMES, theme } from '../theme';
import { Face } from './face';
import { HelpIcon, InboxIcon, TemplatesIcon } from './icons';
import { MenuButton } from './menu';
import { OngoingButton } from './ongoing';

const THEME_WORDS = {
    auto: 'Like the system',
    light: 'Light',
    dark: 'Dark',
} as const;

export function Rail({ desk }: { desk: Desk }) {
    return (
        <nav class="rail" aria-label="Main">
            <span class="mark"><Icon name="chat" /></span>
            <InboxButton desk={desk} />
            <OngoingButton desk={desk} />
            <button
                type="button" class="rail-button" title="Templates"
                aria-label="Manage templates"
                onClick={() => desk.show('templates')}
            >
                <TemplatesIcon />
            </button>
            <span class="spring" />
            <button
                type="button" class="rail-button" title="Keyboard help (?)"
                aria-label="Keyboard help" onClick={() => desk.show('help')}
            >
                <HelpIcon />
            </button>
            <PresenceMenu desk={desk} />
            <AgentMenu desk={desk} />
        </nav>
    );
}

function InboxButton({ desk }: { desk: Desk }) {
    const calls = desk.waiting.count.value > 0;

    return (
        <button
            type="button" class="rail-button"
            aria-current={desk.ongoing.open.value ? undefined : 'page'}
            title="Inbox" onClick={() => desk.showList()}
            aria-label={calls ? 'Inbox, something is waiting' : 'Inbox'}
        >
            <InboxIcon />
            {calls && <span class="dot corner" data-is="new" />}
        </button>
    );
}

function PresenceMenu({ desk }: { desk: Desk }) {
    const me = desk.online.value ? desk.inbox.me.value : undefined;
    const word = stateWord(me);

    return (
        <MenuButton
            class="rail-button" label={`Presence: ${word}`}
            face={<>
                <span class="dot" data-is={stateDot(me)} />
                <span class="word clip">{word}</span>
            </>}
            items={(close) => statesOf(me).map((one) => (
                <button
                    key={one.id} type="button" class="menu-item"
                    role="menuitemradio" aria-checked={one.id === me?.state}
                    onClick={() => {
                        desk.setPresence(one.id);
                        close();
                    }}
                >
                    <span class="dot" data-is={one.id === me?.state
                        ? stateDot(me) : one.note ? one.id : 'own'} />
                    <span>
                        {one.word}
                        {one.note && <span class="menu-note">{one.note}</span>}
                    </span>
                    {one.id === me?.state && (
                        <span class="end"><Icon name="check" /></span>
                    )}
                </button>
            ))}
        />
    );
}

function AgentMenu({ desk }: { desk: Desk }) {
    const { name, who } = desk.person;
    const profile = desk.inbox.me.value?.profile;

    return (
        <MenuButton
            class="rail-button" label={`Account of ${name}`}
            face={<Face id={who} name={name} size="small" />}
            items={(close) => <>
                <p class="menu-title">
                    <b>{name}</b>
                    {profile && <span> · {profile}</span>}
                </p>
                <hr />
                <p class="menu-title">Theme</p>
                {THEMES.map((choice) => (
                    <button
                        key={choice} type="button" class="menu-item"
                        role="menuitemradio"
                        aria-checked={theme.value === choice}
                        onClick={() => (theme.value = choice)}
                    >
                        {THEME_WORDS[choice]}
                        {theme.value === choice && (
                            <span class="end"><Icon name="check" /></span>
                        )}
                    </button>
                ))}
                <hr />
                <button
                    type="button" class="menu-item" role="menuitem"
                    onClick={() => {
                        close();
                        desk.show('notifications');
                    }}
                >
                    Notifications
                </button>
                <button
                    type="button" class="menu-item" role="menuitem"
                    onClick={() => {
                        close();
                        desk.signOut();
                    }}
                >
                    Sign out
                </button>
            </>}
        />
    );
}
