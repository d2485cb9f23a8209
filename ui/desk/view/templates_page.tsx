/*
 * The management of templates: a list with search beside the one that is
 * edited; loaded when somebody opens it.
 *
 * Supervisors edit the shared ones as well, agents their own.  What was
 * removed can be put back as long as the page is open; nothing that was
 * typed goes without a question.
 */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import type { Desk } from '../desk';
import { findTemplates } from '../templates';
import { readTemplate, removeTemplate, saveTemplate } from '../templates_api';
import type { TemplateRow } from '../templates_api';
import {
    draftOf, fieldsOf, isUnsaved, newDraft,
} from '../templates_draft';
import type { Draft, Edited } from '../templates_draft';
import { Dialog } from './dialog';
import { TemplateForm } from './templates_form';

/* rows in the document at once; the search finds the others */
const ROWS = 200;

interface Props {
    desk: Desk;
    onClose: () => void;
}

export function TemplatesPage({ desk, onClose }: Props) {
    const edited = useSignal<Edited | undefined>(undefined);
    const removed = useSignal<Draft | undefined>(undefined);
    const leaving = useSignal<(() => void) | undefined>(undefined);
    const fault = useSignal('');
    const manages = desk.person.role !== 'agent';

    useEffect(() => desk.templates.watch(), []);

    /* what is typed and not saved is not left without a question */
    const leave = (then: () => void) => {
        if (edited.value !== undefined && isUnsaved(edited.value)) {
            leaving.value = then;
        } else {
            then();
        }
    };

    const attempt = async (what: () => Promise<void>) => {
        fault.value = '';

        try {
            await what();
        } catch (error) {
            fault.value = error instanceof Error ? error.message
                                                 : String(error);
        }
    };

    const open = (row: { own: boolean; id: string }) => attempt(async () => {
        const saved = await readTemplate(row);

        edited.value = { draft: draftOf(saved), saved };
    });

    const remove = (draft: Draft) => attempt(async () => {
        await removeTemplate(draft);
        removed.value = draft;
        edited.value = undefined;
        await desk.templates.renew();
    });

    const putBack = (draft: Draft) => attempt(async () => {
        const saved = await saveTemplate(draft, fieldsOf(draft));

        edited.value = { draft: draftOf(saved), saved };
        removed.value = undefined;
        await desk.templates.renew();
    });

    const go = () => {
        const then = leaving.value;

        leaving.value = undefined;
        edited.value = undefined;
        then?.();
    };

    return (
        <Dialog title="Templates" class="templates-page"
                onClose={() => leave(onClose)}>
            {fault.value
                && <p class="notice bad" role="alert">{fault.value}</p>}
            {leaving.value && (
                <p class="notice" role="alert">
                    What you have changed is not saved.{' '}
                    <button type="button" class="link" onClick={go}>
                        Discard it
                    </button>{' '}
                    <button type="button" class="link"
                            onClick={() => (leaving.value = undefined)}>
                        Go on editing
                    </button>
                </p>
            )}
            {removed.value && !leaving.value && (
                <p class="notice" role="status">
                    “{removed.value.title}” was removed.{' '}
                    <button type="button" class="link" onClick={() =>
                        removed.value && void putBack(removed.value)}>
                        Put it back
                    </button>
                </p>
            )}
            <div class={edited.value ? 'templates-panes open'
                                     : 'templates-panes'}>
                <List
                    desk={desk} manages={manages}
                    current={edited.value?.draft.id}
                    open={(row) => leave(() => void open(row))}
                    create={(own) => leave(() => {
                        edited.value = {
                            draft: newDraft(own), saved: undefined,
                        };
                    })}
                />
                {edited.value
                    ? <TemplateForm
                        key={edited.value.draft.id} desk={desk}
                        edited={edited} remove={remove} reload={open}
                        back={() => leave(() => (edited.value = undefined))}
                        fixed={!manages && !edited.value.draft.own} />
                    : <Empty desk={desk} />}
            </div>
            <div class="dialog-actions">
                <button type="button" class="button"
                        onClick={() => leave(onClose)}>
                    Close
                </button>
            </div>
        </Dialog>
    );
}

function Empty({ desk }: { desk: Desk }) {
    return (
        <div class="nothing templates-empty">
            <p>
                {desk.templates.rows.value.length > 0
                    ? 'Choose a template, or make a new one.'
                    : 'A template is a text that is written often. Make the '
                      + 'first one.'}
            </p>
        </div>
    );
}

function List({ desk, manages, open, create, current }: {
    desk: Desk; manages: boolean; current: string | undefined;
    open: (row: TemplateRow) => void; create: (own: boolean) => void;
}) {
    const typed = useSignal('');
    const rows = findTemplates(desk.templates.rows.value, undefined,
                               typed.value);
    const state = desk.templates.state.value;

    return (
        <nav class="templates-list" aria-label="All templates">
            <input
                class="input" type="search" value={typed.value}
                aria-label="Find a template" placeholder="Find a template"
                onInput={(event) => (typed.value = event.currentTarget.value)}
            />
            <ul>
                {rows.slice(0, ROWS).map((row) => (
                    <li key={`${row.own} ${row.id}`}>
                        <button type="button" onClick={() => open(row)}
                                aria-current={row.id === current}>
                            <span class="clip" dir="auto">{row.title}</span>
                            <span class="quiet clip">
                                {row.shortcut && `/${row.shortcut}, `}
                                {row.own ? 'my own' : row.queue_names.join(', ')
                                    || 'all queues'}
                            </span>
                        </button>
                    </li>
                ))}
                {rows.length === 0 && (
                    <li class="quiet" role="status">
                        {state === 'loading' ? 'Loading the templates'
                            : state === 'failed'
                                ? 'The templates cannot be read now'
                            : typed.value ? 'No template fits'
                            : 'There are no templates yet'}
                    </li>
                )}
                {rows.length > ROWS && (
                    <li class="quiet">{rows.length - ROWS} more</li>
                )}
            </ul>
            <div class="templates-new">
                {manages && (
                    <button type="button" class="button"
                            onClick={() => create(false)}>
                        New for all
                    </button>
                )}
                <button type="button" class="button"
                        onClick={() => create(true)}>
                    New of my own
                </button>
            </div>
        </nav>
    );
}
