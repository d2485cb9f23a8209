/*
 * The text box: Enter sends, Shift+Enter breaks the line, the draft stays
 * with its chat.  Spelling is checked in the conversation's language.
 */

import { useEffect, useRef } from 'preact/hooks';

import { LIMITS } from '../../shared/tables';
import { codePoints } from '../../shared/text';
import type { Chat } from '../chat';
import type { Desk } from '../desk';
import { ChoicesEditor } from './choices';
import { ChoicesIcon } from './icons';

/* room at which the counter appears */
const NEAR = 500;

interface Props {
    desk: Desk;
    chat: Chat;
    name: string;
    lang: string | undefined;
}

export function Composer({ desk, chat, name, lang }: Props) {
    const box = useRef<HTMLTextAreaElement>(null);
    const text = chat.draft.value;
    const most = desk.connection.welcome.value?.max_text ?? LIMITS.TEXT;
    const room = most - (text.length > most - NEAR ? codePoints(text.trim())
                                                   : text.length);
    const ready = chat.fit.value && room >= 0;
    const toText = () => box.current?.focus();

    useEffect(() => {
        /* on a touch screen this would bring up the keyboard */
        if (matchMedia('(pointer: fine)').matches) {
            box.current?.focus();
        }
    }, [desk.focusWanted.value]);
    useEffect(() => fit(box.current), [text]);

    const onKey = (event: KeyboardEvent) => {
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();

            if (ready) {
                chat.send();
            }
        }
    };

    return (
        <form
            class="composer"
            onSubmit={(event) => {
                event.preventDefault();

                if (ready) {
                    chat.send();
                    toText();
                }
            }}
        >
            {chat.choices.value
                && <ChoicesEditor chat={chat} onDone={toText} />}
            <textarea
                ref={box} rows={1} lang={lang} dir="auto" spellcheck={true}
                placeholder={`Write to ${name}`} aria-label={`Write to ${name}`}
                value={text} onKeyDown={onKey}
                onInput={(event) => chat.type(event.currentTarget.value)}
            />
            <div class="composer-foot">
                <ComposerTools chat={chat} />
                <span class="hint-keys">
                    <kbd>Enter</kbd> sends, <kbd>Shift+Enter</kbd> new line
                </span>
                {room < NEAR && (
                    <span class={room < 0 ? 'digits over' : 'digits quiet'}
                          role="status">
                        {room < 0 ? `${-room} too many` : `${room} left`}
                    </span>
                )}
                <button type="submit" class="button main" disabled={!ready}>
                    Send
                </button>
            </div>
        </form>
    );
}

/* What can go into a message besides what is typed. */
function ComposerTools({ chat }: { chat: Chat }) {
    const choosing = chat.choices.value !== undefined;

    const offer = (event: Event) => {
        const form = (event.currentTarget as HTMLElement).closest('form');

        chat.choices.value = choosing ? chat.choices.value : ['', ''];
        requestAnimationFrame(() => form
            ?.querySelector<HTMLElement>('.choices-editor input')?.focus());
    };

    return (
        <span class="composer-tools">
            <button
                type="button" class="icon-button small" onClick={offer}
                aria-label="Offer choices" title="Offer choices"
                aria-pressed={choosing}
            >
                <ChoicesIcon />
            </button>
        </span>
    );
}

/* For browsers without `field-sizing`. */
function fit(box: HTMLTextAreaElement | null): void {
    if (box !== null && !CSS.supports('field-sizing', 'content')) {
        box.style.height = 'auto';
        box.style.height = `${box.scrollHeight}px`;
    }
}
