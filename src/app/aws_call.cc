#include "app/aws_call.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace k3fleet::app {

namespace {

// "describe-instances" and "describeinstances" mean DescribeInstances.
std::string plain(const std::string& text) {
    std::string out = lower(text);
    std::erase(out, '-');
    std::erase(out, '_');
    return out;
}

std::string services_of(const std::vector<ports::AwsOperation>& operations) {
    std::set<std::string> names;
    for (const auto& operation : operations) names.insert(operation.service);
    return join({names.begin(), names.end()}, ", ");
}

// Operations whose name holds the wanted one, or begins alike.
std::vector<std::string> near(const std::vector<ports::AwsOperation>& operations, const std::string& wanted) {
    std::vector<std::string> names;
    for (const auto& operation : operations) {
        const std::string name = plain(operation.name);
        const bool related = name.contains(wanted) || wanted.contains(name) ||
                             (wanted.size() > 5 && name.starts_with(wanted.substr(0, wanted.size() / 2 + 1)));
        if (related) names.push_back(operation.name);
    }
    return names;
}

}  // namespace

Result<std::vector<ports::AwsOperation>> operations_of(const std::vector<ports::AwsOperation>& operations,
                                                       const std::string& service) {
    if (service.empty()) return operations;
    std::vector<ports::AwsOperation> found;
    for (const auto& operation : operations)
        if (operation.service == lower(service)) found.push_back(operation);
    if (found.empty())
        return fail(ErrorCode::InvalidArgument, format("this program calls no service '{}'\nthere are: {}",
                                                       service, services_of(operations)));
    return found;
}

Result<ports::AwsOperation> find_operation(const std::vector<ports::AwsOperation>& operations,
                                           const std::string& service, const std::string& name) {
    const auto known = K3F_TRY(operations_of(operations, service));
    const std::string wanted = plain(name);
    for (const auto& operation : known)
        if (plain(operation.name) == wanted) return operation;
    const auto hints = near(known, wanted);
    const std::string hint = hints.empty() ? format("'k3fleet aws operations {}' lists them", service)
                                           : "perhaps: " + join(hints, ", ");
    return fail(ErrorCode::InvalidArgument,
                format("'{}' is no operation of {} that this program may call\n{}", name, service, hint));
}

}  // namespace k3fleet::app
