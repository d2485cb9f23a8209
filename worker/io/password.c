/*
 * Passwords; see password.h.
 *
 * Purpose:    the few calls of libcrypt.
 * Owner:      nothing.
 * Invariants: those of password.h.
 */

#include "io/password.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "chatdesk_tables.h"


int
password_is_hash(const char *text)
{
    int  rc = crypt_checksalt(text);

    return strncmp(text, "$y$", 3) == 0 && strlen(text) > 40
           && strlen(text) <= PASSWORD_HASH_MAX
           && (rc == CRYPT_SALT_OK || rc == CRYPT_SALT_TOO_CHEAP);
}


int
password_check(const char *password, const char *hash)
{
    int                 good = 0;
    const char         *result;
    struct crypt_data  *data = calloc(1, sizeof(*data));

    if (data == NULL) {
        return -1;
    }

    result = crypt_rn(password, hash, data, sizeof(*data));

    if (result != NULL && strlen(result) == strlen(hash)) {
        good = CRYPTO_memcmp(result, hash, strlen(hash)) == 0;
    }

    explicit_bzero(data, sizeof(*data));
    free(data);

    return good;
}


int
password_make(const char *password, char *hash)
{
    int                 rc = -1;
    char                salt[CRYPT_GENSALT_OUTPUT_SIZE];
    const char         *result;
    struct crypt_data  *data = calloc(1, sizeof(*data));

    if (data == NULL) {
        return -1;
    }

    if (crypt_gensalt_rn("$y$", 0, NULL, 0, salt, sizeof(salt)) != NULL) {
        result = crypt_rn(password, salt, data, sizeof(*data));

        if (result != NULL && strlen(result) <= PASSWORD_HASH_MAX) {
            strcpy(hash, result);
            rc = 0;
        }
    }

    explicit_bzero(data, sizeof(*data));
    free(data);

    return rc;
}


const char *
password_nobody(void)
{
    /* salt and cost are those of crypt_gensalt(); the rest is no hash */
    return "$y$j9T$Jm0jSYHq5mWVcCVqGQAd7/"
           "$0000000000000000000000000000000000000000000";
}


/* Without echo where it is typed. */

static int
password_read(char *line, int size)
{
    int             typed = isatty(STDIN_FILENO);
    char           *got;
    struct termios  old, quiet;

    if (typed && tcgetattr(STDIN_FILENO, &old) == 0) {
        quiet = old;
        quiet.c_lflag &= ~(tcflag_t) ECHO;
        fputs("Password: ", stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);

    } else {
        typed = 0;
    }

    got = fgets(line, size, stdin);

    if (typed) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
        fputs("\n", stderr);
    }

    return got != NULL ? 0 : -1;
}


int
password_command(void)
{
    int     status = EXIT_FAILURE;
    char    line[2048], hash[PASSWORD_HASH_MAX + 1];
    size_t  i, len, points = 0;

    if (password_read(line, sizeof(line)) != 0) {
        fputs("hash-password: expected a password on standard input\n",
              stderr);
        return EXIT_FAILURE;
    }

    len = strcspn(line, "\r\n");
    line[len] = '\0';

    for (i = 0; i < len; i++) {
        points += ((unsigned char) line[i] & 0xc0) != 0x80;
    }

    if (points == 0 || points > cd_field_row(CD_F_PASSWORD)->max) {
        fprintf(stderr, "hash-password: expected 1 to %llu characters\n",
                (unsigned long long) cd_field_row(CD_F_PASSWORD)->max);

    } else if (password_make(line, hash) != 0) {
        fputs("hash-password: libcrypt cannot make a hash here\n", stderr);

    } else {
        puts(hash);
        status = EXIT_SUCCESS;
    }

    explicit_bzero(line, sizeof(line));

    return status;
}
