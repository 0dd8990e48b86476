// The program's AWS client behind one line of JSON a call, so that a test can compare it with boto3: reads
// {"service", "operation", "endpoint", "region", "params"}, writes {"answer"} or {"error": {code, message}}.
//
// One try a call and no retries, keys that no server checks; for servers on 127.0.0.1 only.
#include <iostream>
#include <memory>
#include <string>

#include "adapters/local/clock.h"
#include "adapters/local/random.h"
#include "aws/gen/registry.h"
#include "aws/signed_api.h"
#include "aws/value.h"
#include "base/json.h"
#include "net/http.h"

namespace k3fleet {
namespace {

class FixedKeys : public credentials::CredentialSource {
public:
    std::string describe() const override { return "fixed"; }
    Result<credentials::Credentials> get() override {
        return credentials::Credentials{.access_key_id = "test", .secret_access_key = Secret("test")};
    }
    bool reject(const credentials::Credentials&) override { return false; }
};

// A structure of a type, made and destroyed by its description.
class Made {
public:
    explicit Made(const aws::Type* type) : type_(type), data_(type != nullptr ? type->make() : nullptr) {}
    ~Made() {
        if (type_ != nullptr) type_->destroy(data_);
    }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    void* get() const { return data_; }

private:
    const aws::Type* type_;
    void* data_;
};

Result<Value> call(aws::Api& api, const Value& line) {
    const std::string service = line.string_at("service");
    const std::string name = line.string_at("operation");
    const aws::Operation* operation = aws::find_operation(service, name);
    if (operation == nullptr) return fail(ErrorCode::NotFound, "no operation " + service + "." + name);

    const Made request(operation->input);
    const Made response(operation->output);
    const Value* params = line.find("params");
    if (operation->input != nullptr && params != nullptr)
        K3F_TRY(aws::from_value(*operation->input, *params, request.get(), name));
    K3F_TRY(api.invoke(*operation, request.get(), response.get(), {.region = line.string_at("region")}));
    if (operation->output == nullptr) return Value::object();
    return aws::to_value(*operation->output, response.get(), {.secrets = aws::ValueOptions::Secrets::Shown});
}

Value to_answer(const Result<Value>& answer) {
    if (answer) return Value::object({{"answer", *answer}});
    const Error& error = answer.error();
    return Value::object(
        {{"error", Value::object({{"code", error.provider_code}, {"message", error.describe()}})}});
}

void serve() {
    const auto http = net::make_http_client();
    FixedKeys keys;
    local::SystemClock clock;
    local::SystemRandom random;
    std::string endpoint;
    aws::SignedApiOptions options;
    options.timeout = std::chrono::seconds{120};  // A busy machine is no failure.
    options.rules.custom_url = [&](const aws::Service&) { return endpoint; };
    aws::SignedApi api(*http, keys, clock, random, options);
    for (std::string text; std::getline(std::cin, text);) {
        const Result<Value> line = json::parse(text);
        endpoint = line ? line->string_at("endpoint") : "";
        const Result<Value> answer = line ? call(api, *line) : line;
        std::cout << json::write(to_answer(answer)) << std::endl;
    }
}

}  // namespace
}  // namespace k3fleet

int main() {
    k3fleet::serve();
    return 0;
}
