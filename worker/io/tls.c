/*
 * TLS without a socket; see tls.h.
 *
 * Purpose:    OpenSSL between two buffers in memory.
 * Owner:      a struct tls owns its SSL, which owns both buffers.
 * Invariants: the error queue of OpenSSL is empty before each call of it.
 */

#include "io/tls.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct tls_context {
    SSL_CTX  *ctx;
};

struct tls {
    SSL   *ssl;
    BIO   *in;                  /* of ssl */
    BIO   *out;                 /* of ssl */
    char   why[160];
};


struct tls_context *
tls_context_new(const char *ca, struct fault *fault)
{
    struct tls_context  *context = calloc(1, sizeof(*context));

    if (context == NULL) {
        fault_set(fault, "no memory for TLS");
        return NULL;
    }

    context->ctx = SSL_CTX_new(TLS_client_method());

    if (context->ctx == NULL
        || SSL_CTX_set_min_proto_version(context->ctx, TLS1_2_VERSION) != 1)
    {
        fault_set(fault, "TLS cannot be set up");
        tls_context_free(&context);
        return NULL;
    }

    if (SSL_CTX_load_verify_locations(context->ctx, ca, NULL) != 1) {
        fault_set(fault, "%s: expected certificates to trust, as PEM", ca);
        ERR_clear_error();
        tls_context_free(&context);
        return NULL;
    }

    SSL_CTX_set_verify(context->ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context->ctx, SSL_MODE_RELEASE_BUFFERS);

    return context;
}


void
tls_context_free(struct tls_context **slot)
{
    struct tls_context  *context = *slot;

    *slot = NULL;

    if (context != NULL) {
        SSL_CTX_free(context->ctx);
        free(context);
    }
}


/* The name that the certificate must have; 0, or -1. */

static int
tls_expect(SSL *ssl, const char *name)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1) {
        return 0;
    }

    ERR_clear_error();

    return SSL_set1_host(ssl, name) == 1
           && SSL_set_tlsext_host_name(ssl, name) == 1 ? 0 : -1;
}


struct tls *
tls_new(struct tls_context *context, const char *name)
{
    struct tls  *tls = calloc(1, sizeof(*tls));

    if (tls == NULL) {
        return NULL;
    }

    tls->ssl = SSL_new(context->ctx);
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());

    if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL) {
        BIO_free(tls->in);
        BIO_free(tls->out);
        tls_free(&tls);
        return NULL;
    }

    /* an empty buffer means "later", not the end */
    BIO_set_mem_eof_return(tls->in, -1);
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_connect_state(tls->ssl);

    if (tls_expect(tls->ssl, name) != 0) {
        tls_free(&tls);
    }

    return tls;
}


void
tls_free(struct tls **slot)
{
    struct tls  *tls = *slot;

    *slot = NULL;

    if (tls != NULL) {
        SSL_free(tls->ssl);
        free(tls);
    }
}


int
tls_feed(struct tls *tls, const char *data, size_t len)
{
    return len <= INT_MAX
           && BIO_write(tls->in, data, (int) len) == (int) len ? 0 : -1;
}


int
tls_shake(struct tls *tls)
{
    int  rc;

    ERR_clear_error();
    rc = SSL_do_handshake(tls->ssl);

    if (rc == 1) {
        return 1;
    }

    return SSL_get_error(tls->ssl, rc) == SSL_ERROR_WANT_READ ? 0 : -1;
}


const char *
tls_why(struct tls *tls)
{
    long         verdict = SSL_get_verify_result(tls->ssl);
    const char  *reason = ERR_reason_error_string(ERR_peek_last_error());

    if (SSL_get_shutdown(tls->ssl) & SSL_RECEIVED_SHUTDOWN) {
        reason = "the server has ended it";
    }

    if (verdict != X509_V_OK) {
        reason = X509_verify_cert_error_string(verdict);
    }

    snprintf(tls->why, sizeof(tls->why), "TLS: %s",
             reason != NULL ? reason : "failed");
    ERR_clear_error();

    return tls->why;
}


int
tls_read(struct tls *tls, char *buf, size_t cap)
{
    int  rc;

    ERR_clear_error();
    rc = SSL_read(tls->ssl, buf, cap > INT_MAX ? INT_MAX : (int) cap);

    if (rc > 0) {
        return rc;
    }

    return SSL_get_error(tls->ssl, rc) == SSL_ERROR_WANT_READ ? 0 : -1;
}


int
tls_write(struct tls *tls, const char *data, size_t len)
{
    ERR_clear_error();

    /* memory takes all or nothing */
    return len <= INT_MAX && SSL_write(tls->ssl, data, (int) len) == (int) len
           ? 0 : -1;
}


char *
tls_output(struct tls *tls, size_t *len)
{
    char  *bytes;

    *len = BIO_ctrl_pending(tls->out);

    if (*len == 0 || *len > INT_MAX) {
        return NULL;
    }

    bytes = malloc(*len);

    if (bytes != NULL) {
        BIO_read(tls->out, bytes, (int) *len);
    }

    return bytes;
}
