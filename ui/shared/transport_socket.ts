/*
 * Frames over a WebSocket.
 *
 * Purpose:    one socket, from its address to its close code.
 * Owner:      the socket; close() gives it up.
 * Invariants: see transport.ts.
 */

import { CLOSES, type HelloFrame, type ServerFrame } from './tables';
import type { Ear, Transport } from './transport';

const PROTOCOL = 'chatdesk.v1';

/* agreed on by a desk that takes the hello from the handshake */
const GREETED = 'chatdesk.v1.hello';

/* the browser's word for an end without a close frame */
const NO_CODE = 1006;


/* All that a browser can say in a handshake are subprotocols: of letters,
   digits, `-` and `_`. */
function offer(hello: HelloFrame): string[] {
    const text = btoa(JSON.stringify(hello)).replace(/[+/=]/g,
        (sign) => ({ '+': '-', '/': '_' })[sign] ?? '');

    return [PROTOCOL, GREETED, `hello.${text}`];
}


/* `hello`: is said with the handshake, a round trip earlier; `ear.open` is
   called when the desk did not take it. */
export function dialSocket(url: string, ear: Ear,
                           hello?: HelloFrame): Transport
{
    const address = new URL(url, document.baseURI).href;
    const socket = new WebSocket(address.replace(/^http/, 'ws'),
                                 hello ? offer(hello) : PROTOCOL);

    const close = () => {
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close(CLOSES.NORMAL);
    };

    const lost = (code: number) => {
        close();
        ear.lost(code);
    };

    socket.onopen = () => {
        if (socket.protocol !== GREETED) {
            ear.open?.();
        }
    };
    socket.onclose = ({ code }) => lost(code === NO_CODE ? 0 : code);
    socket.onmessage = ({ data }) => {
        let frame: ServerFrame;

        try {
            frame = JSON.parse(data);
        } catch {
            lost(0);
            return;
        }

        ear.hear(frame);
    };

    return { send: (frame) => socket.send(JSON.stringify(frame)), close };
}
