/*
 * What the build makes: small enough, and nothing but text for the page.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const UI = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'ui');
const run = promisify(execFile);

let folder;
let said;

before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatdesk-ui-'));
    said = (await run(process.execPath,
        [join(UI, 'build.mjs'), '--check', `--out=${folder}`])).stdout;
});

after(() => rm(folder, { recursive: true, force: true }));


/* The scripts of the widget, by name. */

async function scripts() {
    const names = await readdir(join(folder, 'widget'));

    return Promise.all(names.map(async (name) =>
        [name, await readFile(join(folder, 'widget', name), 'utf8')]));
}


test('the sizes are within their budgets', () => {
    assert.match(said, /^widget loader +\d+ of 3072 bytes gzip$/m);
    assert.match(said, /^widget panel +\d+ of 25600 bytes gzip$/m);
    assert.doesNotMatch(said, /TOO LARGE/);
});


test('only widget.js has a name that stays', async () => {
    for (const [name] of await scripts()) {
        assert.match(name, /^widget\.js$|^[a-z_]+-[0-9A-Z]{8}\.js$/);
    }
});


/* proves: V21 */
test('no code from strings, no host of others', async () => {
    for (const [name, text] of await scripts()) {
        assert.doesNotMatch(text, /\beval\(|new Function\b/, name);
        assert.deepEqual(
            (text.match(/https?:\/\/[a-z0-9.-]+/g) ?? [])
                .filter((url) => url !== 'http://www.w3.org'), [], name);
    }
});
