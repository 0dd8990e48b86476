// AWS credentials: what they are, who provides them, and how callers get valid ones.
//
// A Provider fetches credentials from one place each time it is asked. A CredentialSource hands them to
// whoever signs: fetched once, refreshed before they expire, one refresh at a time (refreshing.h).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace k3fleet::credentials {

struct Credentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;              // Empty for long-lived keys.
    std::optional<Timestamp> expires;  // Empty: never.
};

class Provider {
public:
    virtual ~Provider() = default;
    // Where the credentials come from, for `doctor` and errors: "profile dev, role arn:… (config:12)". No
    // secrets.
    virtual std::string describe() const = 0;
    // Called by one thread at a time; may take seconds. NotFound: this place is not set up, the next one may
    // be asked. Every other error is the answer: somebody meant this place, and it does not work.
    virtual Result<Credentials> fetch() = 0;
};

class CredentialSource {
public:
    virtual ~CredentialSource() = default;
    virtual std::string describe() const = 0;
    // Valid ones, at once if there are any. Thread-safe.
    virtual Result<Credentials> get() = 0;
    // AWS says that these, which came from get(), are not valid (any more): the next get() fetches afresh.
    // Whether that can help: false for keys that do not change by themselves.
    virtual bool reject(const Credentials& used) = 0;
};

}  // namespace k3fleet::credentials
