/*
 * Choices in the desktop: the editor above the text box, and a menu in the
 * log with what was picked from it.
 *
 * By keyboard: Enter goes to the next option or makes one, Alt with the
 * arrow keys moves it, Backspace in an empty one removes it.
 */

import { useRef } from 'preact/hooks';

import { Icon } from '../../shared/icons';
import type { Chat } from '../chat';
import { cleanOption, faultsOf, moved, OPTIONS_MAX } from '../options';

/* As the visitor sees it; `picked` once the menu is settled. */
export function Menu({ choices, picked }: {
    choices: readonly string[]; picked: string | undefined;
}) {
    return (
        <ul class="menu-shown" data-settled={picked !== undefined}
            aria-label={picked === undefined ? 'Choices, none picked yet'
                                             : 'Choices'}>
            {choices.map((option) => (
                <li key={option} class={option === picked ? 'picked' : ''}>
                    {option === picked && <Icon name="check" size={14} />}
                    <span dir="auto">{option}</span>
                    {option === picked
                        && <span class="hidden-text"> (picked)</span>}
                </li>
            ))}
        </ul>
    );
}

export function ChoicesEditor({ chat, onDone }: {
    chat: Chat;

    /* the focus leaves the editor for the text box */
    onDone: () => void;
}) {
    const box = useRef<HTMLFieldSetElement>(null);
    const options = chat.choices.value ?? [];
    const faults = faultsOf(options);

    const focus = (at: number) => requestAnimationFrame(() =>
        box.current?.querySelectorAll('input')[at]?.focus());

    const set = (next: readonly string[], at?: number) => {
        chat.choices.value = next;

        if (at !== undefined) {
            focus(at);
        }
    };

    const put = (at: number, text: string) =>
        set(options.map((old, i) => i === at ? cleanOption(text) : old));

    const remove = (at: number) => {
        if (options.length > 1) {
            set(options.filter((_, i) => i !== at), Math.max(0, at - 1));

        } else {
            chat.choices.value = undefined;
            onDone();
        }
    };

    const onKey = (event: KeyboardEvent, at: number) => {
        const by = event.key === 'ArrowUp' ? -1
            : event.key === 'ArrowDown' ? 1 : 0;

        if (by !== 0 && event.altKey) {
            set(moved(options, at, by),
                Math.min(Math.max(at + by, 0), options.length - 1));

        } else if (by !== 0 && !event.ctrlKey && !event.metaKey) {
            focus(at + by);

        } else if (event.key === 'Enter' && !event.isComposing) {
            if (at + 1 === options.length && options[at]?.trim() !== ''
                && options.length < OPTIONS_MAX)
            {
                set([...options, ''], at + 1);

            } else if (at + 1 < options.length) {
                focus(at + 1);

            } else {
                onDone();
            }

        } else if (event.key === 'Backspace' && options[at] === '') {
            remove(at);

        } else if (event.key === 'Escape') {
            onDone();

        } else {
            return;
        }

        event.preventDefault();
        event.stopPropagation();
    };

    return (
        <fieldset class="choices-editor" ref={box}>
            <legend>Choices for the visitor</legend>
            <button
                type="button" class="icon-button small drop-choices"
                aria-label="Send without choices" title="Send without choices"
                onClick={() => {
                    chat.choices.value = undefined;
                    onDone();
                }}
            >
                <Icon name="close" size={16} />
            </button>
            <ol>
                {options.map((option, at) => (
                    <li key={at}>
                        <input
                            class="input" type="text" dir="auto"
                            value={option} aria-label={`Option ${at + 1}`}
                            placeholder={`Option ${at + 1}`}
                            aria-invalid={faults[at] !== undefined}
                            aria-describedby={faults[at] && `option-${at}`}
                            onKeyDown={(event) => onKey(event, at)}
                            onInput={(event) =>
                                put(at, event.currentTarget.value)}
                        />
                        <button
                            type="button" class="icon-button small"
                            aria-label={`Remove option ${at + 1}`}
                            title="Remove" onClick={() => remove(at)}
                        >
                            <Icon name="trash" size={16} />
                        </button>
                        {faults[at] && (
                            <p class="fault" id={`option-${at}`}>
                                {faults[at]}
                            </p>
                        )}
                    </li>
                ))}
            </ol>
            <p class="choices-foot">
                <button
                    type="button" class="link"
                    disabled={options.length >= OPTIONS_MAX}
                    onClick={() => set([...options, ''], options.length)}
                >
                    Add an option
                </button>
                <span class="hint-keys">
                    <kbd>Alt+↑</kbd> <kbd>Alt+↓</kbd> move an option
                </span>
            </p>
        </fieldset>
    );
}
