// One call of the AWS client from the command line, with its retries, and what it sent:
// for the contract tests.
//
//   aws_probe URL TRY-TIMEOUT-MS SERVICE OPERATION JSON
//
// Prints one JSON object: ok, code, aws_code, message, tries, sent (the bodies), answer.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "adapters/local/clock.h"
#include "adapters/local/random.h"
#include "aws/gen/registry.h"
#include "aws/retry/retrying_api.h"
#include "aws/signed_api.h"
#include "aws/value.h"
#include "base/json.h"
#include "tests/support/test_keys.h"

namespace {

using namespace k3fleet;

// Remembers what goes out.
class Tap final : public net::HttpClient {
public:
    explicit Tap(net::HttpClient& inner) : inner_(inner) {}
    Result<net::HttpResponse> send(const net::HttpRequest& request, net::HttpTrace& trace) override {
        sent.push(request.body);
        return inner_.send(request, trace);
    }
    Value sent = Value::array();

private:
    net::HttpClient& inner_;
};

using Owned = std::unique_ptr<void, void (*)(void*)>;

// Null where the operation takes or gives nothing.
Owned fresh(const aws::Type* type) {
    return type == nullptr ? Owned(nullptr, [](void*) {}) : Owned(type->make(), type->destroy);
}

Value call(const std::string& url, Duration try_timeout, const aws::Operation& operation,
           const Value& input) {
    local::SystemClock clock;
    local::SystemRandom random;
    support::TestKeys keys;
    const auto http = net::make_http_client();
    Tap tap(*http);
    aws::SignedApi once(
        tap, keys, clock, random,
        {.region = "ap-southeast-1", .rules = {.custom_url = [&](const aws::Service&) { return url; }}});
    retry::RetryingApi api(once, clock, random, {.try_timeout = try_timeout});

    const auto request = fresh(operation.input);
    const auto response = fresh(operation.output);
    Status done;
    if (request) done = aws::from_value(*operation.input, input, request.get(), operation.name);
    aws::CallReport report;
    if (done) done = api.invoke(operation, request.get(), response.get(), {.report = &report});
    Value shown = Value::object({{"ok", done.has_value()}, {"tries", report.tries}, {"sent", tap.sent}});
    if (done) return response ? shown.set("answer", aws::to_value(*operation.output, response.get())) : shown;
    shown.set("code", to_string(done.error().code));
    shown.set("aws_code", done.error().provider_code);
    return shown.set("message", done.error().describe());
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 6) return 1;
    const auto* operation = k3fleet::aws::find_operation(arguments[3], arguments[4]);
    const auto input = k3fleet::json::parse(arguments[5]);
    if (operation == nullptr || !input) {
        std::fprintf(stderr, "no such operation, or no JSON\n");
        return 1;
    }
    const k3fleet::Duration try_timeout{std::strtol(arguments[2], nullptr, 10)};
    std::puts(k3fleet::json::write(call(arguments[1], try_timeout, *operation, *input)).c_str());
    return 0;
}
