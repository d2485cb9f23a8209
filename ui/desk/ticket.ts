/*
 * A ticket for a socket, in the words of the connection: a login that is over
 * is denied.
 *
 * Owns nothing.
 */

import { Denied } from '../shared/connection';
import { ApiError, newTicket } from './api';

export async function ticket(): Promise<string> {
    try {
        return await newTicket();

    } catch (error) {
        if (error instanceof ApiError && error.code === 'unauthorized') {
            throw new Denied();
        }

        throw error;
    }
}
