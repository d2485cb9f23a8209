/*
 * The agent's templates: the list in step with the desk, one filled in.
 *
 *   register `templates` --revision--> GET v1/templates?since=... --> rows
 *
 * Owns the rows.  Nothing is read before somebody wants to see them; from then
 * on each change is read at once by who is looking, by others within SPREAD_MS,
 * so that a thousand desktops do not ask at the same moment.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

import type { Connection } from '../shared/connection';
import type { RenderedFrame } from '../shared/tables';
import { listTemplates } from './templates_api';
import type { TemplateRow } from './templates_api';

const SPREAD_MS = 2_000;
const AGAIN_MS = 5_000;
const ANSWER_MS = 8_000;

export type { TemplateRow };

export class Templates {
    /* somebody looks at the list now */
    watched = 0;

    readonly #connection: Connection;
    readonly #rows = signal<readonly TemplateRow[]>([]);
    readonly #state = signal<'none' | 'loading' | 'ready' | 'failed'>('none');
    #revision = 0;
    #announced = 0;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #end: (() => void) | undefined;

    constructor(connection: Connection) {
        this.#connection = connection;
    }

    /* By title; the agent's own ones first. */
    get rows(): ReadonlySignal<readonly TemplateRow[]> { return this.#rows; }

    get state() { return this.#state as ReadonlySignal<string>; }

    start(): void {
        const heard = (revision: number) => {
            this.#announced = Math.max(this.#announced, revision);
            this.#schedule();
        };
        const ends = [
            this.#connection.on('templates', (frame) => heard(frame.revision)),
            this.#connection.on('window', (frame) => frame.frames.forEach(
                (one) => one.t === 'templates' && heard(one.revision))),
        ];

        this.#end = () => ends.forEach((end) => end());
    }

    stop(): void {
        clearTimeout(this.#timer);
        this.#end?.();
    }

    /* To be called by whatever shows the list; gives what ends it. */
    watch(): () => void {
        this.watched++;

        if (this.#state.peek() === 'none' || this.#state.peek() === 'failed') {
            void this.#load();
        }

        return () => { this.watched--; };
    }

    /* After a change of one's own: not to wait for its announcement. */
    renew(): Promise<void> { return this.#load(); }

    /* What a template becomes in a conversation; rejects with words. */
    async fill(
        conv: string, { id, own }: { id: string; own: boolean },
    ): Promise<RenderedFrame> {
        const connection = this.#connection;
        const ends: (() => void)[] = [];
        let re: string | undefined;

        try {
            return await new Promise((resolve, reject) => {
                const timer = setTimeout(() => reject(new Error(
                    'No answer from the desk. Please try again.')), ANSWER_MS);

                ends.push(
                    () => clearTimeout(timer),
                    connection.on('rendered', (frame) => {
                        if (frame.conv === conv && frame.template === id
                            && (re === undefined || frame.re === re))
                        {
                            resolve(frame);
                        }
                    }),
                    connection.on('error', (frame) => {
                        if (re !== undefined && frame.re === re) {
                            reject(new Error(frame.text));
                        }
                    }));
                connection.request({
                    t: 'render', conv, template: id, own,
                }).then((ack) => { re = ack.re; }, reject);
            });

        } finally {
            ends.forEach((end) => end());
        }
    }

    #schedule(): void {
        if (this.#state.peek() === 'none' || this.#timer !== undefined
            || this.#announced <= this.#revision)
        {
            return;
        }

        this.#timer = setTimeout(() => void this.#load(),
                                 this.watched ? 0 : Math.random() * SPREAD_MS);
    }

    async #load(): Promise<void> {
        clearTimeout(this.#timer);
        this.#timer = undefined;

        if (this.#state.peek() === 'loading') {
            return;
        }

        const before = this.#state.peek();

        this.#state.value = before === 'none' || before === 'failed'
            ? 'loading' : before;

        try {
            const changes = await listTemplates(this.#revision);
            const rows = new Map(changes.reset ? []
                : this.#rows.peek().map((row) => [keyOf(row), row]));

            changes.gone.forEach((row) => rows.delete(keyOf(row)));
            changes.items.forEach((row) => rows.set(keyOf(row), row));
            this.#rows.value = [...rows.values()].sort(byTitle);
            this.#revision = changes.revision;
            this.#state.value = 'ready';
            this.#schedule();

        } catch {
            this.#state.value = before === 'ready' ? 'ready' : 'failed';

            if (this.watched) {
                this.#timer = setTimeout(() => void this.#load(), AGAIN_MS);
            }
        }
    }
}

function keyOf(row: { own: boolean; id: string }): string {
    return `${row.own ? 'own' : 'desk'}/${row.id}`;
}

function byTitle(a: TemplateRow, b: TemplateRow): number {
    return Number(b.own) - Number(a.own) || a.title.localeCompare(b.title);
}

/* Those for a queue that fit what was typed: a shortcut that begins so
   before titles that do, before such that hold it. */
export function findTemplates(
    rows: readonly TemplateRow[], queue: string | undefined, typed: string,
): readonly TemplateRow[] {
    const wanted = typed.trim().toLocaleLowerCase();
    const rank = (row: TemplateRow) => {
        const title = row.title.toLocaleLowerCase();

        return row.shortcut?.startsWith(wanted) ? 0
            : title.startsWith(wanted) ? 1
            : title.includes(wanted) || row.shortcut?.includes(wanted) ? 2 : 3;
    };

    return rows
        .filter((row) => queue === undefined || row.queues.length === 0
            || row.queue_names.includes(queue))
        .map((row) => ({ row, at: wanted === '' ? 0 : rank(row) }))
        .filter(({ at }) => at < 3)
        .sort((a, b) => a.at - b.at)
        .map(({ row }) => row);
}
