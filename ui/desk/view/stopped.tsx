/*
 * The desk has been stopped, or cannot be reached: says why, and what to do.
 */

import { Icon } from '../../shared/icons';
import { CLOSES } from '../../shared/tables';

interface Props {
    /* close code; 0 when the desk could not be reached at all */
    why: number;
    onAgain: () => void;
}

const WORDS: Readonly<Record<number, readonly [string, string, string]>> = {
    0: [
        'The desk cannot be reached',
        'The server does not answer. Your chats are kept there.',
        'Try again',
    ],
    [CLOSES.SUPERSEDED]: [
        'Open in too many windows',
        'You opened the desk somewhere else, and this one, the oldest, was '
            + 'closed. Your chats go on there.',
        'Use it here',
    ],
    [CLOSES.FORBIDDEN]: [
        'Not allowed here',
        'This address is not on the desk\'s list, or your role may not use '
            + 'the desktop. Ask your administrator.',
        'Try again',
    ],
};

const OTHER = [
    'The desk refused this page',
    'This page may be older than the server. Load it again; your chats are '
        + 'kept.',
    'Load again',
] as const;

export function Stopped({ why, onAgain }: Props) {
    const [title, text, button] = WORDS[why] ?? OTHER;
    const again = why in WORDS ? onAgain : () => location.reload();

    return (
        <main class="sign-in">
            <div class="sign-in-card" role="alert">
                <header>
                    <span class="mark"><Icon name="alert" /></span>
                    <h1>{title}</h1>
                    <p class="quiet">{text}</p>
                </header>
                <button type="button" class="button main large"
                        onClick={again}>
                    {button}
                </button>
            </div>
        </main>
    );
}
