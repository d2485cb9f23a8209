/*
 * TLS to Redis; see the header.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_redis_tls.h.
 */

#include "ngx_http_chatdesk_redis_tls.h"

#define NGX_HTTP_CHATDESK_TLS_DEPTH  4


#if (NGX_SSL)

char *
ngx_http_chatdesk_tls_conf(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *conf)
{
    ngx_ssl_t           *ssl;
    ngx_pool_cleanup_t  *cln;

    ssl = ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t));
    if (ssl == NULL) {
        return NGX_CONF_ERROR;
    }

    ssl->log = cf->log;

    if (ngx_ssl_create(ssl, NGX_SSL_TLSv1_2|NGX_SSL_TLSv1_3, NULL) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        ngx_ssl_cleanup_ctx(ssl);
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_ssl_cleanup_ctx;
    cln->data = ssl;

    /* output that was not taken is offered again longer and elsewhere */

    SSL_CTX_set_mode(ssl->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE
                               |SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

    if (ngx_ssl_trusted_certificate(cf, ssl, &conf->tls_ca,
                                    NGX_HTTP_CHATDESK_TLS_DEPTH)
        != NGX_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no certificates to trust in \"%V\", expected a "
                           "file of them as PEM", &conf->tls_ca);
        return NGX_CONF_ERROR;
    }

    conf->ssl = ssl;

    return NGX_CONF_OK;
}


/* The name that must stand in the certificate, terminated in `buf`: the one
   that is configured, else the host or address that is connected to. */

static const char *
ngx_http_chatdesk_tls_name(ngx_connection_t *c,
    ngx_http_chatdesk_redis_conf_t *conf, u_char *buf, size_t size)
{
    size_t      len;
    ngx_str_t  *name;

    name = conf->tls_name.len ? &conf->tls_name : &conf->host;

    if (name->len) {
        (void) ngx_cpystrn(buf, name->data, ngx_min(name->len + 1, size));

    } else {
        len = ngx_sock_ntop(c->sockaddr, c->socklen, buf, size - 1, 0);
        buf[len] = '\0';
    }

    return (const char *) buf;
}


static ngx_uint_t
ngx_http_chatdesk_tls_is_address(const char *name)
{
    u_char     buf[sizeof(struct in6_addr)];
    in_addr_t  addr;

    addr = ngx_inet_addr((u_char *) name, ngx_strlen(name));

    if (addr != INADDR_NONE) {
        return 1;
    }

    return ngx_inet6_addr((u_char *) name, ngx_strlen(name), buf) == NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_tls_start(ngx_connection_t *c,
    ngx_http_chatdesk_redis_conf_t *conf, ngx_connection_handler_pt done)
{
    ngx_int_t    rc;
    u_char       buf[256];
    const char  *name;

    c->pool = ngx_create_pool(512, c->log);
    if (c->pool == NULL) {
        return NGX_ERROR;
    }

    if (ngx_ssl_create_connection(conf->ssl, c, NGX_SSL_CLIENT) != NGX_OK) {
        return NGX_ERROR;
    }

    name = ngx_http_chatdesk_tls_name(c, conf, buf, sizeof(buf));

    if (!ngx_http_chatdesk_tls_is_address(name)
        && SSL_set_tlsext_host_name(c->ssl->connection, (char *) name) == 0)
    {
        return NGX_ERROR;
    }

    rc = ngx_ssl_handshake(c);

    if (rc == NGX_AGAIN) {
        c->ssl->handler = done;
    }

    return rc;
}


const char *
ngx_http_chatdesk_tls_verify(ngx_connection_t *c,
    ngx_http_chatdesk_redis_conf_t *conf)
{
    int          good;
    long         rc;
    X509        *cert;
    u_char       buf[256];
    const char  *name;

    if (!c->ssl->handshaked) {
        return "the TLS handshake failed";
    }

    rc = SSL_get_verify_result(c->ssl->connection);

    if (rc != X509_V_OK) {
        return X509_verify_cert_error_string(rc);
    }

    cert = SSL_get_peer_certificate(c->ssl->connection);
    if (cert == NULL) {
        return "the server has no certificate";
    }

    name = ngx_http_chatdesk_tls_name(c, conf, buf, sizeof(buf));

    good = ngx_http_chatdesk_tls_is_address(name)
           ? X509_check_ip_asc(cert, name, 0)
           : X509_check_host(cert, name, 0, 0, NULL);

    X509_free(cert);

    return good == 1 ? NULL : "the certificate is for another name";
}


void
ngx_http_chatdesk_tls_close(ngx_connection_t *c)
{
    if (c->ssl != NULL) {

        /* both: it must end now, whatever the peer does */

        c->ssl->no_wait_shutdown = 1;
        c->ssl->no_send_shutdown = 1;
        (void) ngx_ssl_shutdown(c);
    }

    if (c->pool != NULL) {
        ngx_destroy_pool(c->pool);
        c->pool = NULL;
    }
}

#else

char *
ngx_http_chatdesk_tls_conf(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *conf)
{
    (void) conf;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"tls=on\" in \"chatdesk_redis\" needs an nginx that "
                       "was built with TLS");

    return NGX_CONF_ERROR;
}

#endif
