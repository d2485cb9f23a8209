/*
 * Random ids of the protocol's form: 16 random bytes in base64url, 22
 * characters.  Works on plain http too, where crypto.randomUUID is missing.
 */

export const ID_FORM = /^[A-Za-z0-9_-]{22}$/;

export function randomId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));

    return btoa(String.fromCharCode(...bytes))
        .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
