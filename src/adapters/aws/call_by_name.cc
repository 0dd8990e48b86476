#include "adapters/aws/call_by_name.h"

#include "aws/gen/registry.h"
#include "aws/value.h"
#include "base/text.h"

namespace k3fleet::aws {
namespace {

// A request or an answer whose type is known at run time only. Null type: AWS sends nothing there.
struct Structure {
    explicit Structure(const Type* of) : type(of), at(of == nullptr ? nullptr : of->make()) {}
    ~Structure() {
        if (at != nullptr) type->destroy(at);
    }
    Structure(const Structure&) = delete;
    Structure& operator=(const Structure&) = delete;

    const Type* type;
    void* at;
};

}  // namespace

Result<Value> call_by_name(Api& api, const std::string& service, const std::string& name,
                           const Value& request) {
    const Operation* operation = find_operation(service, name);
    if (operation == nullptr)
        return fail(ErrorCode::InvalidArgument, format("there is no operation {} of {}", name, service));
    const Structure input(operation->input);
    const Structure output(operation->output);
    if (input.type != nullptr) {
        K3F_TRY(from_value(*input.type, request, input.at, name));
        K3F_TRY(check_required(*input.type, input.at, name));
    } else if (!request.members().empty()) {
        return fail(ErrorCode::InvalidArgument, format("{} takes no members", name));
    }
    K3F_TRY(api.invoke(*operation, input.at, output.at, {}));
    return output.type == nullptr ? Value::object() : to_value(*output.type, output.at);
}

}  // namespace k3fleet::aws
