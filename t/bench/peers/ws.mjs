/*
 * A relay as it is written with `ws` and Redis: what /pub/X gets, every
 * socket at /sub/X gets, on whatever server it is.
 *
 * Purpose:    the plainest thing on Node.js beside which ChatDesk is
 *             measured; nothing is stored, checked or acknowledged.
 * Owner:      a channel is subscribed while it has sockets.
 * Invariants: one subscription of Redis a channel, as an operator would
 *             have it.
 *
 *   node ws.mjs PORT REDIS-SOCKET
 */

import { createServer } from 'node:http';

import { createClient } from 'redis';
import { WebSocketServer } from 'ws';

const [port, path] = process.argv.slice(2);
const publisher = createClient({ socket: { path } });
const subscriber = publisher.duplicate();
const channels = new Map();

await Promise.all([publisher.connect(), subscriber.connect()]);

function subscribe(name, socket) {
    const members = channels.get(name);

    if (members) {
        members.add(socket);
        return;
    }

    channels.set(name, new Set([socket]));
    subscriber.subscribe(name, (text) => {
        for (const member of channels.get(name) ?? []) {
            member.send(text);
        }
    });
}

function leave(name, socket) {
    const members = channels.get(name);

    members.delete(socket);

    if (members.size === 0) {
        channels.delete(name);
        subscriber.unsubscribe(name);
    }
}

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

sockets.on('connection', (socket, request) => {
    const [, what, name] = request.url.split('/');

    socket.on('error', () => {});

    if (what === 'pub') {
        socket.on('message', (data) => publisher.publish(name, data.toString()));
        return;
    }

    subscribe(name, socket);
    socket.on('close', () => leave(name, socket));
});

server.listen({ port: Number(port), host: '127.0.0.1', backlog: 16384 });
