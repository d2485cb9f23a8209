/*
 * What lies over the desk: the question before a chat is ended, the help on
 * keys, the palette.
 */

import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import type { Desk, Panel } from '../desk';
import { SHORTCUTS } from '../keys';
import { clientName } from '../people';
import { actionsFor } from '../actions';
import { Dialog } from './dialog';

interface PanelProps {
    desk: Desk;
    onClose: () => void;
}

type Part = ComponentType<PanelProps>;

const PANELS: Record<Panel, () => Promise<Part>> = {
    notifications: async () => (await import('./notifications')).Notifications,
    templates: async () => (await import('./templates_page')).TemplatesPage,
};

export function Overlays({ desk }: { desk: Desk }) {
    const overlay = desk.overlay.value;

    switch (overlay?.is) {
    case 'end':
        return <EndQuestion desk={desk} conv={overlay.conv} />;
    case 'help':
        return <Help desk={desk} />;
    case 'palette':
        return <Palette desk={desk} />;
    case 'notifications':
    case 'templates':
        return <Later key={overlay.is} desk={desk} load={PANELS[overlay.is]}
               />;
    default:
        return null;
    }
}

/* A panel that few open is fetched when somebody does. */
function Later({ desk, load }: { desk: Desk; load: () => Promise<Part> }) {
    const part = useSignal<Part | undefined>(undefined);

    useEffect(() => {
        load().then(
            (loaded) => (part.value = loaded),
            () => {
                close(desk);
                desk.toasts.show('This cannot be opened now: the desk cannot '
                                 + 'be reached. Try again.');
            });
    }, []);

    const Part = part.value;

    return Part === undefined ? null
        : <Part desk={desk} onClose={() => close(desk)} />;
}

function close(desk: Desk): void {
    desk.overlay.value = undefined;
}

function EndQuestion({ desk, conv }: { desk: Desk; conv: string }) {
    const card = desk.inbox.card(conv)?.value;
    const over = card?.phase !== 'active';

    /* the visitor has ended it meanwhile: nothing is left to ask */
    useEffect(() => {
        if (over) {
            close(desk);
        }
    }, [over]);

    if (card === undefined || over) {
        return null;
    }

    return (
        <Dialog title="End this chat?" onClose={() => close(desk)}>
            <p>
                {clientName(card)}
                {card.present ? ' is still connected. ' : ' has left. '}
                The chat ends for both of you and cannot be reopened.
            </p>
            <div class="dialog-actions">
                <button type="button" class="button" autofocus
                        onClick={() => close(desk)}>
                    Keep it open
                </button>
                <button
                    type="button" class="button bad confirm-end"
                    onClick={() => {
                        close(desk);
                        desk.end(conv);
                    }}
                >
                    End chat
                </button>
            </div>
        </Dialog>
    );
}

function Help({ desk }: { desk: Desk }) {
    return (
        <Dialog title="Keyboard" onClose={() => close(desk)}>
            <dl class="key-table">
                {SHORTCUTS.map((one) => (
                    <>
                        <dt>{one.words}</dt>
                        <dd><kbd>{one.keys}</kbd></dd>
                    </>
                ))}
                <dt>Send the message</dt>
                <dd><kbd>Enter</kbd></dd>
                <dt>New line in the message</dt>
                <dd><kbd>Shift+Enter</kbd></dd>
            </dl>
            <div class="dialog-actions">
                <button type="button" class="button" autofocus
                        onClick={() => close(desk)}>
                    Close
                </button>
            </div>
        </Dialog>
    );
}

function Palette({ desk }: { desk: Desk }) {
    const text = useSignal('');
    const at = useSignal(0);
    const list = useRef<HTMLUListElement>(null);
    const found = actionsFor(desk).filter((action) =>
        action.words.toLocaleLowerCase()
            .includes(text.value.trim().toLocaleLowerCase()));
    const chosen = Math.min(at.value, found.length - 1);

    useEffect(() => {
        list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
    }, [chosen]);

    const run = (index: number) => {
        close(desk);
        found[index]?.run();
    };

    const onKey = (event: KeyboardEvent) => {
        const by = event.key === 'ArrowDown' ? 1
            : event.key === 'ArrowUp' ? -1 : 0;

        if (by !== 0 && found.length > 0) {
            event.preventDefault();
            at.value = (chosen + by + found.length) % found.length;

        } else if (event.key === 'Enter') {
            event.preventDefault();
            run(chosen);
        }
    };

    return (
        <Dialog title="Go to" class="palette" onClose={() => close(desk)}>
            <input
                class="input" type="text" autofocus role="combobox"
                aria-expanded="true" aria-controls="palette-list"
                aria-activedescendant={`palette-${chosen}`}
                placeholder="Go to a chat or do something"
                aria-label="Go to a chat or do something"
                value={text.value} onKeyDown={onKey}
                onInput={(event) => {
                    text.value = event.currentTarget.value;
                    at.value = 0;
                }}
            />
            <ul id="palette-list" role="listbox" ref={list}
                aria-label="Chats and actions">
                {found.map((action, index) => (
                    <li
                        key={action.id} id={`palette-${index}`} role="option"
                        aria-selected={index === chosen}
                        onClick={() => run(index)}
                    >
                        <span class="clip">{action.words}</span>
                        <span class="quiet">{action.kind}</span>
                    </li>
                ))}
                {found.length === 0 && <li role="presentation"
                                           class="quiet">Nothing found</li>}
            </ul>
        </Dialog>
    );
}
