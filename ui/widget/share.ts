/*
 * What the tabs of one visitor tell one another, and what the leading tab
 * tells its own screen in the same words.
 */

import type { LinkState } from '../shared/connection';
import type { OutboxItem } from '../shared/outbox';
import type { ErrorCode, ServerFrame, WindowFrame } from '../shared/tables';

/* Everything about the visitor's side that is not in the feed. */
export interface Status {
    link: LinkState;
    /* when the next attempt to connect is due, 0 when none is */
    retryAt: number;
    /* close code, when denied */
    denial: number;
    /* why the desk does not let us in at the moment */
    trouble: ErrorCode | '';
    who: string;
    device: string;
    conv: string;
    maxText: number;
    /* messages under way, oldest first */
    items: readonly OutboxItem[];
}

/* What a screen may ask of the leading tab. */
export type Command =
    | { do: 'push' }
    | { do: 'typing'; on: boolean }
    | { do: 'seen'; v: number }
    | { do: 'end' }
    | { do: 'fresh' }
    | { do: 'retry'; id: string }
    | { do: 'discard'; id: string }
    | { do: 'follow' }
    /* another tab that works alone has opened or left a conversation */
    | { do: 'rejoin' }
    | { do: 'wake' };

export type Message =
    /* everything, please (answer: copy); are you there (answer: status) */
    | { m: 'ask' }
    | { m: 'ping' }
    | { m: 'copy'; status: Status; window: WindowFrame | null }
    | { m: 'status'; status: Status }
    | { m: 'frame'; frame: ServerFrame }
    | { m: 'command'; command: Command }
    | { m: 'forget' };
