/*
 * One template, edited.  What the desk refuses stands beside the field at
 * fault; what another one has changed meanwhile is not overwritten unasked.
 */

import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { Icon } from '../../shared/icons';
import { ApiError, call } from '../api';
import type { Desk } from '../desk';
import { saveTemplate } from '../templates_api';
import { draftOf, fieldsOf, newText } from '../templates_draft';
import type { Draft, Edited } from '../templates_draft';
import { TextEditor } from './templates_text';

/* fields that have a place of their own for what is wrong */
const FIELDS = ['title', 'shortcut', 'queues'];

interface Queue {
    id: string;
    name: string;
}

interface Fault {
    code: string;
    field: string;
    text: string;
}

interface Props {
    desk: Desk;
    edited: Signal<Edited | undefined>;
    fixed: boolean;
    remove: (draft: Draft) => void;
    reload: (draft: Draft) => void;
    back: () => void;
}

export function TemplateForm(props: Props) {
    const { desk, edited, fixed } = props;
    const { draft, saved } = edited.value as Edited;
    const fault = useSignal<Fault | undefined>(undefined);
    const busy = useSignal(false);
    const done = useSignal(false);

    const set = (more: Partial<Draft>) => {
        edited.value = { draft: { ...draft, ...more }, saved };
        fault.value = undefined;
        done.value = false;
    };

    const save = async (over: boolean) => {
        busy.value = true;
        fault.value = undefined;

        try {
            const now = await saveTemplate(draft, fieldsOf(draft),
                                           over ? undefined : saved?.revision);

            edited.value = { draft: draftOf(now), saved: now };
            done.value = true;
            await desk.templates.renew();

        } catch (error) {
            fault.value = faultOf(error);

        } finally {
            busy.value = false;
        }
    };

    const atText = (index: number) =>
        fault.value?.field.startsWith(`texts[${index}]`) ? fault.value
                                                         : undefined;
    const placed = FIELDS.includes(fault.value?.field ?? '')
        || draft.texts.some((_, index) => atText(index) !== undefined);

    return (
        <form class="templates-form" onSubmit={(event) => {
            event.preventDefault();
            void save(false);
        }}>
            <button type="button" class="link templates-back"
                    onClick={props.back}>
                All templates
            </button>
            <fieldset disabled={fixed || busy.value}>
                {fixed && (
                    <p class="quiet">
                        This one is for all; supervisors can change it.
                    </p>
                )}
                <Heading draft={draft} set={set} fault={fault.value} />
                {draft.texts.map((text, at) => (
                    <TextEditor
                        key={text.key} text={text} first={at === 0}
                        fault={atText(at)?.text}
                        set={(next) => set({ texts: draft.texts.map(
                            (old) => old.key === text.key ? next : old) })}
                        remove={draft.texts.length > 1 && !fixed
                            ? () => set({ texts: draft.texts.filter(
                                (old) => old.key !== text.key) })
                            : undefined}
                    />
                ))}
                {!fixed && (
                    <button type="button" class="link" onClick={() => set({
                        texts: [...draft.texts, newText('')],
                    })}>
                        Add a language
                    </button>
                )}
            </fieldset>
            {!fixed && (
                <div class="templates-actions">
                    {fault.value && !placed && (
                        <Trouble fault={fault.value} over={() => save(true)}
                                 reload={() => props.reload(draft)} />
                    )}
                    {saved && (
                        <button type="button" class="button remove"
                                onClick={() => props.remove(draft)}>
                            <Icon name="trash" size={16} /> Remove
                        </button>
                    )}
                    <span role="status" class="quiet">
                        {done.value && 'Saved'}
                    </span>
                    <button type="submit" class="button main"
                            disabled={busy.value}>
                        Save
                    </button>
                </div>
            )}
        </form>
    );
}

function faultOf(error: unknown): Fault {
    return error instanceof ApiError
        ? { code: error.code, field: error.field, text: error.message }
        : { code: '', field: '', text: String(error) };
}

/* What is wrong with the whole of it. */
function Trouble({ fault, over, reload }: {
    fault: Fault; over: () => void; reload: () => void;
}) {
    if (fault.code !== 'stale') {
        return <p class="fault" role="alert">{fault.text}</p>;
    }

    return (
        <p class="fault" role="alert">
            Somebody else has changed this template meanwhile.{' '}
            <button type="button" class="link" onClick={reload}>
                Show theirs
            </button>{' '}
            <button type="button" class="link" onClick={over}>
                Save mine over it
            </button>
        </p>
    );
}

function Heading({ draft, set, fault }: {
    draft: Draft; set: (more: Partial<Draft>) => void;
    fault: Fault | undefined;
}) {
    const says = (field: string) => fault?.field === field && (
        <p class="fault" role="alert">{fault.text}</p>
    );

    return (
        <>
            <div class="templates-heading">
                <label class="field">
                    <span>Title</span>
                    <input
                        class="input" value={draft.title} dir="auto"
                        aria-invalid={fault?.field === 'title'} autofocus
                        onInput={(event) =>
                            set({ title: event.currentTarget.value })}
                    />
                    {says('title')}
                </label>
                <label class="field">
                    <span>Shortcut <small>optional</small></span>
                    <input
                        class="input" value={draft.shortcut}
                        placeholder="greeting" autocapitalize="none"
                        aria-invalid={fault?.field === 'shortcut'}
                        onInput={(event) => set({
                            shortcut: event.currentTarget.value.trim()
                                .replace(/^\//, '').toLowerCase(),
                        })}
                    />
                    {says('shortcut')}
                </label>
            </div>
            {!draft.own && <Queues queues={draft.queues}
                                   set={(queues) => set({ queues })} />}
            {says('queues')}
        </>
    );
}

/* One box each; a queue that is gone stays until it is taken out. */
function Queues({ queues, set }: {
    queues: readonly string[]; set: (queues: readonly string[]) => void;
}) {
    const all = useSignal<readonly Queue[]>([]);

    useEffect(() => {
        call('GET', 'v1/queues?limit=500').then(
            (page) => { all.value = page['items'] as Queue[]; },
            () => undefined);
    }, []);

    const gone = queues.filter((id) => !all.value.some(
        (queue) => queue.id === id)).map((id) => ({ id, name: id }));

    return (
        <fieldset class="queue-boxes">
            <legend>Queues <small>none: all of them</small></legend>
            {[...all.value, ...gone].map((queue) => (
                <label key={queue.id}>
                    <input
                        type="checkbox" checked={queues.includes(queue.id)}
                        onChange={(event) => set(event.currentTarget.checked
                            ? [...queues, queue.id]
                            : queues.filter((id) => id !== queue.id))}
                    />
                    {queue.name}
                </label>
            ))}
        </fieldset>
    );
}
