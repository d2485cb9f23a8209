/*
 * Signing in with a built-in account.  Errors stand beside their field; a
 * throttled login says how long to wait and counts down.
 */

import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { Icon } from '../../shared/icons';
import { duration } from '../../shared/time';
import { ApiError, login } from '../api';
import type { Person } from '../api';
import { ShownIcon } from './icons';

interface Props {
    /* why somebody who was signed in stands here again */
    reason?: string;
    onSignedIn: (person: Person) => void;
}

interface Faults {
    name?: string;
    password?: string;
    whole?: string;
}

export function SignIn({ reason, onSignedIn }: Props) {
    const form = useRef<HTMLFormElement>(null);
    const faults = useSignal<Faults>({});
    const busy = useSignal(false);
    const freeAt = useSignal(0);

    const submit = async (event: Event) => {
        event.preventDefault();

        const fields = new FormData(form.current ?? undefined);
        const name = String(fields.get('username') ?? '').trim();
        const password = String(fields.get('password') ?? '');

        faults.value = missing(name, password);

        if (faults.value.name || faults.value.password || busy.value) {
            focusFault(form.current, faults.value);
            return;
        }

        busy.value = true;

        try {
            onSignedIn(await login(name.toLowerCase(), password));

        } catch (error) {
            faults.value = faultsOf(error, freeAt);
            focusFault(form.current, faults.value);

        } finally {
            busy.value = false;
        }
    };

    return (
        <main class="sign-in">
            <div class="sign-in-card">
                <header>
                    <span class="mark"><Icon name="chat" /></span>
                    <h1>Sign in to ChatDesk</h1>
                    <p class="quiet">With the account of your desk</p>
                </header>
                {reason && <p class="notice" role="status">{reason}</p>}
                <form ref={form} noValidate onSubmit={submit}>
                    <NameField fault={faults.value.name} />
                    <PasswordField fault={faults.value.password} />
                    {faults.value.whole && (
                        <p class="notice bad" role="alert">
                            {faults.value.whole}
                        </p>
                    )}
                    <Throttle until={freeAt} />
                    <SubmitButton busy={busy.value} until={freeAt} />
                </form>
            </div>
        </main>
    );
}

function missing(name: string, password: string): Faults {
    return {
        ...(name === '' && { name: 'Enter your account name.' }),
        ...(password === '' && { password: 'Enter your password.' }),
    };
}

function faultsOf(error: unknown, freeAt: Signal<number>): Faults {
    if (!(error instanceof ApiError)) {
        throw error;
    }

    switch (error.code) {
    case 'unauthorized':
        return { password: 'Account name or password is wrong.' };

    case 'rate_limited':
        freeAt.value = Date.now() + (error.retryAfterMs || 60_000);
        return {};

    case 'unreachable':
        return { whole: 'The desk cannot be reached. Check your network '
                        + 'and try again.' };

    case 'bad_origin':
    case 'forbidden':
        return { whole: error.message };

    case 'bad_request':
        return { name: 'An account name has letters, digits, dots, dashes '
                       + 'and underscores.' };

    default:
        return { whole: 'The desk cannot sign you in now. Try again in a '
                        + 'moment.' };
    }
}

function focusFault(form: HTMLFormElement | null, faults: Faults): void {
    const name = faults.name ? 'username' : faults.password ? 'password' : '';
    const field = form?.elements.namedItem(name);

    if (field instanceof HTMLInputElement) {
        field.focus();
        field.select();
    }
}

function FaultLine({ id, text }: { id: string; text: string | undefined }) {
    return text === undefined ? null : (
        <p class="field-error" id={id} role="alert">
            <Icon name="alert" size={18} />
            {text}
        </p>
    );
}

function NameField({ fault }: { fault: string | undefined }) {
    return (
        <div class="field">
            <label for="username">Account name</label>
            <input
                class="input" id="username" name="username" type="text"
                autocomplete="username" autocapitalize="none"
                spellcheck={false} maxLength={64} autofocus
                aria-invalid={fault !== undefined}
                aria-describedby="username-fault"
            />
            <FaultLine id="username-fault" text={fault} />
        </div>
    );
}

function PasswordField({ fault }: { fault: string | undefined }) {
    const shown = useSignal(false);
    const type = (shown.value ? 'text' : 'password') as 'password';

    return (
        <div class="field">
            <label for="password">Password</label>
            <div class="password">
                <input
                    class="input" id="password" name="password"
                    type={type}
                    autocomplete="current-password" maxLength={256}
                    aria-invalid={fault !== undefined}
                    aria-describedby="password-fault"
                />
                <button
                    type="button" class="icon-button"
                    aria-pressed={shown.value} aria-label="Show the password"
                    title="Show the password"
                    onClick={() => (shown.value = !shown.value)}
                >
                    <ShownIcon />
                </button>
            </div>
            <FaultLine id="password-fault" text={fault} />
        </div>
    );
}

/* Draws once a second until the time has come. */
function useCountdown(until: Signal<number>): number {
    const left = useSignal(Math.max(0, until.value - Date.now()));

    useEffect(() => {
        const look = () => {
            left.value = Math.max(0, until.value - Date.now());

            if (left.value === 0) {
                window.clearInterval(timer);
            }
        };
        const timer = window.setInterval(look, 500);

        look();
        return () => window.clearInterval(timer);
    }, [until.value]);

    return left.value;
}

function Throttle({ until }: { until: Signal<number> }) {
    const left = useCountdown(until);

    return left === 0 ? null : (
        <p class="notice" role="alert">
            Too many attempts. You can try again in
            {' '}<span class="digits">{duration(left + 999)}</span>.
        </p>
    );
}

function SubmitButton({ busy, until }: {
    busy: boolean; until: Signal<number>;
}) {
    const left = useCountdown(until);

    return (
        <button
            type="submit" class="button main large"
            disabled={busy || left > 0}
        >
            {busy && <span class="spinner" />}
            Sign in
        </button>
    );
}
