/*
 * Passwords: yescrypt by libcrypt.
 *
 * Purpose:    makes and checks hashes of the form "$y$...".
 * Owner:      nothing; buffers are wiped.
 * Invariants: safe on any thread; takes some 35 ms on purpose.
 */

#ifndef CHATDESK_IO_PASSWORD_H
#define CHATDESK_IO_PASSWORD_H

#define PASSWORD_HASH_MAX  383

/* Whether this can be the hash of a password. */
int password_is_hash(const char *text);

/* 1 when the password belongs to the hash, 0 when not, -1 for memory. */
int password_check(const char *password, const char *hash);

/* A new hash of it; 0, or -1.  `hash` has room for PASSWORD_HASH_MAX + 1. */
int password_make(const char *password, char *hash);

/*
 * A hash that no password belongs to, to check against when there is no
 * account: the same work as for one that exists.
 */
const char *password_nobody(void);

/* `hash-password`: reads a line, prints its hash.  An exit status. */
int password_command(void);

#endif /* CHATDESK_IO_PASSWORD_H */
