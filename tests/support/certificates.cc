// X.509 by libcrypto. Any failure ends the test program: there is no test to run without certificates.
#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/check.h"

namespace k3fleet::support {

namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

template <typename Write>
std::string pem_text(Write write) {
    const Bio bio(BIO_new(BIO_s_mem()), BIO_free_all);
    K3F_CHECK(write(bio.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
    return pem_text([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string to_pem(EVP_PKEY* key) {
    return pem_text(
        [&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    K3F_CHECK(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Key new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

// Without extensions and unsigned.
Certificate blank(const CertificateSpec& spec, EVP_PKEY* key, long serial) {
    Certificate certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), static_cast<long>(spec.valid_from.count()));
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), static_cast<long>(spec.valid_until.count()));
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(spec.common_name.c_str()), -1, -1, 0);
    return certificate;
}

}  // namespace

struct TestCa::State {
    Key key{nullptr, EVP_PKEY_free};
    Certificate certificate{nullptr, X509_free};
    long next_serial = 2;
};

TestCa::TestCa(const std::string& common_name) : state_(std::make_unique<State>()) {
    state_->key = new_key();
    state_->certificate = blank({.common_name = common_name}, state_->key.get(), 1);
    X509* const own = state_->certificate.get();
    X509_set_issuer_name(own, X509_get_subject_name(own));
    extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
    extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    K3F_CHECK(X509_sign(own, state_->key.get(), EVP_sha256()) > 0);
}

TestCa::~TestCa() = default;

std::string TestCa::certificate_pem() const { return to_pem(state_->certificate.get()); }

Identity TestCa::issue(const CertificateSpec& spec) const {
    const Key key = new_key();
    const Certificate certificate = blank(spec, key.get(), state_->next_serial++);
    X509* const issuer = state_->certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    extend(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    extend(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    std::string names;
    for (const auto& name : spec.names) names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) extend(certificate.get(), issuer, NID_subject_alt_name, names);
    K3F_CHECK(X509_sign(certificate.get(), state_->key.get(), EVP_sha256()) > 0);
    return {.certificate_pem = to_pem(certificate.get()), .key_pem = to_pem(key.get())};
}

Identity TestCa::issue_local() const {
    return issue({.common_name = "local test server", .names = {"DNS:localhost", "IP:127.0.0.1"}});
}

}  // namespace k3fleet::support
