/*
 * A relay with socket.io, its rooms and its Redis adapter.
 *
 * Purpose:    what is most often picked on Node.js, beside which ChatDesk is
 *             measured; nothing is stored, checked or acknowledged.
 * Owner:      socket.io owns sockets and rooms.
 * Invariants: WebSockets only, as a client that upgrades at once.
 *
 *   node socketio.mjs PORT REDIS-SOCKET
 */

import { createServer } from 'node:http';

import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const [port, path] = process.argv.slice(2);
const publisher = createClient({ socket: { path } });
const subscriber = publisher.duplicate();

await Promise.all([publisher.connect(), subscriber.connect()]);

const server = createServer();
const io = new Server(server, {
    adapter: createAdapter(publisher, subscriber),
    transports: ['websocket'],
});

io.on('connection', (socket) => {
    socket.on('join', (room) => socket.join(room));
    socket.on('send', (room, text) => io.to(room).emit('m', text));
});

server.listen({ port: Number(port), host: '127.0.0.1', backlog: 16384 });
