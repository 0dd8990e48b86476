// The port AwsAccount on the real client: this machine's files, variables and terminal, and any operation of
// the table by name.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/api.h"
#include "aws/recording_api.h"
#include "base/result.h"
#include "ports/aws_account.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace k3fleet::aws {

struct AccountOptions {
    std::string profile;    // Empty: as the AWS CLI chooses.
    std::string region;     // Empty: that of variables or the profile; may stay empty.
    std::string state_dir;  // Sessions that took a person's help are kept below it.
    std::function<std::string(const std::string&)> variable;  // Of the environment; empty text if unset.
    ports::AwsCallObserver observe;  // Called after each call, possibly several at once; may be empty.
    enum class Person { Absent, AtTerminal } person = Person::Absent;  // For codes of MFA devices.
};

// The account, and its client for the adapters of other ports.
class ApiAccount : public ports::AwsAccount {
public:
    virtual Api& api() = 0;
};

// InvalidArgument or NotFound, with file and line: files, variables or the profile contradict themselves.
// Refused: a file with secrets is open to others. Asks nothing of anybody yet. Clock and random must outlive
// the account.
Result<std::unique_ptr<ApiAccount>> open_account(const AccountOptions& options, ports::Clock& clock,
                                                 ports::Random& random);

// A call as those who watch are told of it.
ports::AwsCallSeen seen(const Measured& call);

// The whole table, for people.
std::vector<ports::AwsOperation> all_operations();

}  // namespace k3fleet::aws
