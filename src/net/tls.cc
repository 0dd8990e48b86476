// Everything that touches certificates, on OpenSSL's C interface.
#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>

#include "base/text.h"

namespace k3fleet::net {

namespace {

template <typename T, void (*Free)(T*)>
struct Freer {
    void operator()(T* p) const { Free(p); }
};
using Bio = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES, GENERAL_NAMES_free>>;

// Where the distributions keep the one file with all trusted certificates.
constexpr std::array kSystemCaFiles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL, Amazon Linux
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older ones of that family
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",                                  // Alpine without the package, BSDs
};

// The newest error of this thread's queue, which is emptied.
std::string openssl_error() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(code);
    return reason == nullptr ? "unknown error" : reason;
}

std::unexpected<Error> bad_option(std::string_view what) {
    return fail(ErrorCode::InvalidArgument, format("{}: {}", what, openssl_error()));
}

// For encrypted keys: no passphrase, and above all no question on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

Bio reader(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Status trust_pem(SSL_CTX* context, const std::string& pem) {
    const Bio bio = reader(pem);
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    int count = 0;
    while (const Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)}) {
        if (X509_STORE_add_cert(store, certificate.get()) != 1)
            return bad_option("cannot use a CA certificate");
        ++count;
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (count == 0 || !at_end)
        return bad_option("the CA certificates cannot be read; expected PEM text with BEGIN CERTIFICATE");
    ERR_clear_error();
    return {};
}

Status trust_file(SSL_CTX* context, const std::string& path) {
    if (SSL_CTX_load_verify_file(context, path.c_str()) == 1) return {};
    return bad_option(
        format("cannot read trusted certificates from '{}'; expected a file of PEM certificates", path));
}

Status load_trust(SSL_CTX* context, const TlsOptions& options) {
    const bool given = !options.ca_pem.empty() || !options.ca_file.empty();
    if (!options.ca_pem.empty()) K3F_TRY(trust_pem(context, options.ca_pem));
    if (!options.ca_file.empty()) K3F_TRY(trust_file(context, options.ca_file));
    // A certificate that was given is an anchor even if it is not self-signed: that is what giving it means.
    if (given) X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    if (given && options.trust == TlsOptions::Trust::GivenElseSystem) return {};
    const std::string system = K3F_TRY(find_system_ca_file(options));
    return trust_file(context, system);
}

Status load_identity(SSL_CTX* context, const TlsOptions& options) {
    const bool has_certificate = !options.client_certificate_pem.empty();
    if (!has_certificate && options.client_key_pem.empty()) return {};
    if (!has_certificate || options.client_key_pem.empty())
        return fail(ErrorCode::InvalidArgument,
                    "a client certificate needs its key and the other way round: give both");

    const Bio chain = reader(options.client_certificate_pem);
    const Certificate own(PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr));
    if (own == nullptr || SSL_CTX_use_certificate(context, own.get()) != 1)
        return bad_option("the client certificate cannot be read; expected PEM text with BEGIN CERTIFICATE");
    while (Certificate next{PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)}) {
        if (SSL_CTX_add0_chain_cert(context, next.get()) != 1)
            return bad_option("the client certificate's chain cannot be used");
        [[maybe_unused]] auto* const owned_by_context = next.release();
    }
    ERR_clear_error();

    const Bio key_text = reader(options.client_key_pem.reveal());
    const Key key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, nullptr));
    if (key == nullptr)
        return bad_option(
            "the client key cannot be read; expected PEM text with BEGIN PRIVATE KEY, unencrypted");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
        return bad_option("the client key does not belong to the client certificate");
    return {};
}

std::string name_text(const X509_NAME* name) {
    const Bio bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string time_text(const ASN1_TIME* time) {
    tm parts = {};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
    return format("{:04}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                  parts.tm_hour, parts.tm_min);
}

std::string one_name(const GENERAL_NAME* name) {
    if (name->type == GEN_DNS) {
        const auto* text = name->d.dNSName;
        return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                static_cast<std::size_t>(ASN1_STRING_length(text))};
    }
    if (name->type != GEN_IPADD) return {};
    const auto* bytes = name->d.iPAddress;
    const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
    if (family == AF_INET6 && ASN1_STRING_length(bytes) != 16) return {};
    char text[INET6_ADDRSTRLEN];
    return ::inet_ntop(family, ASN1_STRING_get0_data(bytes), text, sizeof text) == nullptr ? "" : text;
}

// The names a certificate is for, a few of them.
std::string names_of(const X509* certificate) {
    constexpr int kMaxShown = 6;
    const Names names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> shown;
    const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
    for (int i = 0; i < count && i < kMaxShown; ++i) {
        if (auto name = one_name(sk_GENERAL_NAME_value(names.get(), i)); !name.empty())
            shown.push_back(std::move(name));
    }
    if (count > kMaxShown) shown.emplace_back("…");
    return shown.empty() ? "no name at all" : join(shown, ", ");
}

}  // namespace

Result<TlsContext> make_tls_context(const TlsOptions& options) {
    TlsContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (context == nullptr)
        return fail(ErrorCode::Internal, format("cannot set up TLS: {}", openssl_error()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS);  // Idle connections then cost 32 KiB less each.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    ERR_clear_error();
    K3F_TRY(load_trust(context.get(), options));
    K3F_TRY(load_identity(context.get(), options));
    return context;
}

Result<std::string> find_system_ca_file(const TlsOptions& options) {
    if (!options.system_ca_file.empty()) return options.system_ca_file;
    for (const char* path : kSystemCaFiles) {
        if (::access(path, R_OK) == 0) return std::string(path);
    }
    return fail(
        ErrorCode::NotFound,
        "this machine has no file of trusted certificates: install the package ca-certificates, or name a "
        "file of PEM certificates in the variable SSL_CERT_FILE");
}

Status expect_peer(ssl_st* session, const std::string& name) {
    X509_VERIFY_PARAM* expected = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // Also tells literals from names; a name fails here and leaves an error behind.
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1) return {};
    ERR_clear_error();
    if (X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size()) == 1 &&
        SSL_set_tlsext_host_name(session, name.c_str()) == 1)
        return {};
    return fail(ErrorCode::InvalidArgument,
                format("'{}' cannot be a certificate's name: {}", name, openssl_error()));
}

std::string describe_rejection(x509_store_ctx_st* verification, const std::string& name,
                               const TlsOptions& options) {
    const int code = X509_STORE_CTX_get_error(verification);
    const X509* certificate = X509_STORE_CTX_get_current_cert(verification);
    if (certificate == nullptr) return X509_verify_cert_error_string(code);
    const bool given = !options.ca_pem.empty() || !options.ca_file.empty();
    switch (code) {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return format(
                "its certificate was issued by '{}', which {}; if that issuer is right, put its certificate "
                "(PEM) in {}",
                name_text(X509_get_issuer_name(certificate)),
                given ? "is not the CA that was given" : "this machine does not trust", options.ca_setting);
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return format("its certificate is for {}, not for '{}'; call it by a name the certificate has",
                          names_of(certificate), name);
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return format("the certificate of '{}' expired on {}; renew it, or check this machine's clock",
                          name_text(X509_get_subject_name(certificate)),
                          time_text(X509_get0_notAfter(certificate)));
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return format("the certificate of '{}' is valid only from {}; check this machine's clock",
                          name_text(X509_get_subject_name(certificate)),
                          time_text(X509_get0_notBefore(certificate)));
        default:
            return format("the certificate of '{}' is not accepted: {}",
                          name_text(X509_get_subject_name(certificate)), X509_verify_cert_error_string(code));
    }
}

}  // namespace k3fleet::net
