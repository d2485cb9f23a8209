/*
 * The HTTP interface for agents: login, session, ticket, logout.
 *
 * Owns nothing; the session is a cookie that scripts cannot read.  Every
 * answer is checked before it is believed.  A refusal is an ApiError whose
 * code is one of the table of errors, or `unreachable` when no answer came.
 */

const BASE = './api/';

export interface Person {
    who: string;
    name: string;
    role: string;
}

export class ApiError extends Error {
    readonly code: string;
    readonly retryAfterMs: number;

    /* the field at fault, empty for none */
    readonly field: string;

    constructor(code: string, text: string, retryAfterMs = 0, field = '') {
        super(text);
        this.field = field;
        this.name = 'ApiError';
        this.code = code;
        this.retryAfterMs = retryAfterMs;
    }
}

export async function login(
    name: string, password: string,
): Promise<Person> {
    return asPerson(await call('POST', 'login', { login: name, password }));
}

export async function currentSession(): Promise<Person> {
    return asPerson(await call('GET', 'session'));
}

export async function newTicket(): Promise<string> {
    const body = await call('POST', 'ticket');

    if (typeof body['ticket'] !== 'string') {
        throw new ApiError('internal', 'The answer carries no ticket.');
    }

    return body['ticket'];
}

export async function logout(): Promise<void> {
    await call('POST', 'logout');
}

/* A request of the interface; the answer is an object, empty for none. */
export async function call(
    method: string, path: string, body?: object,
    headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
    let response: Response;

    try {
        response = await fetch(BASE + path, {
            method,
            credentials: 'same-origin',
            cache: 'no-store',
            headers: {
                ...headers, ...(body && { 'Content-Type': 'application/json' }),
            },
            ...(body && { body: JSON.stringify(body) }),
        });

    } catch {
        throw new ApiError('unreachable', 'The desk cannot be reached.');
    }

    const answer = response.status === 204 ? {} : await readObject(response);

    if (!response.ok) {
        throw refusal(response, answer);
    }

    return answer;
}

async function readObject(
    response: Response,
): Promise<Record<string, unknown>> {
    try {
        const value: unknown = await response.json();

        if (value !== null && typeof value === 'object') {
            return value as Record<string, unknown>;
        }

    } catch {
        /* a page of a proxy in between, not our JSON: judged by status */
    }

    return {};
}

function refusal(
    response: Response, answer: Record<string, unknown>,
): ApiError {
    const { code, text, field, retry_after: wait } = answer;
    const seconds = Number(response.headers.get('Retry-After') ?? 0);

    return new ApiError(
        typeof code === 'string' ? code : codeOfStatus(response.status),
        typeof text === 'string' ? text : response.statusText,
        typeof wait === 'number' ? wait : (seconds || 0) * 1000,
        typeof field === 'string' ? field : '',
    );
}

function codeOfStatus(status: number): string {
    switch (status) {
    case 401:
        return 'unauthorized';
    case 403:
        return 'forbidden';
    case 429:
        return 'rate_limited';
    default:
        return status >= 500 ? 'unavailable' : 'internal';
    }
}

function asPerson(body: Record<string, unknown>): Person {
    const { who, name, role } = body;

    if (typeof who !== 'string' || typeof name !== 'string') {
        throw new ApiError('internal', 'The answer names nobody.');
    }

    return { who, name, role: typeof role === 'string' ? role : 'agent' };
}
