/*
 * The desk's service worker, as pages see it: push_worker.ts.
 *
 * Owns its registration, which is the browser's: it outlives pages.
 */

const SCRIPT = './push_worker.js';

interface Policies {
    createPolicy(name: string, rules: object): {
        createScriptURL(url: string): unknown;
    };
}

/* Makes it, where there is none yet; rejects where there can be none. */
export async function register(): Promise<ServiceWorkerRegistration> {
    const made = await navigator.serviceWorker.register(scriptUrl());
    const coming = made.installing ?? made.waiting;

    if (made.active === null && coming !== null) {
        await new Promise<void>((resolve) => {
            coming.onstatechange = () => {
                if (coming.state !== 'installed') {
                    resolve();
                }
            };
        });
    }

    return made;
}

/* The one that runs, if there is one. */
export async function registration(
): Promise<ServiceWorkerRegistration | undefined> {
    const box = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    const found = await box?.getRegistration().catch(() => undefined);

    return found?.active ? found : undefined;
}

let url: unknown;

/* The page's policy lets nothing but this one address become a worker, and
   lets it be made once. */
function scriptUrl(): string {
    const { trustedTypes } = globalThis as { trustedTypes?: Policies };

    url ??= trustedTypes === undefined ? SCRIPT
        : trustedTypes.createPolicy('chatdesk-push', {
            createScriptURL: () => SCRIPT,
        }).createScriptURL(SCRIPT);

    return url as string;
}
