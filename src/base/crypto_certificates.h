// Keys and certificates of people: what is needed to ask an authority for one and to look at what it gave.
// Chains and servers' names are TLS's (net/tls.h).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace k3fleet::crypto {

// A new private key on the curve P-256: PKCS #8, PEM. Random as libcrypto is.
Result<Secret> make_private_key();

// Whom a certificate names, as Kubernetes reads it: user and group.
struct Subject {
    std::string common_name;
    std::string organization;
    friend bool operator==(const Subject&, const Subject&) = default;
};

// A request (PKCS #10, PEM) for that subject, signed by the key. InvalidArgument: a name is empty, longer
// than the 64 characters that X.509 allows, or not printable ASCII; the key is none.
Result<std::string> certificate_request(const Secret& key, const Subject& subject);

struct Certificate {
    Subject subject;  // The first of each; empty if there is none.
    Timestamp not_before;
    Timestamp not_after;
};

// The first certificate of a PEM text. Corrupt if there is none.
Result<Certificate> read_certificate(std::string_view pem);

// Whether the certificate's key is this one. Corrupt, InvalidArgument: one of them cannot be read.
Result<bool> belongs(std::string_view certificate, const Secret& key);

}  // namespace k3fleet::crypto
