// One AWS account seen raw: who we are there, and any operation of the table by name. For `doctor` and
// `aws call`; everything else goes through the ports that say what they want.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"

namespace k3fleet::ports {

struct AwsCredentials {
    std::string source;         // "profile dev of ~/.aws/config, role ...": where they were found.
    std::string access_key_id;  // Names the key; it is no secret.
    std::optional<Timestamp> expires_at;
};

struct AwsOperation {
    std::string service;
    std::string name;
    std::string protocol;  // "ec2", "json 1.1".
    std::string repeat;    // Why a second try does no harm: "safe", "token", ..., "never".
    bool reads = false;    // Changes nothing.
};

// A call that has ended, with all its tries: for whoever wants to know what was asked of AWS, and to ask AWS
// about it by the request's id.
struct AwsCallSeen {
    std::string service;
    std::string operation;
    std::string outcome;     // "200", AWS's own code ("AccessDenied"), or "no answer".
    std::string request_id;  // Of the last try; empty: AWS gave none.
    int tries = 0;
    Duration took{};
};
using AwsCallObserver = std::function<void(const AwsCallSeen&)>;

class AwsAccount {
public:
    virtual ~AwsAccount() = default;

    virtual const std::string& region() const = 0;
    // PermissionDenied if there are none; the message says where was looked and what to do.
    virtual Result<AwsCredentials> credentials() = 0;
    // "https://sts.ap-southeast-1.amazonaws.com"; InvalidArgument if the service is not known.
    virtual Result<std::string> endpoint(const std::string& service) = 0;
    // What AWS's clock said in its last answer, less ours at that moment; empty before the first answer.
    virtual std::optional<Duration> clock_offset() const = 0;

    // Sorted by service and name.
    virtual std::vector<AwsOperation> operations() const = 0;
    // `request` by the member names of AWS's model. InvalidArgument: not in the table, or a member that does
    // not exist. AWS's own refusals as adapters get them, with `provider_code`.
    virtual Result<Value> call(const std::string& service, const std::string& operation,
                               const Value& request) = 0;
};

}  // namespace k3fleet::ports
