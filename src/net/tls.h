// TLS set-up and what went wrong in it, in words. OpenSSL types are only named here. Internal to net.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "net/http.h"

struct ssl_ctx_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace k3fleet::net {

using TlsContext = std::shared_ptr<ssl_ctx_st>;

// A client's context: TLS 1.2 or later, peer always verified. InvalidArgument: a certificate or key cannot be
// read. NotFound: no file with trusted certificates could be found; the message says how to name one.
Result<TlsContext> make_tls_context(const TlsOptions& options);

// The file with the system's trusted certificates, by the order that TlsOptions::system_ca_file states.
Result<std::string> find_system_ca_file(const TlsOptions& options);

// Asks the peer for `name` (SNI, unless it is an address) and accepts only a certificate for it.
Status expect_peer(ssl_st* session, const std::string& name);

// Why the verification of the peer's certificate failed, from inside the verification; with what to do about
// it.
std::string describe_rejection(x509_store_ctx_st* verification, const std::string& name,
                               const TlsOptions& options);

}  // namespace k3fleet::net
