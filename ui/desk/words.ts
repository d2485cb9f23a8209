/*
 * What a notice says to a person: title and body.
 *
 * Pure; the page and the worker that tells of it while no page is open say
 * the same.
 */

import type { NoticeKind } from '../shared/tables';

export interface Told {
    kind: NoticeKind;
    name?: string | undefined;
    queue?: string | undefined;
    count?: number | undefined;
    preview?: string | undefined;
}

export function wordsOf(told: Told): [title: string, body: string] {
    const name = told.name || 'Visitor';
    const queue = told.queue ?? 'a queue';
    const count = told.count ?? 0;

    switch (told.kind) {
    case 'offer':
        return [`New chat: ${name}`, told.preview || `Waiting in ${queue}`];
    case 'wait':
        return [`Long wait in ${queue}`,
                count === 1 ? '1 chat waits too long'
                            : `${count} chats wait too long`];
    case 'hand':
        return [`A hand is raised: ${name}`,
                `An agent asks for help in ${queue}`];
    default:
        return [count > 1 ? `${name} (${count})` : name,
                told.preview || (count > 1 ? `${count} new messages`
                                           : 'New message')];
    }
}
