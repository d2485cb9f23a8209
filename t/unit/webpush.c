/*
 * What push services and browsers need: encryption, tokens, addresses.
 *
 * link: worker/io/webpush.c worker/io/p256.c worker/io/base64url.c
 * link: worker/io/global_address.c worker/io/https_url.c -lcrypto
 *
 * Purpose:    RFC 8291's own example byte by byte, keys that are none, and
 *             which addresses are global.
 * Owner:      nothing.
 * Invariants: none.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>

#include <cmocka.h>

#include "io/base64url.h"
#include "io/global_address.h"
#include "io/https_url.h"
#include "io/webpush.h"

/* RFC 8291, appendix A */
#define TEXT       "When I grow up, I want to be a watermelon"
#define SENDER_PUBLIC                                                         \
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8" \
    "wEqKK6PBru3jl7A8"
#define SENDER_SECRET  "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define RECEIVER                                                              \
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8p" \
    "ZGH6SRpkNtoIAiw4"
#define SALT       "DGv6ra1nlYgDCS1FRnbzlw"
#define AUTH       "BTBZMqHH6r4Tts7J_aSIgg"
#define BODY                                                                  \
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"        \
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"        \
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"


/* proves: N5 */

static void
test_rfc_8291(void **state)
{
    char                 text[BASE64URL_SIZE(WEBPUSH_RECORD)];
    size_t               len;
    EVP_PKEY            *sender;
    unsigned char        point[P256_POINT], secret[P256_SECRET];
    unsigned char        salt[WEBPUSH_SALT], body[WEBPUSH_RECORD];
    struct webpush_keys  keys;

    (void) state;
    assert_int_equal(base64url_read(point, P256_POINT, SENDER_PUBLIC), 0);
    assert_int_equal(base64url_read(secret, P256_SECRET, SENDER_SECRET), 0);
    assert_int_equal(base64url_read(salt, WEBPUSH_SALT, SALT), 0);
    assert_int_equal(webpush_keys_read(&keys, RECEIVER, AUTH), 0);

    sender = p256_pair(secret, point);
    assert_non_null(sender);
    len = webpush_encrypt(&keys, sender, salt, TEXT, strlen(TEXT), body);
    assert_int_equal(len, WEBPUSH_HEAD + strlen(TEXT) + 1 + WEBPUSH_TAG);
    base64url_write(text, body, len);
    assert_string_equal(text, BODY);

    EVP_PKEY_free(sender);
}


static void
test_longest(void **state)
{
    EVP_PKEY            *sender = p256_new();
    unsigned char        body[WEBPUSH_RECORD];
    const unsigned char  salt[WEBPUSH_SALT] = { 0 };
    static char          text[WEBPUSH_TEXT + 1];
    struct webpush_keys  keys;

    (void) state;
    assert_non_null(sender);
    assert_int_equal(webpush_keys_read(&keys, RECEIVER, AUTH), 0);
    assert_int_equal(webpush_encrypt(&keys, sender, salt, text, WEBPUSH_TEXT,
                                     body), WEBPUSH_RECORD);
    assert_int_equal(webpush_encrypt(&keys, sender, salt, text,
                                     WEBPUSH_TEXT + 1, body), 0);
    EVP_PKEY_free(sender);
}


/* What no browser gives. */

static void
test_bad_keys(void **state)
{
    size_t               i;
    char                 text[sizeof(RECEIVER)];
    unsigned char        point[P256_POINT];
    struct webpush_keys  keys;
    static const struct { const char *p256dh; const char *auth; } bad[] = {
        { "", AUTH },
        { RECEIVER, "" },
        { RECEIVER "A", AUTH },
        { RECEIVER, AUTH "=" },
        { RECEIVER, "BTBZMqHH6r4Tts7J_aSIgh" },     /* bits at the end */
        { RECEIVER, "BTBZMqHH6r4Tts7J+aSIgg" },
        { AUTH, AUTH }
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (webpush_keys_read(&keys, bad[i].p256dh, bad[i].auth) == 0) {
            fail_msg("these keys were taken: %s %s", bad[i].p256dh,
                     bad[i].auth);
        }
    }

    /* beside the curve; zero; another form of the same point */
    for (i = 0; i < 3; i++) {
        assert_int_equal(base64url_read(point, P256_POINT, RECEIVER), 0);
        point[40] ^= i == 0;
        memset(point + 1, i == 1 ? 0 : point[1], 1);
        if (i == 1) {
            memset(point, 0, sizeof(point));
        }
        point[0] = i == 2 ? 6 : point[0];
        base64url_write(text, point, P256_POINT);
        assert_int_equal(webpush_keys_read(&keys, text, AUTH), -1);
    }
}


static int
is_global(const char *text)
{
    struct sockaddr_in   v4 = { .sin_family = AF_INET };
    struct sockaddr_in6  v6 = { .sin6_family = AF_INET6 };

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        return global_address((struct sockaddr *) &v4, sizeof(v4));
    }

    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);

    return global_address((struct sockaddr *) &v6, sizeof(v6));
}


static void
test_addresses(void **state)
{
    size_t                    i;
    const struct sockaddr     other = { .sa_family = AF_UNIX };
    static const char *const  global[] = {
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
        "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2606:4700::1111", "2a00::1", "2001:200::", "3fff:1000::",
        "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:0808:0808::1"
    };
    static const char *const  special[] = {
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fc00::1", "fdff::1", "ff02::1",
        "2001::1", "2001:1ff::1", "2001:db8::1", "3fff::1", "4000::1",
        "100::1", "64:ff9b:1::1", "::127.0.0.1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::1", "2002:c0a8:101::1"
    };

    (void) state;

    for (i = 0; i < sizeof(global) / sizeof(global[0]); i++) {
        if (!is_global(global[i])) {
            fail_msg("%s is refused", global[i]);
        }
    }

    for (i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (is_global(special[i])) {
            fail_msg("%s is let through", special[i]);
        }
    }

    assert_int_equal(global_address(&other, sizeof(other)), 0);
}


static void
test_urls(void **state)
{
    size_t                    i;
    char                      text[300] = "https://";
    static const char *const  good[] = {
        "https://push.example", "https://push.example/", "https://a/?b=c",
        "https://push.example:8443/a/b-c_d.e~f?g=h%20",
        "https://127.0.0.1:1/", "https://[::1]:443/x", "https://a?b"
    };
    static const char *const  bad[] = {
        "", "https://", "http://push.example/", "HTTPS://push.example/",
        "https:///a", "https://a@b/", "https://a:b@c/", "https://a:0/",
        "https://a:65536/", "https://a:/", "https://a:1a/",
        "https://a/#b", "https://a/b c", "https://a/\"", "https://a/\\",
        "https://a/\n", "https://A/", "https://.a/", "https://-a/",
        "https://[::1/", "https://[]/", "https://[g]/", "https://a\xc3\xa4/",
        "https://a/\x7f", "ftp://a/", " https://a/", "https://a\\@b/"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!https_url(good[i], 100)) {
            fail_msg("%s is refused", good[i]);
        }
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (https_url(bad[i], 100)) {
            fail_msg("%s is taken", bad[i]);
        }
    }

    assert_true(https_url("https://a/b", 11));
    assert_false(https_url("https://a/b", 10));
    memset(text + 8, 'a', 254);
    assert_false(https_url(text, sizeof(text)));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rfc_8291),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_bad_keys),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_urls)
    };

    return cmocka_run_group_tests_name("webpush", tests, NULL, NULL);
}
