// libcrypto's X.509 behind owners that free.
#include "base/crypto_certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::crypto {
namespace {

struct Free {
    void operator()(BIO* it) const { BIO_free_all(it); }
    void operator()(EVP_PKEY* it) const { EVP_PKEY_free(it); }
    void operator()(X509* it) const { X509_free(it); }
    void operator()(X509_REQ* it) const { X509_REQ_free(it); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::size_t kLongestName = 64;  // ub-common-name and ub-organization-name of RFC 5280.

Owned<BIO> reader(std::string_view text) {
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Wiped when it is freed: keys go through it.
Owned<BIO> writer() { return Owned<BIO>(BIO_new(BIO_s_secmem())); }

std::string written(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(std::max(size, 0L))};
}

Result<Owned<EVP_PKEY>> key_of(const Secret& pem) {
    const auto bio = reader(pem.reveal());
    // Without a question for a password at the terminal.
    const auto none = [](char*, int, int, void*) { return -1; };
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, none, nullptr));
    if (!key) return fail(ErrorCode::InvalidArgument, "this is no private key");
    return key;
}

Result<Owned<X509>> certificate_of(std::string_view pem) {
    const auto bio = reader(pem);
    Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) return fail(ErrorCode::Corrupt, "this is no certificate");
    return certificate;
}

Status check_name(std::string_view what, const std::string& name) {
    const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (!name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, printable)) return {};
    return fail(ErrorCode::InvalidArgument,
                format("a certificate's {} has 1 to {} printable characters, '{}' has {}", what, kLongestName,
                       name.substr(0, kLongestName), name.size()));
}

Result<Timestamp> moment(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return fail(ErrorCode::Corrupt, "a certificate's time is none");
    using namespace std::chrono;
    const year_month_day day{year{parts.tm_year + 1900}, month{static_cast<unsigned>(parts.tm_mon + 1)},
                             std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
    return Timestamp{sys_days{day}} + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

std::string first_of(const X509_NAME* name, int kind) {
    const int at = X509_NAME_get_index_by_NID(name, kind, -1);
    if (at < 0) return "";
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) return "";
    std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return out;
}

bool add(X509_NAME* name, int kind, const std::string& text) {
    return X509_NAME_add_entry_by_NID(name, kind, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
}

}  // namespace

Result<Secret> make_private_key() {
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const auto out = writer();
    if (!key || !out ||
        PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(ErrorCode::Internal, "libcrypto makes no key");
    return Secret(written(out.get()));
}

Result<std::string> certificate_request(const Secret& key, const Subject& subject) {
    K3F_TRY(check_name("user", subject.common_name));
    K3F_TRY(check_name("group", subject.organization));
    const auto own = K3F_TRY(key_of(key));
    const Owned<X509_REQ> request(X509_REQ_new());
    const auto out = writer();
    K3F_CHECK(request && out);
    X509_NAME* name = X509_REQ_get_subject_name(request.get());
    const bool done = X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                      add(name, NID_organizationName, subject.organization) &&
                      add(name, NID_commonName, subject.common_name) &&
                      X509_REQ_set_pubkey(request.get(), own.get()) == 1 &&
                      X509_REQ_sign(request.get(), own.get(), EVP_sha256()) > 0 &&
                      PEM_write_bio_X509_REQ(out.get(), request.get()) == 1;
    if (!done) return fail(ErrorCode::InvalidArgument, "libcrypto makes no certificate request of this key");
    return written(out.get());
}

Result<Certificate> read_certificate(std::string_view pem) {
    const auto certificate = K3F_TRY(certificate_of(pem));
    const X509_NAME* name = X509_get_subject_name(certificate.get());
    return Certificate{.subject = {.common_name = first_of(name, NID_commonName),
                                   .organization = first_of(name, NID_organizationName)},
                       .not_before = K3F_TRY(moment(X509_get0_notBefore(certificate.get()))),
                       .not_after = K3F_TRY(moment(X509_get0_notAfter(certificate.get())))};
}

Result<bool> belongs(std::string_view certificate, const Secret& key) {
    const auto theirs = K3F_TRY(certificate_of(certificate));
    const auto own = K3F_TRY(key_of(key));
    return EVP_PKEY_eq(X509_get0_pubkey(theirs.get()), own.get()) == 1;
}

}  // namespace k3fleet::crypto
