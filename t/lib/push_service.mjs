/*
 * A push service, and a receiver of webhooks, as their documents say.
 *
 *   node push_service.mjs FOLDER     with tls.pem and tls.key in it
 *
 * Purpose:    for tests: takes requests over TLS, checks who sends (RFC 8292),
 *             opens what is sent (RFC 8291), answers as it is told.
 * Owner:      its server and the keys of one browser.
 * Invariants: a line of JSON for each request on standard output; commands as
 *             lines of JSON on standard input: {"path", "answers": [[status,
 *             headers], ...]}, {"down": true}, {"up": true}.  What is not
 *             told otherwise is answered 201.  It ends with its input.
 */

import {
    createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes,
    verify,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createInterface } from 'node:readline';

const folder = process.argv[2];
const browser = createECDH('prime256v1');
const auth = randomBytes(16);
const answers = new Map();
let port = 0;

browser.generateKeys();

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const b64 = (bytes) => Buffer.from(bytes).toString('base64url');

const hkdf = (salt, secret, info, length) =>
    Buffer.from(hkdfSync('sha256', secret, salt, info, length));


/* RFC 8188 and 8291: one record. */

function open(body) {
    const salt = body.subarray(0, 16);
    const size = body.readUInt32BE(16);
    const sender = body.subarray(21, 21 + body[20]);
    const record = body.subarray(21 + body[20]);
    const material = hkdf(auth, browser.computeSecret(sender),
        Buffer.concat([Buffer.from('WebPush: info\0'),
                       browser.getPublicKey(), sender]), 32);
    const key = hkdf(salt, material, 'Content-Encoding: aes128gcm\0', 16);
    const nonce = hkdf(salt, material, 'Content-Encoding: nonce\0', 12);
    const cipher = createDecipheriv('aes-128-gcm', key, nonce);

    cipher.setAuthTag(record.subarray(-16));

    const text = Buffer.concat([cipher.update(record.subarray(0, -16)),
                                cipher.final()]);

    if (body.length > 4096 || record.length > size || text.at(-1) !== 2) {
        throw new Error('not one record that ends');
    }

    return { text: text.subarray(0, -1).toString(), salt: b64(salt),
             sender: b64(sender) };
}


/* RFC 8292: a token, signed by the key beside it. */

function whoSends(header) {
    const [, token, key] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header);
    const [head, claims, signature] = token.split('.');
    const point = Buffer.from(key, 'base64url');
    const pem = createPublicKey({
        format: 'jwk',
        key: { kty: 'EC', crv: 'P-256', x: b64(point.subarray(1, 33)),
               y: b64(point.subarray(33)) },
    });

    return {
        ...JSON.parse(Buffer.from(claims, 'base64url')),
        head: JSON.parse(Buffer.from(head, 'base64url')),
        key,
        signed: verify('sha256', Buffer.from(`${head}.${claims}`),
                       { key: pem, dsaEncoding: 'ieee-p1363' },
                       Buffer.from(signature, 'base64url')),
    };
}


function take(request, body) {
    const { headers, url: path } = request;
    const line = { path, headers, at: Date.now() };

    if (path.startsWith('/push/')) {
        try {
            line.vapid = whoSends(headers.authorization);
            line.sealed = open(body);
        } catch (error) {
            line.error = error.message;
        }
    } else {
        line.body = body.toString();
    }

    say(line);
}


const server = createServer({
    cert: readFileSync(`${folder}/tls.pem`),
    key: readFileSync(`${folder}/tls.key`),
}, (request, response) => {
    const parts = [];

    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
        const [status, headers] = answers.get(request.url)?.shift()
            ?? [201, {}];

        take(request, Buffer.concat(parts));
        response.writeHead(status, headers);
        response.end('x'.repeat(headers['x-long'] ?? 0));
    });
});

function up() {
    server.listen(port, '127.0.0.1', () => {
        const first = port === 0;

        port = server.address().port;
        say(first ? { port, p256dh: b64(browser.getPublicKey()),
                      auth: b64(auth) } : { up: true });
    });
}

function down() {
    server.close(() => say({ down: true }));
    server.closeAllConnections();
}

createInterface({ input: process.stdin }).on('line', (text) => {
    const command = JSON.parse(text);

    if (command.path) {
        answers.set(command.path, command.answers);
        say({ told: command.path });
    } else if (command.down) {
        down();
    } else {
        up();
    }
}).on('close', () => process.exit(0));

up();
