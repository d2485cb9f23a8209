/*
 * The REST interface's part about templates (docs/openapi.yaml).
 *
 * Owns nothing.  Lists come in pages and are put together here.
 */

import { ApiError, call } from './api';

export interface TemplateRow {
    id: string;
    own: boolean;
    title: string;
    shortcut?: string;
    /* ids, and the names that cards show; none: all queues */
    queues: readonly string[];
    queue_names: readonly string[];
    langs: readonly string[];
    choices: boolean;
    revision: number;
}

export interface TemplateText {
    lang: string;
    text: string;
    choices?: readonly string[];
}

export interface Template extends TemplateRow {
    texts: readonly TemplateText[];
}

export interface TemplateChanges {
    revision: number;
    reset: boolean;
    items: readonly TemplateRow[];
    gone: readonly { own: boolean; id: string }[];
}

/* What is saved: everything that an agent may choose. */
export type TemplateFields = Pick<Template, 'title' | 'queues' | 'texts'>
    & { shortcut: string };

const pathOf = ({ own, id }: { own: boolean; id: string }) =>
    `v1/${own ? 'me/' : ''}templates/${id}`;

/* What has changed since a revision.  The first page says as of when: what
   changes while the others are read is known to the next reading alone. */
export async function listTemplates(since: number): Promise<TemplateChanges> {
    const items: TemplateRow[] = [];
    let first: Record<string, unknown> | undefined;
    let cursor = '';

    for (;;) {
        const page = await call('GET', `v1/templates?since=${since}&limit=500`
            + `&cursor=${encodeURIComponent(cursor)}`);

        if (!Array.isArray(page['items'])) {
            throw new ApiError('internal', 'The answer carries no list.');
        }

        first ??= page;
        items.push(...page['items'] as TemplateRow[]);

        if (typeof page['next'] !== 'string') {
            return { ...first as unknown as TemplateChanges, items };
        }

        cursor = page['next'];
    }
}

export async function readTemplate(
    row: { own: boolean; id: string },
): Promise<Template> {
    return await call('GET', pathOf(row)) as unknown as Template;
}

/* Makes it, or changes what was read as `revision`: refused as `stale` when
   somebody else has changed or removed it since. */
export async function saveTemplate(
    row: { own: boolean; id: string }, draft: TemplateFields,
    revision?: number,
): Promise<Template> {
    return await call('PUT', pathOf(row), draft, revision === undefined
        ? {} : { 'If-Match': `"t${revision}"` }) as unknown as Template;
}

export async function removeTemplate(
    row: { own: boolean; id: string },
): Promise<void> {
    await call('DELETE', pathOf(row));
}

export interface TextFault {
    text: string;
    line: number;
    column: number;
}

/* What a text becomes with values of examples, or what is wrong with it. */
export async function tryText(
    text: string,
): Promise<{ text?: string; fault?: TextFault }> {
    return await call('POST', 'v1/templates/check', { text });
}
