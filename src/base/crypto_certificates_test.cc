#include "base/crypto_certificates.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>

#include "tests/support/certificates.h"

namespace k3fleet::crypto {
namespace {

const Subject kAlice{.common_name = "aws:user/alice", .organization = "k3fleet:operators"};

TEST(Certificates, AKeyIsNewEachTimeAndOnTheCurveThatWasChosen) {
    const Secret one = make_private_key().value();
    const Secret other = make_private_key().value();
    EXPECT_TRUE(one.reveal().starts_with(std::string("-----BEGIN ") + "PRIVATE KEY-----\n"));
    EXPECT_NE(one.reveal(), other.reveal());
    EXPECT_LT(one.reveal().size(), 300U);  // An RSA key has 1700.
}

TEST(Certificates, ARequestNamesTheSubjectAndIsSignedByItsKey) {
    const Secret key = make_private_key().value();
    const std::string pem = certificate_request(key, kAlice).value();
    EXPECT_TRUE(pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509_REQ* request = PEM_read_bio_X509_REQ(bio, nullptr, nullptr, nullptr);
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
    char* line = X509_NAME_oneline(X509_REQ_get_subject_name(request), nullptr, 0);
    EXPECT_STREQ(line, "/O=k3fleet:operators/CN=aws:user\\/alice");
    OPENSSL_free(line);
    X509_REQ_free(request);
    BIO_free(bio);
}

TEST(Certificates, RefusesNamesThatX509DoesNotTake) {
    const Secret key = make_private_key().value();
    for (const std::string& bad :
         {std::string(), std::string(65, 'a'), std::string("a\nb"), std::string("ä")}) {
        EXPECT_EQ(certificate_request(key, {.common_name = bad, .organization = "g"}).error().code,
                  ErrorCode::InvalidArgument)
            << bad;
        EXPECT_EQ(certificate_request(key, {.common_name = "u", .organization = bad}).error().code,
                  ErrorCode::InvalidArgument)
            << bad;
    }
    EXPECT_TRUE(certificate_request(key, {.common_name = std::string(64, 'a'), .organization = "g"}));
    EXPECT_EQ(certificate_request(Secret("nonsense"), kAlice).error().code, ErrorCode::InvalidArgument);
}

TEST(Certificates, SaysWhomACertificateNamesUntilWhenAndWhoseKeyItHas) {
    const support::TestCa authority("test authority");
    const auto issued = authority.issue({.common_name = "aws:user/alice"});
    const Certificate read = read_certificate(issued.certificate_pem).value();
    EXPECT_EQ(read.subject.common_name, "aws:user/alice");
    EXPECT_EQ(read.subject.organization, "");
    EXPECT_EQ(read.not_after - read.not_before, std::chrono::hours{2});
    const Secret theirs(issued.key_pem);
    EXPECT_EQ(belongs(issued.certificate_pem, theirs).value(), true);
    EXPECT_EQ(belongs(issued.certificate_pem, make_private_key().value()).value(), false);
    EXPECT_EQ(read_certificate("nonsense").error().code, ErrorCode::Corrupt);
    EXPECT_EQ(belongs("nonsense", theirs).error().code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace k3fleet::crypto
