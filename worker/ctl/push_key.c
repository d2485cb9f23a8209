/*
 * A key pair for web push.
 *
 * Purpose:    what [push] of worker.ini names: a private key on P-256 as PEM.
 * Owner:      the file is the caller's.
 * Invariants: nobody else may read it; no file is written over, as browsers
 *             that have subscribed know the old key.
 */

#include "ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "io/p256.h"


int
ctl_push_key(const char *path, struct fault *fault)
{
    int        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int        rc;
    FILE      *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    EVP_PKEY  *key = file != NULL ? p256_new() : NULL;

    if (file == NULL) {
        fault_set(fault, "%s: %s", path, strerror(errno));
        return -1;
    }

    rc = key != NULL
         && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
    rc = fclose(file) == 0 && rc;
    EVP_PKEY_free(key);

    if (!rc) {
        fault_set(fault, "%s: the key cannot be written", path);
        unlink(path);
    }

    return rc ? 0 : -1;
}
