/*
 * The picker of templates above the text box: search, arrow keys, Enter; the
 * one that is marked is shown as it would be filled in.
 *
 * What is chosen goes into the text box by the browser's own editing, so that
 * Ctrl+Z takes it back; nothing is ever sent from here.
 */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import type { RenderedFrame } from '../../shared/tables';
import type { Chat } from '../chat';
import type { Desk } from '../desk';
import { findTemplates } from '../templates';

const PREVIEW_MS = 150;

/* rows that are drawn; the arrow keys walk through these alone */
const ROWS = 100;

interface Props {
    desk: Desk;
    chat: Chat;
    queue: string;
    onDone: (filled?: RenderedFrame) => void;
}

export function Picker({ desk, chat, queue, onDone }: Props) {
    const { templates } = desk;
    const typed = useSignal('');
    const at = useSignal(0);
    const filled = useSignal<RenderedFrame | undefined>(undefined);
    /* the row that this is of */
    const of = useRef<unknown>(undefined);
    const fault = useSignal('');
    const list = useRef<HTMLUListElement>(null);
    const all = findTemplates(templates.rows.value, queue, typed.value);
    const found = all.slice(0, ROWS);
    const chosen = Math.min(at.value, found.length - 1);
    const marked = found[chosen];

    useEffect(() => templates.watch(), []);

    useEffect(() => {
        /* with the last one, what is said below it */
        (chosen + 1 === found.length ? list.current?.lastElementChild
            : list.current?.children[chosen])
            ?.scrollIntoView({ block: 'nearest' });
        filled.value = undefined;
        fault.value = '';

        if (marked === undefined) {
            return;
        }

        let over = false;
        const timer = setTimeout(() => templates.fill(chat.id, marked).then(
            (frame) => {
                if (!over) {
                    of.current = marked;
                    filled.value = frame;
                }
            },
            (error: Error) => {
                if (!over) {
                    fault.value = error.message;
                }
            }), PREVIEW_MS);

        return () => {
            over = true;
            clearTimeout(timer);
        };
    }, [marked]);

    const choose = (row: typeof marked) => {
        const ready = filled.peek();

        if (row === undefined) {
            return;
        }

        if (ready !== undefined && of.current === row) {
            onDone(ready);
            return;
        }

        templates.fill(chat.id, row).then(onDone, (error: Error) => {
            fault.value = error.message;
        });
    };

    const onKey = (event: KeyboardEvent) => {
        const by = event.key === 'ArrowDown' ? 1
            : event.key === 'ArrowUp' ? -1 : 0;

        if (by !== 0 && found.length > 0) {
            at.value = (chosen + by + found.length) % found.length;

        } else if (event.key === 'Enter' && !event.isComposing) {
            choose(marked);

        } else if (event.key === 'Escape'
                   || (event.key === 'Backspace' && typed.value === ''))
        {
            onDone();

        } else {
            return;
        }

        event.preventDefault();
        event.stopPropagation();
    };

    return (
        <div class="picker" role="group" aria-label="Templates">
            <input
                class="input" type="text" role="combobox" autocomplete="off"
                aria-expanded="true" aria-controls="picker-list"
                aria-activedescendant={marked && `picker-${chosen}`}
                aria-label="Find a template"
                placeholder="Find a template by title or shortcut"
                ref={(box) => { box?.focus(); }}
                value={typed.value} onKeyDown={onKey}
                onInput={(event) => {
                    typed.value = event.currentTarget.value;
                    at.value = 0;
                }}
            />
            <div class="picker-panes">
                <ul id="picker-list" role="listbox" ref={list}
                    aria-label="Templates">
                    {found.map((row, index) => (
                        <li
                            key={`${row.own} ${row.id}`} role="option"
                            id={`picker-${index}`}
                            aria-selected={index === chosen}
                            onClick={() => choose(row)}
                            onPointerEnter={() => (at.value = index)}
                        >
                            <span class="clip" dir="auto">{row.title}</span>
                            <span class="quiet clip">
                                {row.shortcut && `/${row.shortcut}`}
                                {row.own && ' own'}
                            </span>
                        </li>
                    ))}
                    {all.length > ROWS && (
                        <li role="presentation" class="quiet more">
                            {all.length - ROWS} more, type to find them
                        </li>
                    )}
                    <Nothing desk={desk} count={found.length} />
                </ul>
                <div class="picker-preview" aria-live="polite" dir="auto">
                    {fault.value ? <p class="fault">{fault.value}</p>
                        : filled.value?.text}
                    {filled.value?.choices && (
                        <p class="quiet">
                            {filled.value.choices.map((choice, index) =>
                                `${index + 1}. ${choice}`).join('  ')}
                        </p>
                    )}
                </div>
            </div>
        </div>
    );
}

/* Why the list is empty, when it is. */
function Nothing({ desk, count }: { desk: Desk; count: number }) {
    const state = desk.templates.state.value;

    if (count > 0) {
        return null;
    }

    return (
        <li role="presentation" class="quiet">
            {state === 'loading' || state === 'none' ? 'Loading the templates'
                : state === 'failed' ? 'The templates cannot be read now'
                : desk.templates.rows.value.length > 0
                    ? 'No template fits' : 'There are no templates yet'}
        </li>
    );
}

/* Puts a text where the caret is, as if it had been typed. */
export function insertText(box: HTMLTextAreaElement, text: string): void {
    box.focus();

    /* the one way that leaves the browser's own undo intact */
    if (!document.execCommand('insertText', false, text)) {
        box.setRangeText(text, box.selectionStart, box.selectionEnd, 'end');
        box.dispatchEvent(new Event('input', { bubbles: true }));
    }
}
