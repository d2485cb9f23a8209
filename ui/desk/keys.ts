/*
 * Keyboard shortcuts: one row each; the help is drawn from the same table.
 *
 * listenKeys() gives what ends it.  Nothing is taken while a dialog is open
 * but what the dialog handles itself.
 */

import type { Desk } from './desk';
import { phone } from './media';

export interface Shortcut {
    keys: string;
    words: string;
    fits: (event: KeyboardEvent) => boolean;
    run: (desk: Desk) => void;
}

const isCommand = (event: KeyboardEvent) =>
    (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;

const isAlt = (event: KeyboardEvent) =>
    event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;

export const SHORTCUTS: readonly Shortcut[] = [
    {
        keys: 'Alt+A',
        words: 'Accept the offer',
        fits: (event) => isAlt(event) && event.code === 'KeyA',
        run: (desk) => desk.accept(),
    },
    {
        keys: 'Ctrl+\u2193',
        words: 'Next chat',
        fits: (event) => isCommand(event) && event.key === 'ArrowDown',
        run: (desk) => desk.step(1),
    },
    {
        keys: 'Ctrl+\u2191',
        words: 'Previous chat',
        fits: (event) => isCommand(event) && event.key === 'ArrowUp',
        run: (desk) => desk.step(-1),
    },
    {
        keys: 'Alt+W',
        words: 'End the chat, or remove it when it has ended',
        fits: (event) => isAlt(event) && event.code === 'KeyW',
        run: (desk) => {
            const conv = desk.current.peek();

            if (conv !== undefined) {
                desk.close(conv);
            }
        },
    },
    {
        keys: 'Ctrl+K',
        words: 'Go to a chat or do something',
        fits: (event) => isCommand(event) && event.code === 'KeyK',
        run: (desk) => desk.show('palette'),
    },
    {
        keys: '?',
        words: 'This help',
        fits: (event) => event.key === '?' && !isWriting(event),
        run: (desk) => desk.show('help'),
    },
];

export function listenKeys(desk: Desk): () => void {
    const onKey = (event: KeyboardEvent) => {
        if (desk.overlay.peek() !== undefined || event.isComposing) {
            return;
        }

        const found = SHORTCUTS.find((one) => one.fits(event));

        if (found !== undefined) {
            event.preventDefault();
            found.run(desk);

        } else if (event.key === 'Escape') {
            desk.detailsOpen.value = false;
            desk.listOpen.value = phone.peek() && desk.listOpen.peek();
        }
    };

    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
}

function isWriting(event: KeyboardEvent): boolean {
    const target = event.target;

    return target instanceof HTMLElement
        && target.matches('input, textarea, [contenteditable]');
}
