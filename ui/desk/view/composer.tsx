/*
 * The text box: Enter sends, Shift+Enter breaks the line, the draft stays
 * with its chat.  Spelling is checked in the conversation's language.
 */

import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { LIMITS } from '../../shared/tables';
import type { RenderedFrame } from '../../shared/tables';
import { codePoints } from '../../shared/text';
import type { Chat } from '../chat';
import type { Desk } from '../desk';
import { whyNot } from '../options';
import { ChoicesEditor } from './choices';
import { ChoicesIcon, TemplatesIcon } from './icons';
import { insertText, Picker } from './picker';

/* room at which the counter appears */
const NEAR = 500;

interface Props {
    desk: Desk;
    chat: Chat;
    queue: string;
    name: string;
    lang: string | undefined;
}

export function Composer({ desk, chat, queue, name, lang }: Props) {
    const picking = useSignal(false);
    const box = useRef<HTMLTextAreaElement>(null);
    const text = chat.draft.value;
    const most = desk.connection.welcome.value?.max_text ?? LIMITS.TEXT;
    const room = most - (text.length > most - NEAR ? codePoints(text.trim())
                                                   : text.length);
    const ready = chat.fit.value && room >= 0;
    const unfit = chat.choices.value && whyNot(chat.choices.value);
    const toText = () => box.current?.focus();

    useEffect(() => {
        /* on a touch screen this would bring up the keyboard */
        if (matchMedia('(pointer: fine)').matches) {
            box.current?.focus();
        }
    }, [desk.focusWanted.value]);
    useEffect(() => fit(box.current), [text]);

    const picked = (filled?: RenderedFrame) => {
        picking.value = false;
        toText();

        if (filled !== undefined && box.current !== null) {
            insertText(box.current, filled.text);
            chat.choices.value = filled.choices ?? chat.choices.peek();
        }
    };

    const onKey = (event: KeyboardEvent) => {
        if (event.key === '/' && text === '' && !event.isComposing
            && mayPick(desk))
        {
            event.preventDefault();
            picking.value = true;
            return;
        }

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
            {picking.value && <Picker desk={desk} chat={chat} queue={queue}
                                      onDone={picked} />}
            {chat.choices.value
                && <ChoicesEditor chat={chat} onDone={toText} />}
            <textarea
                ref={box} rows={1} lang={lang} dir="auto" spellcheck={true}
                placeholder={`Write to ${name}`} aria-label={`Write to ${name}`}
                value={text} onKeyDown={onKey}
                onInput={(event) => chat.type(event.currentTarget.value)}
            />
            <div class="composer-foot">
                <ComposerTools desk={desk} chat={chat} picking={picking} />
                {unfit ? (
                    <span class="unfit" role="status" data-at={unfit.at}>
                        {unfit.text}
                    </span>
                ) : (
                    <span class="hint-keys">
                        <kbd>Enter</kbd> sends{mayPick(desk)
                            && <>, <kbd>/</kbd> templates</>}
                    </span>
                )}
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
function ComposerTools({ desk, chat, picking }: {
    desk: Desk; chat: Chat; picking: Signal<boolean>;
}) {
    const choosing = chat.choices.value !== undefined;

    const offer = (event: Event) => {
        const form = (event.currentTarget as HTMLElement).closest('form');

        chat.choices.value = choosing ? chat.choices.value : ['', ''];
        requestAnimationFrame(() => form
            ?.querySelector<HTMLElement>('.choices-editor input')?.focus());
    };

    return (
        <span class="composer-tools">
            {mayPick(desk) && (
                <button
                    type="button" class="icon-button small"
                    aria-label="Templates" title="Templates ( / )"
                    aria-expanded={picking.value}
                    onClick={() => (picking.value = !picking.value)}
                >
                    <TemplatesIcon />
                </button>
            )}
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

/* Whether the profile allows templates; one without a list allows all. */
function mayPick(desk: Desk): boolean {
    const { buttons } = desk.inbox.me.value ?? {};

    return buttons === undefined || buttons.split(', ').includes('template');
}

/* For browsers without `field-sizing`. */
function fit(box: HTMLTextAreaElement | null): void {
    if (box !== null && !CSS.supports('field-sizing', 'content')) {
        box.style.height = 'auto';
        box.style.height = `${box.scrollHeight}px`;
    }
}
