/*
 * One language of a template: tag, text with its variables, choices, and what
 * it becomes with values of examples.
 *
 * The example comes from the desk, which alone knows how to read a text; what
 * it says is wrong stands below the text as soon as typing pauses.
 */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { VARIABLES } from '../../shared/tables';
import { tryText } from '../templates_api';
import type { TextFault } from '../templates_api';
import { explained } from '../templates_draft';
import type { DraftText } from '../templates_draft';
import { Menu } from './choices';
import { insertText } from './picker';

const PAUSE_MS = 300;

interface Props {
    text: DraftText;
    first: boolean;
    fault: string | undefined;
    set: (text: DraftText) => void;
    remove: (() => void) | undefined;
}

export function TextEditor({ text, first, fault, set, remove }: Props) {
    const box = useRef<HTMLTextAreaElement>(null);
    const example = useSignal('');
    const wrong = useSignal('');
    const said = explained(fault ?? wrong.value, text.text);
    const choices = new Set(text.lines.split('\n')
        .map((line) => line.trim()).filter((line) => line !== ''));

    useEffect(() => {
        if (text.text === '') {
            example.value = '';
            wrong.value = '';
            return;
        }

        let over = false;
        const timer = setTimeout(() => tryText(text.text).then(
            (found) => {
                if (!over) {
                    example.value = found.text ?? '';
                    wrong.value = found.fault ? wordsOf(found.fault) : '';
                }
            },
            (error: Error) => {
                if (!over) {
                    wrong.value = error.message;
                }
            }), PAUSE_MS);

        return () => {
            over = true;
            clearTimeout(timer);
        };
    }, [text.text]);

    return (
        <section class="template-text"
                 aria-label={`Text in ${text.lang || 'another language'}`}>
            <div class="template-lang">
                <label class="field">
                    <span>
                        Language {first && <small>used when none fits</small>}
                    </span>
                    <input
                        class="input" value={text.lang} placeholder="pt-BR"
                        onInput={(event) => set({
                            ...text, lang: event.currentTarget.value.trim(),
                        })}
                    />
                </label>
                <select
                    class="input" aria-label="Insert a variable" value=""
                    onChange={(event) => {
                        const name = event.currentTarget.value;

                        event.currentTarget.value = '';

                        if (box.current !== null && name !== '') {
                            insertText(box.current, `{{${name}}}`);
                        }
                    }}
                >
                    <option value="">Insert a variable</option>
                    {VARIABLES.map((name) => <option key={name}>{name}</option>)}
                </select>
                {remove && (
                    <button type="button" class="link" onClick={remove}>
                        Remove this language
                    </button>
                )}
            </div>
            <label class="field">
                <span>Text</span>
                <textarea
                    class="input" ref={box} rows={4} dir="auto"
                    lang={text.lang} value={text.text}
                    aria-invalid={fault !== undefined || wrong.value !== ''}
                    onInput={(event) => set({
                        ...text, text: event.currentTarget.value,
                    })}
                />
            </label>
            {said && <p class="fault" role="alert">{said}</p>}
            <label class="field">
                <span>Choices <small>optional, one a line</small></span>
                <textarea
                    class="input" dir="auto" value={text.lines}
                    rows={Math.max(2, text.lines.split('\n').length)}
                    onInput={(event) => set({
                        ...text, lines: event.currentTarget.value,
                    })}
                />
            </label>
            {example.value && !wrong.value && (
                <figure class="template-example">
                    <figcaption>With values of an example</figcaption>
                    <p dir="auto">{example.value}</p>
                    {choices.size > 0 && <Menu choices={[...choices]}
                                               picked={undefined} />}
                </figure>
            )}
        </section>
    );
}

function wordsOf({ text, line, column }: TextFault): string {
    return `Line ${line}, column ${column}: ${text}`;
}
