/*
 * Frames over a WebSocket.
 *
 * Purpose:    one socket, from its address to its close code.
 * Owner:      the socket; close() gives it up.
 * Invariants: see transport.ts.
 */

import { CLOSES, type ServerFrame } from './tables';
import type { Ear, Transport } from './transport';

const PROTOCOL = 'chatdesk.v1';

/* the browser's word for an end without a close frame */
const NO_CODE = 1006;


export function dialSocket(url: string, ear: Ear): Transport {
    const address = new URL(url, document.baseURI).href;
    const socket = new WebSocket(address.replace(/^http/, 'ws'), PROTOCOL);

    const close = () => {
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close(CLOSES.NORMAL);
    };

    const lost = (code: number) => {
        close();
        ear.lost(code);
    };

    socket.onopen = () => ear.open?.();
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
