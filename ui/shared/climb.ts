/*
 * From long-poll back to the socket, as soon as one comes through.
 *
 * Purpose:    beside a long-poll that works, tries a socket from time to time
 *             and whenever the network changes.
 * Owner:      its timer and the socket on trial; the end that climb() gives
 *             lets go of both.
 * Invariants: at most one socket on trial; it is handed over with its
 *             `welcome`, else nobody hears of it.
 */

import type { DialSocket, Ear, GetHello, Transport } from './transport';

const FIRST_MS = 10_000;
const MAX_MS = 60_000;
const TRIAL_MS = 8_000;


/* `better`: this socket takes over; it gives who hears it from now on.
   Returns what ends the climb. */
export function climb(hello: GetHello, dialSocket: DialSocket,
                      better: (socket: Transport) => Ear): () => void
{
    let wait = FIRST_MS;
    let trial: Transport | null = null;
    let timer = setTimeout(attempt, jitter(wait));

    function attempt(): void {
        const ear: Ear = {
            open: () => void sayHello(socket),
            hear(frame) {
                if (frame.t === 'welcome') {
                    trial = null;
                    Object.assign(ear, better(socket));
                    ear.hear(frame);
                }
            },
            lost: later,
        };
        const socket = dialSocket(ear);

        trial = socket;
        again(TRIAL_MS, later);
    }

    async function sayHello(socket: Transport): Promise<void> {
        try {
            socket.send({ t: 'hello', ...await hello('socket') });

        } catch {
            if (socket === trial) {
                later();
            }
        }
    }

    function later(): void {
        letGo();
        wait = Math.min(MAX_MS, wait * 2);
        again(jitter(wait), attempt);
    }

    function again(ms: number, call: () => void): void {
        clearTimeout(timer);
        timer = setTimeout(call, ms);
    }

    function letGo(): void {
        trial?.close();
        trial = null;
    }

    function onNetwork(): void {
        if (trial === null) {
            wait = FIRST_MS;
            again(0, attempt);
        }
    }

    addEventListener('online', onNetwork);

    return () => {
        removeEventListener('online', onNetwork);
        clearTimeout(timer);
        letGo();
    };
}

/* Up to a quarter less, so that many pages do not come at once. */
function jitter(ms: number): number {
    return ms * (1 - Math.random() / 4);
}
