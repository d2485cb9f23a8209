/*
 * What carries frames between a Connection and the desk.
 *
 * Purpose:    WebSocket (transport_socket.ts) and long-poll
 *             (transport_poll.ts) look alike from above.
 * Owner:      who dialled a transport closes it.
 * Invariants: a transport that was closed or has told of its loss calls
 *             nobody any more.
 */

import type { ClientFrame, HelloFrame, ServerFrame } from './tables';

export type Rung = 'socket' | 'poll';

export type HelloFields = Omit<HelloFrame, 't'>;

/* An agent's hello needs a ticket over a socket, none over long-poll. */
export type GetHello = (over: Rung) => HelloFields | Promise<HelloFields>;

export interface Transport {
    send(frame: ClientFrame): void;
    close(): void;
}

export interface Ear {
    /* Ready for `hello`; long-poll says hello by itself. */
    open?(): void;

    hear(frame: ServerFrame): void;

    /* The desk is there, though it had nothing to say. */
    alive?(): void;

    /* `code`: a close code, 0 when nobody gave one. */
    lost(code: number): void;
}

export type DialSocket = (ear: Ear) => Transport;
