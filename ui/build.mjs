/*
 * Builds the browser side into ../build/ui/{widget,desk,demo}/.
 *
 *   node build.mjs             build
 *   node build.mjs --check     build, then fail when a size budget is exceeded
 *   node build.mjs --watch     build again at every change
 *   node build.mjs --out=DIR   build into another folder
 *
 * Purpose:    one place that says which files exist and how large they are.
 * Owner:      the folders widget, desk and demo below the output folder.
 * Invariants: only widget.js, the desk's push_worker.js and the pages have
 *             names that stay; every other file carries its content's hash
 *             and may be cached for ever.
 */

import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, watch, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

import * as esbuild from 'esbuild';
import { minify } from 'terser';

const HERE = dirname(fileURLToPath(import.meta.url));

const { values: OPTIONS } = parseArgs({
    options: {
        check: { type: 'boolean' },
        watch: { type: 'boolean' },
        out: { type: 'string', default: join(HERE, '..', 'build', 'ui') },
    },
});

const OUT = resolve(OPTIONS.out);

/* gzip, bytes */
const BUDGETS = {
    'widget loader': 3 * 1024,
    'widget panel': 25 * 1024,
    'desk first load': 70 * 1024,
};

const BROWSERS = ['chrome105', 'firefox110', 'safari16.4'];

/* A style sheet imported by a script arrives as minified text. */

const cssAsText = {
    name: 'css-as-text',
    setup(build) {
        build.onResolve({ filter: /\.css$/ }, (args) => {
            if (args.kind !== 'import-statement') {
                return null;
            }

            return {
                path: join(args.resolveDir, args.path),
                namespace: 'css-text',
            };
        });

        build.onLoad({ filter: /.*/, namespace: 'css-text' }, async (args) => {
            const source = await readFile(args.path, 'utf8');
            const { code } = await esbuild.transform(source, {
                loader: 'css',
                minify: true,
                target: BROWSERS,
            });

            return {
                contents: code.trim(),
                loader: 'text',
                watchFiles: [args.path],
            };
        });
    },
};

/* Scripts are made smaller once more after esbuild.  Their names tell the
   content that esbuild made: the line says what else it came through. */

const POLISH = {
    ecma: 2020,
    compress: { passes: 2 },
    format: { comments: false },
};
const POLISHED = `/* ${JSON.stringify(POLISH)} */`;

const COMMON = {
    absWorkingDir: HERE,
    bundle: true,
    minify: true,
    charset: 'utf8',
    target: BROWSERS,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    banner: { js: POLISHED },
    plugins: [cssAsText],
};


/* Name of the output file made from an entry point. */

function outputOf(metafile, entry) {
    const found = Object.entries(metafile.outputs)
        .find(([, output]) => output.entryPoint === entry);

    return found && basename(found[0]);
}


/* An output and all that it imports without being asked. */

function firstLoad(metafile, entry) {
    const start = Object.entries(metafile.outputs)
        .find(([, output]) => output.entryPoint === entry);
    const files = new Set();
    const todo = [start[0]];

    while (todo.length > 0) {
        const path = todo.pop();

        if (files.has(path)) {
            continue;
        }

        files.add(path);

        for (const item of metafile.outputs[path].imports) {
            if (item.kind === 'import-statement') {
                todo.push(item.path);
            }
        }
    }

    return [...files].map((path) => join(HERE, path));
}


async function make(options) {
    const result = await esbuild.build(options);
    const scripts = Object.keys(result.metafile.outputs)
        .map((path) => join(HERE, path))
        .filter((path) => path.endsWith('.js'));

    await Promise.all(scripts.map(async (path) => {
        const { code } = await minify(await readFile(path, 'utf8'), {
            ...POLISH, module: options.format === 'esm',
        });

        await writeFile(path, code);
    }));

    return result;
}


async function bundle(entries, folder, more = {}) {
    return make({
        ...COMMON,
        entryPoints: entries,
        outdir: join(OUT, folder),
        format: 'esm',
        splitting: true,
        entryNames: '[name]-[hash]',
        chunkNames: '[name]-[hash]',
        assetNames: '[name]-[hash]',
        ...more,
    });
}


async function buildWidget() {
    await rm(join(OUT, 'widget'), { recursive: true, force: true });

    const panel = await bundle(['widget/panel.tsx'], 'widget');
    const name = outputOf(panel.metafile, 'widget/panel.tsx');

    await make({
        ...COMMON,
        entryPoints: { widget: 'embed/loader.ts' },
        outdir: join(OUT, 'widget'),
        format: 'iife',
        define: { PANEL_FILE: JSON.stringify(`./${name}`) },
    });

    return {
        'widget loader': [join(OUT, 'widget', 'widget.js')],
        'widget panel': firstLoad(panel.metafile, 'widget/panel.tsx'),
    };
}


/* The page names its files as {{script}} and {{style}}. */

async function buildDesk() {
    const script = 'desk/main.tsx';
    const style = 'desk/desk.css';

    if (!existsSync(join(HERE, script))) {
        return {};
    }

    await rm(join(OUT, 'desk'), { recursive: true, force: true });

    const entries = existsSync(join(HERE, style)) ? [script, style] : [script];
    const { metafile } = await bundle(entries, 'desk');
    await make({
        ...COMMON,
        entryPoints: ['desk/push_worker.ts'],
        outdir: join(OUT, 'desk'),
        format: 'iife',
    });

    const page = await readFile(join(HERE, 'desk', 'index.html'), 'utf8');
    const files = firstLoad(metafile, script);

    if (entries.length > 1) {
        files.push(...firstLoad(metafile, style));
    }

    await writeFile(join(OUT, 'desk', 'index.html'), page
        .replaceAll('{{script}}', outputOf(metafile, script))
        .replaceAll('{{style}}', outputOf(metafile, style) ?? ''));

    return { 'desk first load': files };
}


async function buildDemo() {
    await rm(join(OUT, 'demo'), { recursive: true, force: true });
    await mkdir(join(OUT, 'demo'), { recursive: true });
    await cp(join(HERE, 'embed', 'demo'), join(OUT, 'demo'),
             { recursive: true });

    return {};
}


async function gzipSize(files) {
    const parts = await Promise.all(files.map((file) => readFile(file)));

    return parts.reduce((sum, part) => sum + gzipSync(part).length, 0);
}


/* Prints every size beside its budget; false when one is exceeded. */

async function report(groups) {
    let fits = true;

    for (const [name, files] of Object.entries(groups)) {
        const size = await gzipSize(files);
        const over = size > BUDGETS[name];

        fits &&= !over;
        console.log(
            `${name.padEnd(16)} ${String(size).padStart(6)} of `
            + `${BUDGETS[name]} bytes gzip${over ? '  TOO LARGE' : ''}`);
    }

    return fits;
}


async function buildAll() {
    const groups = {
        ...await buildWidget(),
        ...await buildDesk(),
        ...await buildDemo(),
    };

    return report(groups);
}


async function watchAll() {
    for await (const change of watch(HERE, { recursive: true })) {
        if (/^(shared|embed|widget|desk)\//.test(change.filename ?? '')) {
            await buildAll().catch((error) => console.error(error.message));
        }
    }
}


const fits = await buildAll();

if (OPTIONS.check && !fits) {
    process.exit(1);
}

if (OPTIONS.watch) {
    await watchAll();
}
